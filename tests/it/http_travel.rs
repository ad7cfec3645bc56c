//! `/api/v1/travel:route`, `:matrix` and `:isochrone`, the lines of a day, and places off the roads.

use std::sync::Arc;

use roundsman::clock::SystemClock;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};

use crate::support::apps::{TestApp, app_on, apps, found};
use crate::support::checker::region_roads;
use crate::support::companies::{Company, log_in, place, workday};
use crate::support::databases::databases;
use crate::support::http::{Credential, Server};

/// Out at sea, some kilometres from every road.
fn sea() -> Value {
    json!({"lat": 64.20, "lon": -22.10})
}

fn other() -> Value {
    json!({"lat": 64.1030, "lon": -21.8900})
}

/// Applications on the roads of the demo region.
async fn on_roads() -> Vec<TestApp> {
    let roads = || Travel::new(TravelSettings::default(), Some(region_roads()));
    databases().await.into_iter().map(|db| app_on(db, Arc::new(SystemClock), roads())).collect()
}

/// Lets an organization travel by road, or back as it was.
async fn travel_by(server: &Server, owner: &Credential, travel: &Value) {
    let mut body = server.get("/api/v1/organization", owner).await.expect(200);
    body["travel"] = travel.clone();
    server.put("/api/v1/organization", owner, &body).await.expect(200);
}

#[tokio::test]
async fn drives_come_with_lines_and_add_up() {
    for app in on_roads().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let by_road = json!({"mode": {"mode": "road"}});
        let body = json!({"places": [place(), other(), place()], "travel": by_road});
        // Technicians may ask, too.
        let route = server.post("/api/v1/travel:route", &company.technician, &body).await;
        let route = route.expect(200);
        let legs = route["legs"].as_array().unwrap();
        assert_eq!(legs.len(), 2);
        let seconds = |leg: &Value| leg["drive"]["seconds"].as_i64().unwrap();
        assert!(seconds(&legs[0]) > 300);
        assert_eq!(route["total"]["seconds"], seconds(&legs[0]) + seconds(&legs[1]));
        for leg in legs {
            assert_eq!(leg["line"]["on_roads"], true);
            assert!(leg["line"]["polyline"].as_str().unwrap().len() > 100);
        }
        // The organization's own way is fixed: lines are straight, drives take nothing.
        let body = json!({"places": [place(), other()]});
        let route = server.post("/api/v1/travel:route", &company.dispatcher, &body).await;
        let route = route.expect(200);
        assert_eq!(route["mode"]["mode"], "fixed");
        assert_eq!(route["legs"][0]["line"]["on_roads"], false);
        assert_eq!(route["total"]["seconds"], 0);
        // Nobody drives to a place at sea.
        let body = json!({"places": [place(), sea()], "travel": by_road});
        let route = server.post("/api/v1/travel:route", &company.dispatcher, &body).await;
        let route = route.expect(200);
        assert_eq!((&route["legs"][0]["drive"], &route["total"]), (&Value::Null, &Value::Null));

        let wrong = json!({"places": [{"lat": 91, "lon": 0}], "travel": {"hour": 24}});
        let refused = server.post("/api/v1/travel:route", &company.dispatcher, &wrong).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["places", "places[0].lat", "travel.hour"]);
    }
}

