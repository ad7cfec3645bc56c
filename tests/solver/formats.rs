//! Texts of routing and care-at-home sets become models, and plans their lines.

use roundsman_solver::check::plans::verify;
use roundsman_solver::formats::{Document, Format, Rounding, routes, trsp};
use roundsman_solver::optimize::Solution;
use roundsman_solver::optimize::model::{Link, Weights, Window};
use roundsman_solver::optimize::solution::{Route, RouteStop, Score, StopKind};
use roundsman_solver::units::{
    EquipmentIdx, Metres, Moment, PlaceIdx, Seconds, ShiftIdx, TechnicianIdx, VisitIdx,
};

use crate::rich_models::solved;

const SOLOMON: &str = "\
TINY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       100          0
    1      3         4          4          5        20          2
    2      1         1          7          0        50          3
";

pub fn read(format: Format, text: &str) -> Document {
    Document::read(format, text, None).unwrap()
}

fn faults(format: Format, text: &str) -> Vec<String> {
    let faults = Document::read(format, text, None).unwrap_err();
    faults.0.iter().map(ToString::to_string).collect()
}

#[test]
fn distances_are_truncated_to_one_decimal_by_the_challenge_and_rounded_up_when_exact() {
    let dimacs = read(Format::Solomon, SOLOMON);
    let model = &dimacs.case().model;
    let leg = |model: &roundsman_solver::optimize::Model, from, to| {
        model.matrices[0].leg(Some(PlaceIdx(from)), Some(PlaceIdx(to))).travel()
    };
    // 3-4-5, and the square root of 2 is 1.414.., in tenths.
    assert_eq!((leg(model, 0, 1), leg(model, 0, 2)), (Seconds(50), Seconds(14)));
    assert_eq!(model.shifts.len(), 2);
    assert_eq!(model.shifts[0].capacity, [10]);
    assert_eq!(model.visits[0].windows, [Window::hard(Moment(50), Moment(200))]);
    assert_eq!(model.visits[1].duration, Seconds(30));
    assert_eq!(model.visits[1].delivery, [7]);
    model.check().unwrap();

    let exact = Document::read(Format::Solomon, SOLOMON, Some(Rounding::Exact)).unwrap();
    let model = &exact.case().model;
    // 1414.21.. thousandths take 1415, and are 1414 long.
    assert_eq!(leg(model, 0, 2), Seconds(1415));
    assert_eq!(model.matrices[0].legs()[2].distance(), Metres(1414));
    // A vehicle costs more than each of three places left and reached by the longest way, 5000.
    assert!(model.weights.technician_used > 3 * 5000);
}

#[test]
fn every_faulty_line_is_named() {
    let text = SOLOMON
        .replace("  3         4 ", "  NaN       4 ")
        .replace("50          3", "50         -3");
    let text = text.replace("    2      1 ", "    7      1 ");
    let found = faults(Format::Solomon, &text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0], "line 11: x is \"NaN\"; expected a number");
    assert_eq!(found[1], "line 12: customer 7, where 2 was expected");
    assert_eq!(found[2], "line 12: service time is \"-3\"; expected a number from 0");
    assert_eq!(faults(Format::Solomon, "hello").len(), 2);
}

fn stop(visit: u32, start: i64) -> RouteStop {
    RouteStop {
        kind: StopKind::Visit { visit: VisitIdx(visit), role: 0 },
        drive: Seconds(0),
        metres: Metres(0),
        arrival: Moment(start),
        start: Moment(start),
        end: Moment(start + 1),
    }
}

fn route(shift: u32, stops: Vec<RouteStop>) -> Route {
    let (departure, arrival) = (Moment(0), Moment(100));
    let (drive_home, metres_home) = (Seconds(0), Metres(0));
    Route { shift: ShiftIdx(shift), departure, stops, drive_home, metres_home, arrival }
}

#[test]
fn routes_are_written_as_lines_and_read_again() {
    let document = read(Format::Solomon, SOLOMON);
    let score = Score { cost: 1283, ..Score::default() };
    let routes = vec![route(1, vec![stop(1, 20), stop(0, 90)])];
    let text = document.write(&Solution { routes, score, ..Solution::default() }, &[]);
    assert_eq!(text, "Route #1: 2 1\nCost 128.3\n");
    let in_order = routes::Numbers::InOrder;
    let lines = routes::read(document.case(), &text, in_order).unwrap();
    assert_eq!(lines[0].stops, [Some(VisitIdx(1)), Some(VisitIdx(0))]);
    let bad = routes::read(document.case(), "Route #1: 2 9 2", in_order);
    assert_eq!(bad.unwrap_err().0.len(), 2);
}

