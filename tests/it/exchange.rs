//! Import and export: what is refused, with its path; what is understood; round trips.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::{env, fs};

use chrono::{DateTime, NaiveDate};
use roundsman::app::exchange::csv::{self, CsvNoun};
use roundsman::app::exchange::{read_document, reference, schema};
use roundsman::clock::{SeededIds, TestClock};
use roundsman::demo::region::Region;
use roundsman::demo::{SEED, company};
use roundsman::domain::exchange::Document;
use roundsman::domain::faults::Fault;
use roundsman::domain::technicians::DayEdge;
use roundsman::domain::zones::ZoneLevel;
use serde_json::{Value, json};

fn demo() -> Document {
    static DEMO: LazyLock<Document> = LazyLock::new(|| {
        let region = Region::embedded().unwrap();
        company(SEED, NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(), &region)
    });
    DEMO.clone()
}

fn ids() -> SeededIds {
    SeededIds::new(Arc::new(TestClock::at(DateTime::from_timestamp(1_792_929_600, 0).unwrap())), 5)
}

/// Reads the demo company after a change of its JSON.
fn read_changed(change: impl FnOnce(&mut Value)) -> Result<Document, Vec<Fault>> {
    let mut value = serde_json::to_value(demo()).unwrap();
    change(&mut value);
    read_document(value.to_string().as_bytes())
}

/// The fields of the faults.
fn fields(result: Result<Document, Vec<Fault>>) -> Vec<String> {
    result.unwrap_err().into_iter().map(|fault| fault.field).collect()
}

#[test]
fn a_document_is_read_as_it_was_written() {
    let written = serde_json::to_string_pretty(&demo()).unwrap();
    assert_eq!(read_document(written.as_bytes()), Ok(demo()));
    let marked = format!("\u{feff}{written}");
    assert_eq!(read_document(marked.as_bytes()), Ok(demo()));
}

