//! Bookings of an organization with an OSRM server: nobody waits for the server while a transaction
//! that writes is open; and https with certificates of one's own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use futures_util::future::BoxFuture;
use roundsman::app::visits::MoveRequest;
use roundsman::app::{App, bookings, visits};
use roundsman::clock::SystemIds;
use roundsman::domain::places::Place;
use roundsman::domain::travel::{OsrmFallback, OsrmServer, TravelMode};
use roundsman::store::Db;
use roundsman::travel::errors::TravelError;
use roundsman::travel::osrm::{OsrmSettings, Roots};
use roundsman::travel::{Ask, Travel, TravelSettings};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::company::{Company, booked, monday};
use crate::support::databases::sqlite;
use crate::travel::ask;

/// What happens at each request, before it is answered; the number counts requests from 0.
type Event = Box<dyn Fn(usize) -> BoxFuture<'static, ()> + Send + Sync>;

struct Osrm {
    count: AtomicUsize,
    event: Mutex<Arc<Event>>,
}

#[derive(serde::Deserialize)]
struct Table {
    sources: String,
    destinations: String,
}

/// Every drive takes ten minutes and ten kilometres.
async fn table(
    State(osrm): State<Arc<Osrm>>,
    Path(_): Path<String>,
    Query(asked): Query<Table>,
) -> axum::Json<Value> {
    let event = Arc::clone(&osrm.event.lock().unwrap());
    event(osrm.count.fetch_add(1, Ordering::SeqCst)).await;
    let size = |list: &str| list.split(';').count();
    let rows = |value: f64| vec![vec![value; size(&asked.destinations)]; size(&asked.sources)];
    axum::Json(json!({"code": "Ok", "durations": rows(600.0), "distances": rows(10_000.0)}))
}

async fn osrm() -> (Arc<Osrm>, SocketAddr) {
    let idle: Event = Box::new(|_| Box::pin(async {}));
    let osrm = Osrm { count: AtomicUsize::new(0), event: Mutex::new(Arc::new(idle)) };
    let osrm = Arc::new(osrm);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/table/v1/driving/{coordinates}", get(table))
        .with_state(Arc::clone(&osrm));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (osrm, address)
}

fn travel(roots: Roots) -> Travel {
    let allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
    // Longer than the probe of the database below, so that a fault shows as such.
    let timeout = Duration::from_secs(20);
    let osrm = OsrmSettings { allowed_networks, timeout, roots, ..OsrmSettings::default() };
    Travel::new(TravelSettings { osrm, ..TravelSettings::default() }, None)
}

async fn company(db: &Db, address: SocketAddr) -> Company {
    let osrm = json!({"url": format!("http://{address}"), "fallback": {"mode": "none"}});
    let more = json!({"travel": {"mode": "osrm"}, "osrm": osrm});
    Company::over(db, travel(Roots::default()), more, monday("05:00")).await
}

/// Another process over the same database, which remembers no drives of the first.
fn another(company: &Company, db: &Db) -> App {
    let clock = Arc::clone(&company.clock);
    let ids = Arc::new(SystemIds::new(Arc::clone(&clock) as Arc<dyn roundsman::clock::Clock>));
    App::new(db.clone(), clock, ids, travel(Roots::default()))
}

/// Whether somebody can write within ten seconds. SQLite has one writer at a time, so a transaction
/// that writes and waits for us keeps everybody out.
async fn can_write(db: &Db) -> bool {
    let write = async {
        let tx = db.write().await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::time::timeout(Duration::from_secs(10), write).await.is_ok()
}

/// Notes for each request whether somebody could write meanwhile, and lets `rival` act at the first.
fn watch(
    osrm: &Osrm,
    db: &Db,
    rival: impl FnOnce() -> BoxFuture<'static, ()> + Send + 'static,
) -> Arc<Mutex<Vec<bool>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (first, rival) = (osrm.count.load(Ordering::SeqCst), Mutex::new(Some(rival)));
    let (noted, db) = (Arc::clone(&seen), db.clone());
    let event: Event = Box::new(move |number| {
        let (noted, db) = (Arc::clone(&noted), db.clone());
        let rival = (number == first).then(|| rival.lock().unwrap().take()).flatten();
        let rival = rival.map(|rival| rival());
        Box::pin(async move {
            let free = can_write(&db).await;
            noted.lock().unwrap().push(free);
            if let Some(rival) = rival {
                rival.await;
            }
        })
    });
    *osrm.event.lock().unwrap() = Arc::new(event);
    seen
}