#[test]
fn vrplib_is_read_with_matrices_and_with_coordinates() {
    let text = "NAME : tiny\nTYPE : CVRP\nDIMENSION : 3\nCAPACITY : 9\nEDGE_WEIGHT_TYPE : EXPLICIT\n\
        EDGE_WEIGHT_FORMAT : LOWER_ROW\nEDGE_WEIGHT_SECTION\n4\n5 6\nDEMAND_SECTION\n1 0\n2 3\n3 4\n\
        DEPOT_SECTION\n1\n-1\nEOF\n";
    let document = read(Format::Vrplib, text);
    let legs: Vec<i64> =
        document.case().model.matrices[0].legs().iter().map(|leg| leg.travel().0).collect();
    assert_eq!(legs, [0, 4, 5, 4, 0, 6, 5, 6, 0]);
    assert_eq!(document.case().model.visits[1].delivery, [4]);
    document.case().model.check().unwrap();

    let text = "DIMENSION : 2\nCAPACITY : 9\nSERVICE_TIME : 7\nNODE_COORD_SECTION\n1 0 0\n2 1 1\n\
        DEMAND_SECTION\n1 0\n2 3\nTIME_WINDOW_SECTION\n1 0 100\n2 10 20\nEOF";
    let document = read(Format::Vrplib, text);
    let model = &document.case().model;
    // With windows tenths: 1.41.. is 14.
    assert_eq!(model.matrices[0].legs()[1].travel(), Seconds(14));
    assert_eq!(model.visits[0].windows, [Window::hard(Moment(100), Moment(200))]);
    assert_eq!(model.visits[0].duration, Seconds(70));
}

#[test]
fn faults_of_vrplib_are_all_named() {
    let text = "DIMENSION : 2\nCAPACITY : -9\nPICKUP_SECTION\n1 2\nNODE_COORD_SECTION\n1 0 0\n3 1 1\n\
        DEMAND_SECTION\n1 0\n2 3\n";
    let found = faults(Format::Vrplib, text);
    let about = |text: &str| found.iter().any(|fault| fault.contains(text));
    assert!(about("PICKUP_SECTION is not known"), "{found:?}");
    assert!(about("node \"3\""), "{found:?}");
    assert!(about("node 2 is missing"), "{found:?}");
    assert!(about("CAPACITY is \"-9\""), "{found:?}");
}

const TRSP: &str = "\
tiny

INFO
CREW COUNT  SKILLS  TOOLS   SPARE PARTS
1 2 2 2

DEPOT TECHNICIANS AND REQUESTS
ID X Y TWS TWE Serv SKILLS TOOLS SPARE PARTS
0 0 0 0 100 0 [] [] []
1 1 1 0 100 0 [0,1] [1] [3,0]
2 2 2 10 20 5 [1] [0] [1,1]
3 3 3 30 40 5 [] [] [0,0]
";

#[test]
fn a_technician_has_skills_tools_parts_and_one_trip_to_the_depot() {
    let document = read(Format::Trsp, TRSP);
    let case = document.case();
    let model = &case.model;
    model.check().unwrap();
    assert_eq!(model.technicians[0].skills.len(), 2);
    assert_eq!(model.technicians[0].carried, [EquipmentIdx(1)]);
    assert_eq!(model.shifts[0].stock, [3, 0]);
    assert_eq!((model.shifts[0].depots[0], model.shifts[0].depot_stops_max), (PlaceIdx(0), 1));
    assert_eq!(model.shifts[0].rates.paid_second, 1);
    assert_eq!(model.weights, Weights::none());
    assert_eq!(model.visits[0].tools, [EquipmentIdx(0)]);
    assert_eq!(model.visits[0].parts, [1, 1]);
    // sqrt(2) in ten-thousandths, rounded up.
    assert_eq!(model.matrices[0].legs()[1].travel(), Seconds(14_143));
    let releases = trsp::releases(case, "# text\nID RD\n2 -1\n3 12.5\n").unwrap();
    assert_eq!(releases[0].at, None);
    assert_eq!(releases[1].at, Some(Moment(125_000)));
    assert_eq!(trsp::releases(case, "ID RD\n9 1\n2 x\n").unwrap_err().0.len(), 2);
    let depot = RouteStop { kind: StopKind::Depot { place: PlaceIdx(0) }, ..stop(0, 0) };
    let routes = vec![route(0, vec![depot, stop(0, 10), stop(1, 30)])];
    let solution = Solution { routes, ..Solution::default() };
    assert_eq!(document.write(&solution, &[]), "Route #1: 0 2 3\nCost 0\n");
}