#[tokio::test]
async fn a_table_has_the_drives_of_the_route_in_its_cells() {
    for app in on_roads().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.dispatcher;
        let by_road = json!({"mode": {"mode": "road"}});
        let body = json!({"places": [place(), other()], "travel": by_road});
        let route = server.post("/api/v1/travel:route", who, &body).await.expect(200);
        let drive = &route["legs"][0]["drive"];
        let body = json!({"from": [place(), sea(), other()], "travel": by_road});
        let table = server.post("/api/v1/travel:matrix", who, &body).await.expect(200);
        let (seconds, metres) = (&table["seconds"], &table["metres"]);
        assert_eq!((&seconds[0][2], &metres[0][2]), (&drive["seconds"], &drive["metres"]));
        assert_eq!((&seconds[0][0], &seconds[2][2]), (&json!(0), &json!(0)));
        assert!(seconds[2][0].as_i64().unwrap() > 300);
        for other in [0, 2] {
            assert_eq!((&seconds[1][other], &seconds[other][1]), (&Value::Null, &Value::Null));
        }
        // A straight line needs no roads: 0.1 degrees of latitude are 11,119.51 m, at 10 m/s 1,112 s.
        let straight = json!({"mode": "straight_line", "detour_factor": 1.0, "speed_kmh": 36.0});
        let body = json!({"from": [{"lat": 64.0, "lon": -21.0}], "to": [{"lat": 64.1, "lon": -21.0}],
            "travel": {"mode": straight}});
        let table = server.post("/api/v1/travel:matrix", who, &body).await.expect(200);
        assert_eq!((&table["seconds"], &table["metres"]), (&json!([[1112]]), &json!([[11_120]])));
        let many = vec![place(); 101];
        let refused = server.post("/api/v1/travel:matrix", who, &json!({"from": many})).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["to"]);
    }
}

#[tokio::test]
async fn areas_are_geojson_in_the_order_asked() {
    for app in on_roads().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let body = json!({"place": place(), "minutes": [10, 5]});
        let areas = server.post("/api/v1/travel:isochrone", &company.technician, &body).await;
        assert_eq!(areas.header("content-type"), "application/geo+json");
        let areas = areas.expect(200);
        assert_eq!(areas["type"], "FeatureCollection");
        let minutes = |at: usize| &areas["features"][at]["properties"]["minutes"];
        assert_eq!((minutes(0), minutes(1)), (&json!(10), &json!(5)));
        let body = json!({"place": sea(), "minutes": [5]});
        let refused = server.post("/api/v1/travel:isochrone", &company.technician, &body).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["place"]);
        let body = json!({"place": place(), "minutes": [0, 200]});
        let refused = server.post("/api/v1/travel:isochrone", &company.technician, &body).await;
        refused.expect(422);
        assert_eq!(refused.fault_fields(), ["minutes[0]", "minutes[1]"]);
    }
    // Without roads there is a plain answer.
    for app in apps().await {
        let server = Server::start(&app).await;
        let owner = log_in(&server, &found(&app, "alpha").await).await;
        let body = json!({"place": place(), "minutes": [5]});
        let refused = server.post("/api/v1/travel:isochrone", &owner, &body).await.expect(409);
        assert!(refused["detail"].as_str().unwrap().contains("no roads are loaded"), "{refused}");
    }
}

#[tokio::test]
async fn a_day_comes_with_the_lines_of_its_drives() {
    for app in on_roads().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        travel_by(&server, &company.owner, &json!({"mode": "road"})).await;
        let date = workday(&app);
        for hour in ["10", "14"] {
            let at = if hour == "10" { other() } else { json!({"lat": 64.1290, "lon": -21.8300}) };
            let slot = json!({"service_ids": [company.id("services")], "place": at,
                "start": format!("{date}T{hour}:00:00Z")});
            let body = json!({"slot": slot});
            server.post("/api/v1/bookings", &company.dispatcher, &body).await.expect(201);
        }
        let path = format!("/api/v1/technicians/{}/day?date={date}", company.id("technicians"));
        let plain = server.get(&path, &company.technician).await.expect(200);
        let drawn = format!("{path}&geometry=true");
        let drawn = server.get(&drawn, &company.technician).await.expect(200);
        let shift = &drawn["shifts"][0];
        let home = &company.records["technicians"]["home"];
        assert_eq!((&shift["start_place"], &shift["end_place"]), (home, home));
        let stops = shift["stops"].as_array().unwrap();
        assert_eq!(stops.len(), 2);
        for stop in stops {
            assert_eq!(stop["line"]["on_roads"], true, "{stop}");
        }
        assert_eq!(shift["line_home"]["on_roads"], true);
        // Each line starts where the one before it ends: the day is one line on the map. Drives are
        // the same with lines and without.
        let body = json!({"places": [home, stops[0]["place"], stops[1]["place"], home]});
        let route = server.post("/api/v1/travel:route", &company.technician, &body).await;
        let route = route.expect(200);
        let lines = [&stops[0]["line"], &stops[1]["line"], &shift["line_home"]];
        for (leg, line) in route["legs"].as_array().unwrap().iter().zip(lines) {
            assert_eq!(&leg["line"], line);
        }
        assert_eq!(plain["shifts"][0]["stops"][1]["drive"], stops[1]["drive"]);
        assert_eq!(plain["shifts"][0]["stops"][1]["line"], Value::Null);
        server.get(&format!("{path}&geometry=maybe"), &company.technician).await.expect(422);
    }
}

