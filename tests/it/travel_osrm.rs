//! Travel by an OSRM server, played by a small one in this process.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use roundsman::domain::networks::check;
use roundsman::domain::places::Place;
use roundsman::domain::travel::{Leg, OsrmFallback, OsrmServer, TravelMode};
use roundsman::travel::errors::TravelError;
use roundsman::travel::osrm::OsrmSettings;
use roundsman::travel::places::PlaceTable;
use roundsman::travel::{Ask, Travel, TravelSettings};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::travel::{ask, town};

const STRAIGHT: OsrmFallback = OsrmFallback::StraightLine { detour_factor: 1.0, speed_kmh: 36.0 };

/// What the stand-in does with a request; the number counts requests from 0.
type Reply = fn(usize, &Request) -> Answer;

struct Answer {
    after: Duration,
    head: &'static str,
    body: String,
}

/// A request of the `table` service.
#[derive(Debug, Clone)]
struct Request {
    path: String,
    coordinates: Vec<(f64, f64)>,
    sources: Vec<usize>,
    destinations: Vec<usize>,
}

struct StandIn {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Request {
    fn parse(line: &str) -> Self {
        let path = line.split(' ').nth(1).unwrap().to_owned();
        let url = url::Url::parse(&format!("http://host{path}")).unwrap();
        let list = |name: &str| -> Vec<usize> {
            let found = url.query_pairs().find(|(key, _)| key == name).unwrap().1;
            found.split(';').map(|number| number.parse().unwrap()).collect()
        };
        let pair = |text: &str| {
            let (lon, lat) = text.split_once(',').unwrap();
            (lon.parse().unwrap(), lat.parse().unwrap())
        };
        let coordinates = url.path().rsplit('/').next().unwrap().split(';').map(pair).collect();
        let (sources, destinations) = (list("sources"), list("destinations"));
        Self { path, coordinates, sources, destinations }
    }

    fn table(&self, cell: impl Fn((f64, f64), (f64, f64)) -> Value) -> Value {
        let at = |number: usize| self.coordinates[number];
        let row = |from: usize| -> Value {
            self.destinations.iter().map(|&to| cell(at(from), at(to))).collect()
        };
        self.sources.iter().map(|&from| row(from)).collect()
    }

    /// An honest answer: [`seconds`] and ten metres for each second.
    fn answer(&self) -> Value {
        let durations = self.table(|from, to| json!(seconds(from, to)));
        let distances = self.table(|from, to| json!(seconds(from, to) * 10.0));
        json!({"code": "Ok", "durations": durations, "distances": distances})
    }
}

/// A drive that takes longer northwards than southwards, and never whole seconds.
fn seconds((from_lon, from_lat): (f64, f64), (to_lon, to_lat): (f64, f64)) -> f64 {
    let north = if to_lat > from_lat { 60.0 } else { 0.0 };
    ((to_lat - from_lat).abs() * 100_000.0).round()
        + ((to_lon - from_lon).abs() * 10_000.0).round()
        + north
        + 0.3
}

fn leg(from: &Place, to: &Place) -> Leg {
    if from == to {
        return Leg::default();
    }
    let exact = seconds((from.lon, from.lat), (to.lon, to.lat));
    #[expect(clippy::cast_possible_truncation, reason = "small numbers of a test")]
    let leg = Leg { seconds: exact.ceil() as i64, metres: (exact * 10.0).round() as i64 };
    leg
}

fn ok(body: Value) -> Answer {
    Answer { after: Duration::ZERO, head: "200 OK", body: body.to_string() }
}

fn honest(_: usize, request: &Request) -> Answer {
    ok(request.answer())
}

async fn stand_in(reply: Reply) -> StandIn {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(Mutex::new(Vec::new()));
    let (heard, count) = (Arc::clone(&requests), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, reply, Arc::clone(&heard), Arc::clone(&count)));
        }
    });
    StandIn { address, requests }
}

/// Answers requests on one connection until the other side has enough.
async fn serve(
    mut stream: TcpStream,
    reply: Reply,
    heard: Arc<Mutex<Vec<Request>>>,
    count: Arc<AtomicUsize>,
) {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
                break at + 4;
            }
            let mut part = [0; 4096];
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => return,
                Ok(length) => bytes.extend_from_slice(&part[..length]),
            }
        };
        let head: Vec<u8> = bytes.drain(..end).collect();
        let head = String::from_utf8(head).unwrap();
        let request = Request::parse(head.lines().next().unwrap());
        heard.lock().unwrap().push(request.clone());
        let answer = reply(count.fetch_add(1, Ordering::SeqCst), &request);
        tokio::time::sleep(answer.after).await;
        let (head, body) = (answer.head, answer.body);
        let text = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