#[test]
fn faults_of_all_kinds_are_found_at_once_with_their_paths() {
    let result = read_changed(|document| {
        document["technicians"][3]["limits"]["overtime_min"] = json!("much");
        document["technicians"][3]["priority"] = json!(-1);
        document["technicians"][3].as_object_mut().unwrap().remove("name");
        document["services"][1]["duration_min"] = json!(0);
        document["sites"][5]["id"] = json!("seven");
        document["sites"][4]["place"]["lat"] = json!(91.5);
        document["zones"][0]["colour"] = json!("red");
    });
    let found = fields(result);
    for path in [
        "technicians[3].limits.overtime_min",
        "technicians[3].priority",
        "technicians[3].name",
        "services[1].duration_min",
        "sites[5].id",
        "sites[4].place.lat",
        "zones[0].colour",
    ] {
        assert!(found.iter().any(|field| field == path), "{path} is not among {found:#?}");
    }
    // Nothing complains that it refers to a record with faults.
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn every_reference_must_lead_somewhere() {
    let nowhere = json!("01900000-0000-7000-8000-000000000000");
    let result = read_changed(|document| {
        document["technicians"][0]["location_id"] = nowhere.clone();
        document["technicians"][0]["skills"][0]["skill_id"] = nowhere.clone();
        document["packages"][1]["service_ids"][0] = nowhere.clone();
        document["sites"][7]["customer_id"] = nowhere.clone();
        document["equipment"][0]["pools"][0]["location_id"] = nowhere.clone();
        document["absences"][0]["technician_id"] = nowhere.clone();
    });
    let expected = [
        "equipment[0].pools[0].location_id",
        "technicians[0].location_id",
        "technicians[0].skills[0].skill_id",
        "absences[0].technician_id",
        "packages[1].service_ids[0]",
        "sites[7].customer_id",
    ];
    assert_eq!(fields(result), expected);
}

#[test]
fn names_and_ids_may_not_stand_twice() {
    let result = read_changed(|document| {
        document["skills"][5]["name"] = document["skills"][1]["name"].clone();
        document["members"][2]["email"] = json!("OWNER@hraun.example");
        document["customers"][9]["id"] = document["customers"][8]["id"].clone();
    });
    let found = fields(result);
    assert!(found.contains(&"skills[5].name".to_owned()), "{found:?}");
    assert!(found.contains(&"members[2].email".to_owned()), "{found:?}");
    assert!(found.contains(&"customers[9].id".to_owned()), "{found:?}");
}

#[test]
fn another_format_a_newer_version_and_broken_json_are_refused_in_words() {
    let of = |text: &str| read_document(text.as_bytes()).unwrap_err()[0].clone();
    assert!(of("{\"format\":").message.contains("line 1 column"));
    assert_eq!(of("[]").field, "document");
    assert_eq!(of("{\"format\":\"vroom\"}").field, "format");
    let newer = read_changed(|document| document["version"] = json!(2)).unwrap_err();
    assert_eq!((newer[0].field.as_str(), newer[0].value.as_str()), ("version", "2"));
    let unknown = read_changed(|document| document["technicans"] = json!([])).unwrap_err();
    assert_eq!(unknown[0].field, "technicans");
}

#[test]
fn lists_may_have_other_products_names_but_not_both() {
    let renamed = read_changed(|document| {
        let lists = document.as_object_mut().unwrap();
        let technicians = lists.remove("technicians").unwrap();
        lists.insert("resources".to_owned(), technicians);
        let zones = lists.remove("zones").unwrap();
        lists.insert("territories".to_owned(), zones);
    });
    assert_eq!(renamed, Ok(demo()));
    let both = read_changed(|document| document["staff"] = json!([]));
    assert_eq!(fields(both), ["staff"]);
}

#[test]
fn technicians_come_from_a_table_with_other_products_words() {
    let known = demo();
    let text = "\u{feff}Resource;Office;Latitude;Longitude;Start;Territory;Tags;Shifts;Lunch\n\
        Nína Test;Selfoss;63,9371;-21,0022;home;Sveitarfélagið Árborg|Mosfellsbær:secondary;\
        \"Plumbing:3; Heating and heat pumps\";Mon-Fri 8:00-16:30|Sat 9:00-13:00;11:30-13:00 30\n";
    let records = csv::read(CsvNoun::Technicians, text.as_bytes(), &known, &ids()).unwrap();
    let [technician] = records.technicians.as_slice() else { unreachable!("one row, one record") };
    let it = &technician.value;
    assert_eq!(it.location_id, known.locations[2].id);
    assert!((it.home.as_ref().unwrap().lat - 63.9371).abs() < 1e-9);
    assert_eq!(it.start, DayEdge::Home);
    assert_eq!(it.zones[1].level, ZoneLevel::Secondary);
    assert_eq!(it.skills.iter().map(|held| held.level).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(it.working_hours.weekly[0].days.len(), 5);
    assert_eq!(it.breaks[0].duration_min, 30);
    assert!(records.ignored_columns.is_empty());
}

#[test]
fn a_table_changes_only_the_columns_it_has() {
    let known = demo();
    let before = &known.technicians[6];
    let text = format!("name,priority,shoe_size\n\"{}\",4,43\n", before.value.name);
    let records = csv::read(CsvNoun::Technicians, text.as_bytes(), &known, &ids()).unwrap();
    let after = &records.technicians[0];
    assert_eq!(after.id, before.id);
    assert_eq!(after.value.priority, 4);
    assert_eq!(after.value.skills, before.value.skills);
    assert_eq!(after.value.working_hours, before.value.working_hours);
    assert_eq!(records.ignored_columns, ["shoe_size"]);
}

#[test]
fn faults_of_a_table_name_row_and_column_all_at_once() {
    let text = "customer,street,lat,lon\n\
        Nobody,Skeifan,64.13,-21.87\n\
        C-0001,Skeifan,north,-21.87\n\
        C-0001,Skeifan,64.13,\n\
        C-0001,Skeifan,164.13,-21.87\n\
        C-0002,Skeifan,,\n";
    let faults = csv::read(CsvNoun::Sites, text.as_bytes(), &demo(), &ids()).unwrap_err();
    let found: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    let expected = [
        "row 2, column customer",
        "row 3, column lat",
        "row 4, column lon",
        "row 5, column lat",
        "row 6, column lat",
    ];
    assert_eq!(found, expected);
    assert_eq!(faults[1].value, "north");
}

#[test]
fn a_table_without_its_columns_or_in_another_encoding_is_refused() {
    let known = demo();
    let of = |text: &[u8]| csv::read(CsvNoun::Customers, text, &known, &ids()).unwrap_err();
    assert!(of(b"email\nx@y\n")[0].message.contains("`name`"));
    assert!(of(b"name\nJ\xf3n\n")[0].message.contains("UTF-8"));
    assert!(of(b"")[0].message.contains("empty"));
    assert!(of(b"name,client\nx,y\n")[0].message.contains("earlier column"));
    assert!(of(b"name\nx,y,z\n")[0].message.contains("more cells"));
    let records = csv::read(CsvNoun::Customers, b"client\nJohn\n\n  \nJane\n", &known, &ids());
    assert_eq!(records.unwrap().customers.len(), 2);
}

#[test]
fn a_row_whose_cells_are_shifted_hides_no_fault_of_the_others() {
    let known = demo();
    let text = b"name,email\n,nobody\nAda,ada@x.is,shifted\nEva,at home\n";
    let faults = csv::read(CsvNoun::Customers, text, &known, &ids()).unwrap_err();
    let mut fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    fields.sort_unstable();
    let expected = ["row 2, column email", "row 2, column name", "row 3", "row 4, column email"];
    assert_eq!(fields, expected);
}

#[test]
fn a_customer_is_known_by_its_reference() {
    let known = demo();
    let text = "name\texternal_ref\tphone\nRenamed\tC-0003\t\nNew\tC-9999\t+354 000 0000\n";
    let records = csv::read(CsvNoun::Customers, text.as_bytes(), &known, &ids()).unwrap();
    let [changed, new] = records.customers.as_slice() else { unreachable!("two rows") };
    assert_eq!(changed.id, known.customers[2].id);
    assert_eq!(changed.value.phone, None);
    assert_eq!(changed.value.email, known.customers[2].value.email);
    assert!(known.customers.iter().all(|item| item.id != new.id));
}

#[test]
fn the_documents_tell_what_the_readers_do() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let wanted =
        [("exchange.md", reference()), ("exchange.schema.json", format!("{:#}\n", schema()))];
    for (name, text) in wanted {
        let written = fs::read_to_string(docs.join(name)).unwrap_or_default();
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(docs.join(name), text).unwrap();
        } else {
            assert!(written == text, "run: UPDATE_DOCS=1 cargo test --test it documents_tell");
        }
    }
}