#[test]
fn faulty_requests_are_named() {
    let text =
        TRSP.replace("10 20 5", "20 10 5").replace("[0,0]", "[0]").replace("3 3 3", "3 inf 3");
    let found = faults(Format::Trsp, &text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("before it opens"));
    assert!(found[1].contains("no number"));
}

const CARE: &str = r#"{
  "patients": [
    {"id": "p1", "time_window": [10.0, 20.0], "required_caregivers":
      [{"service": "s1", "duration": 5.0}, {"service": "s2", "duration": 5.0}],
      "synchronization": {"type": "simultaneous"}},
    {"id": "p2", "time_window": [0.5, 30.0], "required_caregivers":
      [{"service": "s1", "duration": 5.0}, {"service": "s2", "duration": 6.0}],
      "synchronization": {"type": "sequential", "distance": [2, 9]}}],
  "services": [{"id": "s1"}, {"id": "s2"}],
  "caregivers": [{"id": "c1", "abilities": ["s1"]}, {"id": "c2", "abilities": ["s1", "s2"]}],
  "distances": [[0, 1.5, 2], [1.5, 0, 3], [2, 3, 0]]
}"#;

#[test]
fn two_people_at_once_are_a_crew_and_one_after_the_other_a_link() {
    let document = read(Format::Hhcrsp, CARE);
    let model = &document.case().model;
    model.check().unwrap();
    assert_eq!(document.case().names.visits, ["p1/s1+s2", "p2/s1", "p2/s2"]);
    assert_eq!(model.visits[0].crew.len(), 2);
    // Both services of the crew are late together, so each second counts twice.
    assert_eq!(model.visits[0].windows[0].late_second, Some(2));
    assert_eq!(model.visits[1].windows[0].earliest, Moment(500));
    let (before, after) = (VisitIdx(1), VisitIdx(2));
    let (min, max) = (Seconds(2_000), Some(Seconds(9_000)));
    assert_eq!(model.links[0], Link::Starts { before, after, min, max });
    assert_eq!(model.links[1], Link::DifferentTechnicians { first: before, second: after });
    let routes = vec![route(1, vec![stop(2, 4_500)])];
    let text = document.write(&Solution { routes, ..Solution::default() }, &[]);
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    let stay = &plan["routes"][0]["locations"][0];
    assert_eq!(plan["routes"][0]["caregiver_id"], "c2");
    assert_eq!((&stay["patient"], &stay["service"]), (&"p2".into(), &"s2".into()));
    assert_eq!(stay["arrival_time"], 4.5);
    assert!(Document::read(Format::Hhcrsp, &CARE.replace("1.5", "-1.5"), None).is_err());
}

#[test]
fn plans_of_care_are_read_back() {
    for (format, text) in [(Format::Hhcrsp, CARE), (Format::Uhhc, UNIFIED)] {
        let document = read(format, text);
        let model = &document.case().model;
        let solution = solved(model, 60, 1);
        assert!(!solution.routes.is_empty());
        for text in [document.write(&solution, &[]), document.write_routes(&solution)] {
            let again =
                document.read_plan(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
            assert_eq!(verify(model, &again), [], "{text}");
            assert_eq!(again.unassigned, solution.unassigned);
        }
    }
    let text = r#"{"routes": [{"caregiver_id": "c9", "locations": [
        {"patient": "p1", "service": "s1", "arrival_time": 12, "departure_time": 17},
        {"patient": "p1", "service": "s1", "arrival_time": 18, "departure_time": 23}]}]}"#;
    let faults = read(Format::Hhcrsp, CARE).read_plan(text).unwrap_err();
    assert_eq!(faults.0.len(), 2, "{faults}");
}