#[tokio::test]
async fn a_booking_never_waits_for_a_server_while_it_writes() {
    let db = sqlite().await;
    let (osrm, address) = osrm().await;
    let company = company(&db, address).await;
    let more = json!({"home": Place::at(64.10, -21.90), "start": "home", "end": "home"});
    company.technician("Anna", more).await;
    let pools = json!([{"location_id": company.location_id, "units": 2}]);
    let crane = json!({"name": "Crane", "pools": pools, "travels": true});
    let crane: roundsman::domain::equipment::Equipment = serde_json::from_value(crane).unwrap();
    let (app, actor) = (&company.app, &company.actor);
    let crane = roundsman::app::catalogue::create(app, actor, &crane).await.unwrap().id;
    let more = json!({"equipment": [{"equipment_id": crane, "units": 1}]});
    let service = company.service("Lift", more).await;
    // While the first client's drives are being asked, another process books the same person at a
    // place that the first has never seen.
    let rival = another(&company, &db);
    let mut theirs = company.choice(service, monday("13:00"));
    theirs.place = Place::at(64.12, -21.80);
    let (whose, request) = (actor.clone(), booked(theirs));
    let seen = watch(&osrm, &db, move || {
        Box::pin(async move {
            bookings::create(&rival, &whose, &request).await.unwrap();
        })
    });
    let before = osrm.count.load(Ordering::SeqCst);
    let mut ours = company.choice(service, monday("10:00"));
    ours.place = Place::at(64.11, -21.85);
    let done = company.book(ours).await.unwrap();
    assert_eq!(done.booking.window.from, monday("10:00"));
    let seen = seen.lock().unwrap().clone();
    assert!(osrm.count.load(Ordering::SeqCst) > before + 1);
    assert!(seen.len() > 2 && seen.iter().all(|free| *free), "{seen:?}");
    // Both are there, with the drives of the server between them.
    let query = company.query(service, 1, 1);
    let starts = company.starts(&query).await;
    assert!(!starts.contains(&"12:00".to_owned()), "{starts:?}");
    assert!(starts.contains(&"11:30".to_owned()), "{starts:?}");
}

#[tokio::test]
async fn moves_and_forced_moves_do_not_wait_either() {
    let db = sqlite().await;
    let (osrm, address) = osrm().await;
    let company = company(&db, address).await;
    let home = json!({"home": Place::at(64.10, -21.90), "start": "home", "end": "home"});
    let people =
        [company.technician("Anna", home.clone()).await, company.technician("Björn", home).await];
    let rules = json!({"slots": {"arrival_window_min": 120}});
    let service = company.service("Photos", rules).await;
    let mut ours = company.choice(service, monday("10:00"));
    ours.place = Place::at(64.11, -21.85);
    ours.technician_ids = vec![people[0]];
    let visit_id = company.book(ours).await.unwrap().visit.id;
    for (number, (start, force)) in [("11:00", false), ("03:00", true)].into_iter().enumerate() {
        let rival = another(&company, &db);
        let hour = if number == 0 { "14:00" } else { "16:00" };
        let mut theirs = company.choice(service, monday(hour));
        theirs.technician_ids = vec![people[1]];
        theirs.place = Place::at(64.12 + 0.01 * f64::from(u8::try_from(number).unwrap()), -21.80);
        let (whose, request) = (company.actor.clone(), booked(theirs));
        let seen = watch(&osrm, &db, move || {
            Box::pin(async move {
                bookings::create(&rival, &whose, &request).await.unwrap();
            })
        });
        // A new server process knows no drives: it has to ask for them.
        let fresh = another(&company, &db);
        let technician_ids = vec![people[1]];
        let change =
            MoveRequest { start: monday(start), technician_ids, plan_version: None, force };
        let moved = visits::place(&fresh, &company.actor, visit_id, &change).await.unwrap();
        assert_eq!(moved.checked.feasible, !force);
        assert_eq!(moved.visit.visit.planned_start, Some(monday(start)));
        let seen = seen.lock().unwrap().clone();
        assert!(seen.len() > 1 && seen.iter().all(|free| *free), "{seen:?}");
    }
}

fn pem(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/tls").join(name);
    std::fs::read(path).unwrap()
}

/// An OSRM server behind TLS, with a certificate of an authority that nobody knows.
async fn secure() -> SocketAddr {
    let chain = vec![CertificateDer::from_pem_slice(&pem("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&pem("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust us hangs up here.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { return };
                    head.push(byte);
                }
                let body = json!({"code": "Ok", "durations": [[600.0]], "distances": [[7000.0]]});
                let (body, length) = (body.to_string(), body.to_string().len());
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            });
        }
    });
    address
}

#[tokio::test]
async fn a_server_with_a_certificate_of_ones_own_is_trusted_once_its_authority_is_named() {
    let address = secure().await;
    let pair = [(Place::at(64.0, -21.0), Place::at(64.1, -21.0))];
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}", address.port());
        let fallback = OsrmFallback::None;
        let server = OsrmServer { url, profile: "driving".to_owned(), fallback };
        let asked = Ask { osrm: Some(server), ..ask(TravelMode::Osrm) };
        let unknown = travel(Roots::default()).legs(&asked, &pair).await;
        assert!(matches!(unknown, Err(TravelError::Osrm(_))), "{host}: {unknown:?}");
        let roots = Roots::from_pem(&pem("root.pem")).unwrap();
        let (legs, fallback) = travel(roots).legs(&asked, &pair).await.unwrap();
        assert_eq!((legs[0].unwrap().seconds, fallback), (600, None), "{host}");
    }
}

#[test]
fn a_file_without_a_certificate_names_no_authority() {
    for text in [&b""[..], b"nothing", &pem("server.key")] {
        assert!(Roots::from_pem(text).is_err(), "{}", String::from_utf8_lossy(text));
    }
    assert!(Roots::from_pem(&[pem("root.pem"), pem("server.pem")].concat()).is_ok());
}