#[test]
fn every_reference_of_the_schema_leads_to_a_definition() {
    let schema = schema();
    let mut open = vec![&schema];
    let mut count = 0;
    while let Some(value) = open.pop() {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(schema.pointer(pointer).is_some(), "{target} leads nowhere");
            count += 1;
        }
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    assert!(count > 50, "{count} references");
}

#[test]
fn tables_that_would_be_read_wrongly_are_refused_with_row_and_column() {
    let known = demo();
    let faults_of = |noun, text: &str| -> Vec<(String, String)> {
        let faults = csv::read(noun, text.as_bytes(), &known, &ids()).unwrap_err();
        faults.into_iter().map(|fault| (fault.field, fault.message)).collect()
    };
    let open = "name,email\n\"Ása,a@b.example\nJón,j@b.example\n";
    let found = faults_of(CsvNoun::Customers, open);
    assert_eq!(found[0].0, "row 2, column name");
    assert!(found[0].1.contains("close its quote"), "{found:?}");
    // A note may go over lines, so nothing but the quote itself shows that the rest is gone.
    let open = "name,note,email\nÁsa,\"gate,a@b.example\nJón,x,j@b.example\n";
    let found = faults_of(CsvNoun::Customers, open);
    assert_eq!((found.len(), found[0].0.as_str()), (1, "row 2, column note"));
    let closed = "name,note\nÁsa,\"the 5\"\" pipe,\nleft\"\nJón,5\" pipe\n";
    assert!(csv::read(CsvNoun::Customers, closed.as_bytes(), &known, &ids()).is_ok());
    let twice = "name,external_ref\nÁsa,K-1\nJón,K-2\nAnna,K-1\n";
    let found = faults_of(CsvNoun::Customers, twice);
    assert_eq!(found, [("row 4, column external_ref".into(), "is the same as in row 2".into())]);
    let strange = "name\nÁ\u{1}sa\n";
    let found = faults_of(CsvNoun::Customers, strange);
    assert!(found[0].1.contains("U+0001"), "{found:?}");
    let many = format!("name\n{}", "Ása\n".repeat(50_001));
    let found = faults_of(CsvNoun::Customers, &many);
    assert!(found[0].1.contains("at most 50000 rows"), "{found:?}");
    let far = "name,lat,lon,location\nÁsa,99,east,\n";
    let found = faults_of(CsvNoun::Technicians, far);
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert!(
        fields.contains(&"row 2, column lon") && fields.contains(&"row 2, column lat"),
        "{found:?}"
    );
}