#[tokio::test]
async fn homes_sites_and_locations_off_the_roads_are_refused_where_roads_matter() {
    for app in on_roads().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let who = &company.owner;
        let with = |noun: &str, field: &str, value: Value| {
            let mut body = company.records[noun].clone();
            let fields = body.as_object_mut().unwrap();
            fields.retain(|name, _| {
                !["id", "revision", "created_at", "updated_at"].contains(&name.as_str())
            });
            fields.insert(field.to_owned(), value);
            fields.insert("name".to_owned(), json!(format!("Another at {field}")));
            body
        };
        let zone = json!({"kind": "drive_time", "centre": sea(), "minutes": 10});
        let cases = [
            ("technicians", "home", sea(), "home"),
            ("sites", "place", sea(), "place"),
            ("locations", "place", sea(), "place"),
            ("zones", "shape", zone, "shape.centre"),
        ];
        // Travel with fixed buffers: no road has to lead anywhere.
        let mut made = Vec::new();
        for (noun, field, value, _) in &cases {
            let body = with(noun, field, value.clone());
            let answer = server.post(&format!("/api/v1/{noun}"), who, &body).await;
            made.push((*noun, answer.expect(201)));
        }
        travel_by(&server, who, &json!({"mode": "road"})).await;
        for (noun, field, value, fault) in &cases {
            let mut body = with(noun, field, value.clone());
            body["name"] = json!("A third");
            let answer = server.post(&format!("/api/v1/{noun}"), who, &body).await;
            answer.expect(422);
            assert_eq!(answer.fault_fields(), [*fault], "{noun}");
            let message = answer.json()["faults"][0]["message"].to_string();
            assert!(message.contains("m away, more than the limit of 1000 m"), "{message}");
        }
        // What was there before may stay where it is, but not move to another place at sea.
        for (noun, record) in made {
            let path = format!("/api/v1/{noun}/{}", record["id"].as_str().unwrap());
            let mut body = record.clone();
            body["name"] = json!("Renamed");
            let kept = server.put(&path, who, &body).await.expect(200);
            assert_eq!(kept["name"], "Renamed");
            let at = match noun {
                "technicians" => "/home",
                "zones" => "/shape/centre",
                _ => "/place",
            };
            let mut moved = kept;
            moved.pointer_mut(at).unwrap()["lat"] = json!(64.21);
            server.put(&path, who, &moved).await.expect(422);
        }
        // Who never starts or ends at home may live on an island.
        let mut body = with("technicians", "home", sea());
        (body["start"], body["end"]) = (json!("depot"), json!("depot"));
        body["name"] = json!("Islander");
        server.post("/api/v1/technicians", who, &body).await.expect(201);
    }
}

/// Sends a table as it is.
async fn send_table(
    server: &Server,
    company: &Company,
    noun: &str,
    text: &str,
) -> crate::support::http::Answer {
    let path = format!("/api/v1/import/{noun}");
    let request = server.request(reqwest::Method::POST, &path, &company.owner);
    server.send(request.header("content-type", "text/csv").body(text.to_owned())).await
}