impl StandIn {
    fn ask(&self, fallback: OsrmFallback) -> Ask {
        let url = format!("http://{}/", self.address);
        let osrm = Some(OsrmServer { url, profile: "car".into(), fallback });
        Ask { osrm, ..ask(TravelMode::Osrm) }
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// Settings that allow the stand-in and do not try the patience of whoever runs the tests.
fn settings() -> OsrmSettings {
    OsrmSettings {
        timeout: Duration::from_secs(5),
        allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ..OsrmSettings::default()
    }
}

fn travel(osrm: OsrmSettings) -> Travel {
    Travel::new(TravelSettings { osrm, ..TravelSettings::default() }, None)
}

#[tokio::test]
async fn drives_are_asked_in_blocks_in_both_directions_and_rounded_up() {
    let server = stand_in(honest).await;
    let travel = travel(OsrmSettings { coordinates_max: 4, ..settings() });
    let (places, home) = (town(8), Place::at(64.5, -21.5));
    let rows = travel.rows(&server.ask(OsrmFallback::None), &home, &places).await.unwrap();
    let to: Vec<_> = places.iter().map(|place| Some(leg(place, &home))).collect();
    let from: Vec<_> = places.iter().map(|place| Some(leg(&home, place))).collect();
    assert_eq!((rows.to, rows.from, rows.fallback), (to, from, None));
    // Three others a block: three blocks for eight places, in each direction.
    let requests = server.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(|request| request.coordinates.len() <= 4));
    assert!(requests[0].path.starts_with("/table/v1/car/"), "{}", requests[0].path);
}

#[tokio::test]
async fn what_was_asked_once_is_not_asked_again() {
    let server = stand_in(honest).await;
    let (travel, places) = (travel(settings()), town(8));
    let ask = server.ask(OsrmFallback::None);
    let first = travel.rows(&ask, &places[0], &places[1..]).await.unwrap();
    let asked = server.count();
    assert_eq!(travel.rows(&ask, &places[0], &places[1..]).await.unwrap(), first);
    assert_eq!(server.count(), asked);
    // A table of places shares what is remembered, and asks only for the new place.
    let table = PlaceTable::new(travel, 1000);
    for place in &places {
        table.intern(place);
    }
    table.intern(&Place::at(64.5, -21.5));
    let rows = table.rows(&ask, &places[0]).await.unwrap();
    assert_eq!(rows.from[8].leg(), Some(leg(&places[0], &Place::at(64.5, -21.5))));
    assert_eq!(rows.from[0].leg(), Some(Leg::default()));
    let requests = server.requests.lock().unwrap().clone();
    let coordinates: Vec<_> = requests[asked..].iter().map(|r| r.coordinates.len()).collect();
    assert_eq!(coordinates, [2, 2]);
}

#[tokio::test]
async fn null_means_that_there_is_no_way() {
    fn nulls(_: usize, request: &Request) -> Answer {
        let mut answer = request.answer();
        answer["durations"][0][0] = Value::Null;
        ok(answer)
    }
    let server = stand_in(nulls).await;
    let places = town(2);
    let pair = (places[0].clone(), places[1].clone());
    let (legs, _) = travel(settings()).legs(&server.ask(STRAIGHT), &[pair]).await.unwrap();
    assert_eq!(legs, [None]);
}

#[tokio::test]
async fn a_passing_failure_is_tried_again() {
    fn late_start(number: usize, request: &Request) -> Answer {
        if number == 0 {
            return Answer { head: "503 Service Unavailable", ..ok(json!({})) };
        }
        ok(request.answer())
    }
    let server = stand_in(late_start).await;
    let places = town(2);
    let pair = (places[0].clone(), places[1].clone());
    let ask = server.ask(OsrmFallback::None);
    let (legs, _) = travel(settings()).legs(&ask, &[pair]).await.unwrap();
    assert_eq!((legs, server.count()), (vec![Some(leg(&places[0], &places[1]))], 2));
}

#[tokio::test]
async fn a_server_that_is_too_slow_is_replaced_and_then_left_alone() {
    fn slow(_: usize, request: &Request) -> Answer {
        Answer { after: Duration::from_secs(30), ..ok(request.answer()) }
    }
    let server = stand_in(slow).await;
    let travel = travel(OsrmSettings { timeout: Duration::from_secs(1), ..settings() });
    let pair = [(Place::at(64.0, -21.0), Place::at(64.1, -21.0))];
    let ask = server.ask(STRAIGHT);
    let (legs, fallback) = travel.legs(&ask, &pair).await.unwrap();
    // 11,119.51 m at 10 m/s, rounded up.
    assert_eq!(legs, [Some(Leg { seconds: 1112, metres: 11_120 })]);
    let fallback = fallback.unwrap();
    assert_eq!(Some(fallback.mode), STRAIGHT.mode());
    assert!(fallback.reason.contains("too long"), "{}", fallback.reason);
    assert_eq!(server.count(), 2);
    // What stepped in is not remembered as the server's, and the server is not asked meanwhile.
    let (again, fallback) = travel.legs(&ask, &pair).await.unwrap();
    assert!(fallback.unwrap().reason.contains("left alone"));
    assert_eq!((again, server.count()), (legs, 2));
    let refused = travel.legs(&server.ask(OsrmFallback::None), &pair).await;
    assert!(matches!(refused, Err(TravelError::Osrm(_))), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_rested_is_asked_again() {
    fn broken_once(number: usize, request: &Request) -> Answer {
        if number == 0 { ok(json!({"code": "Ok"})) } else { ok(request.answer()) }
    }
    let server = stand_in(broken_once).await;
    let travel = travel(OsrmSettings { rest: Duration::ZERO, ..settings() });
    let places = town(2);
    let pair = [(places[0].clone(), places[1].clone())];
    let (_, fallback) = travel.legs(&server.ask(STRAIGHT), &pair).await.unwrap();
    assert!(fallback.unwrap().reason.contains("no durations"));
    let (legs, fallback) = travel.legs(&server.ask(STRAIGHT), &pair).await.unwrap();
    assert_eq!((legs, fallback), (vec![Some(leg(&places[0], &places[1]))], None));
}

#[tokio::test]
async fn answers_that_cannot_be_true_are_not_believed() {
    fn wrong(number: usize, request: &Request) -> Answer {
        let mut answer = request.answer();
        match number {
            0 => answer["durations"][0][0] = json!(-5.0),
            1 => answer["durations"] = json!([[1.0, 2.0]]),
            2 => answer["distances"] = Value::Null,
            3 => answer["code"] = json!("NoSegment"),
            4 => answer = json!([1, 2, 3]),
            5 => answer["durations"][0][0] = json!(1e300),
            _ => {
                let head = "302 Found\r\nlocation: http://127.0.0.1:1/";
                return Answer { head, ..ok(json!({})) };
            }
        }
        ok(answer)
    }
    let server = stand_in(wrong).await;
    let travel = travel(OsrmSettings { rest: Duration::ZERO, ..settings() });
    let places = town(2);
    let pair = [(places[0].clone(), places[1].clone())];
    let expected = ["-5 s", "1 by 1", "no distances", "NoSegment", "not what", "s and", "302"];
    for (asked, part) in expected.into_iter().enumerate() {
        let found = travel.legs(&server.ask(OsrmFallback::None), &pair).await;
        let error = found.unwrap_err().to_string();
        assert!(error.contains(part), "{error} should hold {part}");
        // None of them gets better by asking again, and a redirect is not followed.
        assert_eq!(server.count(), asked + 1);
    }
}

#[tokio::test]
async fn nobody_listening_is_a_failure_that_the_fallback_covers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = StandIn { address, requests: Arc::default() };
    let pair = [(Place::at(64.0, -21.0), Place::at(64.1, -21.0))];
    let (_, fallback) = travel(settings()).legs(&server.ask(STRAIGHT), &pair).await.unwrap();
    assert!(fallback.unwrap().reason.contains("no connection"));
    // Without roads the fallback to roads cannot step in either.
    let found = travel(settings()).legs(&server.ask(OsrmFallback::Road), &pair).await;
    assert!(matches!(found, Err(TravelError::Osrm(_))), "{found:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_by_number_and_by_name() {
    let server = stand_in(honest).await;
    let travel = travel(OsrmSettings { allowed_networks: Vec::new(), ..settings() });
    let pair = [(Place::at(64.0, -21.0), Place::at(64.1, -21.0))];
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{port}");
        let osrm = Some(OsrmServer { url, profile: "car".into(), fallback: STRAIGHT });
        let found = travel.legs(&Ask { osrm, ..ask(TravelMode::Osrm) }, &pair).await;
        assert!(matches!(found, Err(TravelError::PrivateAddress { .. })), "{host}: {found:?}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn only_public_addresses_may_be_asked_unless_a_setting_allows_them() {
    let allowed = ["10.1.0.0/16".parse().unwrap()];
    let private = [
        "0.0.0.0",
        "10.2.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "::ffff:10.2.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:db8::1",
    ];
    for address in private {
        assert!(check(address.parse().unwrap(), &allowed).is_err(), "{address}");
    }
    for address in ["10.1.0.1", "::ffff:10.1.0.1", "93.184.215.14", "2606:2800:21f::1"] {
        assert!(check(address.parse().unwrap(), &allowed).is_ok(), "{address}");
    }
}