const UNIFIED: &str = r#"{
  "metadata": {"time_window_met": "at_service_end", "cost_components": {"travel_time": 2,
    "total_tardiness": 3, "highest_tardiness": 4, "total_waiting_time": 8, "total_extra_time": 1,
    "caregiver_preferences": 12, "optional_patients": 200, "missed_lunch_break": 70,
    "qualification": "HARD", "incompabilities": null}},
  "distances": [[0, 10, 20], [10, 0, 5], [20, 5, 0]],
  "terminal_points": [{"id": "d0", "distance_matrix_index": 0}],
  "services": [{"id": "s0", "default_duration": 30}, {"id": "s1", "default_duration": 15}],
  "lunch_breaks": {"start": 100, "end": 200, "min_duration": 30},
  "caregivers": [
    {"id": "c1", "abilities": ["s0"], "departing_point": "d0",
      "working_shift": {"start": 0, "end": 300}, "lunch_break": true},
    {"id": "c2", "abilities": ["s0", "s1"], "departing_point": "d0", "arrival_point": "d0",
      "working_shift": {"start": 0, "end": 300}}],
  "patients": [
    {"id": "p0", "distance_matrix_index": 1, "required_services": [{"service": "s0"}],
      "time_windows": [{"start": 20, "end": 90}, {"start": 150, "end": 250}],
      "preferred_caregivers": ["c2"]},
    {"id": "p1", "distance_matrix_index": 2, "optional": true, "incompatible_caregivers": ["c2"],
      "required_services": [{"service": "s0", "duration": 10}, {"service": "s1"}],
      "synchronization": {"type": "simultaneous"}, "time_windows": [{"start": 0, "end": 60}]}]
}"#;

#[test]
fn weights_lunch_wishes_and_optional_patients_are_those_of_the_file() {
    let document = read(Format::Uhhc, UNIFIED);
    let model = &document.case().model;
    model.check().unwrap();
    assert_eq!((model.weights.drive_second, model.weights.waiting_second), (2, 8));
    // In time means done in time: half an hour before the window closes.
    assert_eq!(model.visits[0].windows[0].latest, Moment(60));
    assert_eq!(model.visits[0].windows[1].late_second, Some(3));
    let lunch = &model.shifts[0].breaks[0];
    assert_eq!((lunch.starts[0], lunch.missed_cost), ((Moment(100), Moment(170)), Some(70)));
    assert!(model.shifts[1].breaks.is_empty());
    assert_eq!(model.visits[0].wishes.preferred, [(TechnicianIdx(0), -12)]);
    // Services of different length: two visits that start together, missed at one price.
    assert_eq!((model.visits[1].prize, model.visits[2].prize), (200, 0));
    assert_eq!(model.visits[1].mandatory, 0);
    assert_eq!(model.links.len(), 3);
    let text = UNIFIED.replace("\"d0\", \"arrival_point\"", "\"d9\", \"arrival_point\"");
    let text = text.replace("\"c2\"]", "\"c7\"]").replace("total_extra_time", "extra_fun");
    assert_eq!(faults(Format::Uhhc, &text).len(), 4);
}

#[test]
fn windows_that_touch_belong_to_the_later_one_from_its_opening_on() {
    let text = UNIFIED.replace(
        r#"{"start": 20, "end": 90}, {"start": 150"#,
        r#"{"start": 20, "end": 190}, {"start": 150"#,
    );
    let model = &read(Format::Uhhc, &text).case().model.clone();
    model.check().unwrap();
    let spans: Vec<_> =
        model.visits[0].windows.iter().map(|it| (it.earliest.0, it.latest.0)).collect();
    assert_eq!(spans, [(20, 149), (150, 220)]);
}

#[test]
fn lunch_is_written_at_one_end_of_the_drive_it_interrupts() {
    let document = read(Format::Uhhc, UNIFIED);
    let lunch = RouteStop { kind: StopKind::Break { index: 0 }, ..stop(0, 100) };
    let visit = |visit, start, end| RouteStop { end: Moment(end), ..stop(visit, start) };
    let write = |stops| {
        let routes = vec![route(0, stops)];
        let text = document.write(&Solution { routes, ..Solution::default() }, &[]);
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["routes"][0]["locations"].clone()
    };
    // Done at 40 and 5 away: at the next place at 45, lunch from 100 to 130 there, work at 150.
    let stays = write(vec![visit(1, 30, 40), lunch, visit(0, 150, 180)]);
    assert_eq!((&stays[1]["patient"], &stays[1]["start_time"]), (&"p0".into(), &100.into()));
    // Done at 120, work at 160: lunch at the next place from 125 to 155.
    let stays = write(vec![visit(1, 110, 120), lunch, visit(0, 160, 190)]);
    assert_eq!((&stays[1]["start_time"], &stays[1]["end_time"]), (&125.into(), &155.into()));
}