#[tokio::test]
async fn good_tables_are_read_over_http() {
    for app in apps().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        let text = "\u{feff}Name;E-Mail;Reference;Shoe size\nGuðrún;gudrun@example.is;C-1;38\n\
            Jón Jónsson;jon@example.is;C-2;44\n";
        let done = send_table(&server, &company, "customers", text).await.expect(200);
        assert_eq!((&done["added"], &done["changed"]), (&json!(2), &json!(0)));
        assert_eq!(done["ignored_columns"], json!(["Shoe size"]));
        let text = "customer,name,street,house_number,postcode,city,lat,lon\n\
            C-1,Home,Skeifan,11,108,Reykjavík,64.1300,-21.8700\n\
            C-2,Office,Laugavegur,2,101,Reykjavík,64.1460,-21.9300\n";
        let done = send_table(&server, &company, "sites", text).await.expect(200);
        assert_eq!(done["added"], 2);
        let text = "resource,office,lat,lon,start,skills,shifts\n\
            Nína,Reykjavík,64.1466,-21.9426,home,Drone:3,Mon-Fri 8:00-16:30\n";
        let done = send_table(&server, &company, "technicians", text).await.expect(200);
        assert_eq!(done["added"], 1);
        // The same tables once more add nothing.
        let again = send_table(&server, &company, "technicians", text).await.expect(200);
        assert_eq!((&again["added"], &again["changed"]), (&json!(0), &json!(0)), "{again}");
        let list = server.get("/api/v1/technicians?limit=100", &company.owner).await.expect(200);
        let nina = list["items"].as_array().unwrap().iter().find(|it| it["name"] == "Nína");
        let nina = nina.unwrap();
        assert_eq!(nina["skills"][0]["level"], 3);
        assert_eq!(nina["working_hours"]["weekly"][0]["until"], "16:30");
        let sites = server.get("/api/v1/sites?limit=100", &company.owner).await.expect(200);
        let cities = sites["items"].as_array().unwrap().iter();
        assert_eq!(cities.filter(|it| it["place"]["address"]["street"] == "Skeifan").count(), 1);
    }
}

#[tokio::test]
async fn faults_of_tables_come_over_http_all_at_once_and_nothing_is_written() {
    for app in on_roads().await {
        let server = Server::start(&app).await;
        let company = Company::set_up(&server, &app, "alpha").await;
        travel_by(&server, &company.owner, &json!({"mode": "road"})).await;
        let count = async |noun: &str| {
            let path = format!("/api/v1/{noun}?limit=500");
            let list = server.get(&path, &company.owner).await.expect(200);
            list["items"].as_array().unwrap().len()
        };
        let before = (count("customers").await, count("sites").await, count("technicians").await);
        let cases = [
            (
                "customers",
                "name,email,locale\nGood,good@example.is,is\n,nobody@example.is,is\nBad,bad,is\n",
                vec!["row 3, column name", "row 4, column email"],
            ),
            (
                "sites",
                "customer,street,lat,lon\nNobody,A,64.13,-21.87\nJón Jónsson,B,north,-21.87\n\
                 Jón Jónsson,C,64.13,-21.87\nJón Jónsson,D,164.13,-21.87\n",
                vec!["row 2, column customer", "row 3, column lat", "row 5, column lat"],
            ),
            // Good numbers, but out at sea; the blank row counts as a spreadsheet counts it.
            (
                "sites",
                "customer,street,lat,lon\nJón Jónsson,C,64.13,-21.87\n,,,\n\
                 Jón Jónsson,D,64.20,-22.10\n",
                vec!["row 4, column lat"],
            ),
            (
                "technicians",
                "name,location,priority,skills,working_hours\nA,Reykjavík,9,Drone:3,Mon 8:00-16:00\n\
                 B,Nowhere,2,Drone:3,Mon 8:00-16:00\nC,Reykjavík,2,Diving:3,Mon 8:00-16:00\n\
                 D,Reykjavík,2,Drone:3,Mon 16:00 to 8:00\n",
                vec![
                    "row 2, column priority",
                    "row 3, column location",
                    "row 4, column skills",
                    "row 5, column working_hours",
                ],
            ),
            ("customers", "email\nx@y.is\n", vec!["row 1"]),
            ("customers", "", vec!["file"]),
        ];
        for (noun, text, expected) in cases {
            let answer = send_table(&server, &company, noun, text).await;
            let problem = answer.expect(422);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.fault_fields(), expected, "{problem}");
        }
        let after = (count("customers").await, count("sites").await, count("technicians").await);
        assert_eq!(before, after);
        // A member who is no owner, and a key, may not.
        let path = "/api/v1/import/customers";
        let request = server.request(reqwest::Method::POST, path, &company.dispatcher);
        server.send(request.body("name\nA\n")).await.expect(403);
    }
}
