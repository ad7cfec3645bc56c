//! Calendars on real CalDAV servers: visits out, busy times in, members' changes, faults on the way.
//! The servers are those of `scripts/calendars.sh`; the same tests hold for each of them.

use roundsman::app::bookings::{self, Reschedule};
use roundsman::app::calendars::CalendarRules;
use roundsman::app::calendars::accounts::{connect, disconnect};
use roundsman::app::calendars::conflicts::{self, ConflictFilter};
use roundsman::app::calendars::uses::{self, Uses};
use roundsman::app::{App, catalogue, visits};
use roundsman::domain::absences::{Absence, AbsenceKind};
use roundsman::domain::calendars::{
    Calendar, CalendarConflict, CalendarStatus, ConflictKind, ConflictStatus,
};
use roundsman::domain::error::AppError;
use roundsman::domain::id::TechnicianId;
use roundsman::domain::visits::VisitStatus;
use serde_json::json;

use crate::support::company::{Company, monday, place};
use crate::support::databases::{TestDb, databases};
use crate::support::dav::{
    Collection, DavServer, connected, equip, event, moved, request, rules, servers, synced, value,
    with_rules, work,
};

/// A company whose only technician has a calendar on a server.
struct World {
    db: TestDb,
    company: Company,
    who: TechnicianId,
    collection: Collection,
    calendar: Calendar,
}

/// One for each kind of server and database.
async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for server in servers() {
        for db in databases().await {
            worlds.push(world(&server, db).await);
        }
    }
    worlds
}

async fn world(server: &DavServer, db: TestDb) -> World {
    let mut company = Company::new(&db).await;
    equip(&mut company, rules());
    let who = company.technicians(1).await[0];
    let collection = server.collection().await;
    let calendar = connected(&company, &collection, who).await;
    work(&company.app, &db).await;
    World { db, company, who, collection, calendar }
}

impl World {
    fn app(&self) -> &App {
        &self.company.app
    }

    async fn work(&self) {
        work(self.app(), &self.db).await;
    }

    async fn sync(&self) -> Calendar {
        synced(self.app(), &self.company.actor, &self.db, self.calendar.id).await
    }

    async fn conflicts(&self) -> Vec<CalendarConflict> {
        let filter = ConflictFilter { open: true, ..ConflictFilter::default() };
        conflicts::list(self.app(), &self.company.actor, filter).await.unwrap()
    }

    async fn absences(&self) -> Vec<Absence> {
        let listing = catalogue::Listing::default();
        let page = catalogue::list::<Absence>(self.app(), &self.company.actor, &listing).await;
        page.unwrap().items.into_iter().map(|record| record.value).collect()
    }
}

#[tokio::test]
async fn a_booking_appears_as_an_event_moves_with_it_and_goes_with_it() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        let items = world.collection.items().await;
        assert_eq!(items.len(), 1);
        let text = &items[0].1;
        assert_eq!(value(text, "UID"), format!("visit-{}@roundsman", booked.visit.id));
        assert_eq!(value(text, "DTSTART"), "20270301T100000Z");
        assert_eq!(value(text, "DTEND"), "20270301T110000Z");
        assert_eq!(value(text, "SUMMARY"), "Photos · Jón");
        assert!(value(text, "DESCRIPTION").contains(&booked.booking.code), "{text}");
        let change =
            Reschedule { start: monday("14:00"), technician_ids: Vec::new(), revision: None };
        let (app, actor) = (world.app(), &company.actor);
        bookings::reschedule(app, actor, booked.booking.id, &change).await.unwrap();
        world.work().await;
        assert_eq!(world.collection.all("DTSTART").await, ["20270301T140000Z"]);
        assert_eq!(world.collection.all("SEQUENCE").await, ["1"]);
        bookings::cancel(app, actor, booked.booking.id, None, "").await.unwrap();
        world.work().await;
        assert_eq!(world.collection.items().await, []);
    }
}

#[tokio::test]
async fn a_reassigned_visit_changes_calendars_and_a_crew_has_it_in_all_of_theirs() {
    for world in worlds().await {
        let company = &world.company;
        let other = company.technician("Other", json!({})).await;
        let theirs = servers()[0].collection().await;
        connected(company, &theirs, other).await;
        let service = company.service("Photos", json!({})).await;
        let mut choice = company.choice(service, monday("10:00"));
        choice.technician_ids = vec![world.who];
        let booked = company.book(choice).await.unwrap();
        world.work().await;
        assert_eq!(world.collection.items().await.len(), 1);
        let request = visits::MoveRequest {
            start: monday("10:00"),
            technician_ids: vec![other],
            plan_version: None,
            force: false,
        };
        visits::place(world.app(), &company.actor, booked.visit.id, &request).await.unwrap();
        world.work().await;
        assert_eq!(world.collection.items().await, []);
        assert_eq!(theirs.all("DTSTART").await, ["20270301T100000Z"]);
        let both = company.service("Heavy", json!({"crew": {"size": 2}})).await;
        company.book(company.choice(both, monday("13:00"))).await.unwrap();
        world.work().await;
        assert_eq!(world.collection.all("DTSTART").await, ["20270301T130000Z"]);
        assert_eq!(theirs.items().await.len(), 2);
    }
}

#[tokio::test]
async fn busy_times_block_slots_until_they_are_gone() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let query = company.query(service, 1, 1);
        assert!(company.starts(&query).await.contains(&"10:00".to_owned()));
        // 10 in Berlin is 9 in Reykjavik; daily, so that an expansion is needed.
        let lines = [
            "DTSTART;TZID=Europe/Berlin:20270225T100000",
            "DTEND;TZID=Europe/Berlin:20270225T130000",
            "RRULE:FREQ=DAILY;COUNT=10",
        ];
        world.collection.put("busy.ics", &event("busy-1", &lines)).await;
        let free = ["DTSTART:20270301T140000Z", "DTEND:20270301T160000Z", "TRANSP:TRANSPARENT"];
        world.collection.put("free.ics", &event("free-1", &free)).await;
        let calendar = world.sync().await;
        assert_eq!((calendar.status, calendar.error.as_str()), (CalendarStatus::Ok, ""));
        let starts = company.starts(&query).await;
        assert!(!starts.contains(&"10:00".to_owned()), "{starts:?}");
        assert!(starts.contains(&"13:00".to_owned()), "{starts:?}");
        assert!(starts.contains(&"14:00".to_owned()), "{starts:?}");
        let absences = world.absences().await;
        // 28 February (the window begins a day back) to 6 March.
        assert_eq!(absences.len(), 7);
        assert!(absences.iter().all(|absence| absence.kind == AbsenceKind::Calendar));
        assert!(absences.iter().all(|absence| !absence.note.contains("Dentist")));
        world.collection.delete("busy.ics").await;
        world.sync().await;
        assert!(company.starts(&query).await.contains(&"10:00".to_owned()));
        assert_eq!(world.absences().await, []);
    }
}

#[tokio::test]
async fn a_changed_busy_time_moves_and_the_others_stay_the_same_absences() {
    for world in worlds().await {
        let at = |hour: &str| [format!("DTSTART:20270301T{hour}0000Z"), "DURATION:PT1H".to_owned()];
        let put = async |name: &str, hour: &str| {
            let lines = at(hour);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            world.collection.put(name, &event(name, &lines)).await;
        };
        put("one.ics", "09").await;
        put("two.ics", "12").await;
        world.sync().await;
        let ids = async || {
            let mut ids = world.db.raw_column("select id from absences order by start_s").await;
            ids.truncate(5);
            ids
        };
        let before = ids().await;
        put("two.ics", "15").await;
        world.sync().await;
        let after = ids().await;
        assert_eq!((before.len(), after.len()), (2, 2));
        assert_eq!(before[0], after[0]);
        assert_ne!(before[1], after[1]);
        let starts: Vec<_> = world.absences().await.iter().map(|one| one.start).collect();
        assert!(starts.contains(&monday("09:00")) && starts.contains(&monday("15:00")));
    }
}

#[tokio::test]
async fn own_events_are_never_read_back_as_busy() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        world.sync().await;
        // Read whole, too, and in another calendar of the same person that has a copy.
        let copy = world.collection.items().await[0].1.clone();
        let second = servers()[0].collection().await;
        second.put("copy.ics", &copy).await;
        let calendar = connected(company, &second, world.who).await;
        world.work().await;
        let kept = uses::get(world.app(), &company.actor, calendar.id).await.unwrap();
        assert_eq!(kept.status, CalendarStatus::Ok, "{}", kept.error);
        assert_eq!(world.absences().await, []);
        assert_eq!(world.conflicts().await, []);
    }
}

#[tokio::test]
async fn an_event_that_the_member_moves_is_a_conflict_that_can_be_accepted() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        let (href, text) = world.collection.items().await.remove(0);
        let text = moved(&text, "20270301T150000Z", "20270301T160000Z");
        world.collection.put(&href, &text).await;
        world.sync().await;
        let found = world.conflicts().await;
        assert_eq!(found.len(), 1);
        let conflict = &found[0];
        assert_eq!((conflict.kind, conflict.visit_id), (ConflictKind::Moved, booked.visit.id));
        assert_eq!(
            (conflict.planned_start, conflict.start),
            (monday("10:00"), Some(monday("15:00")))
        );
        // Noticed once, however often it is read; and nothing is busy.
        world.sync().await;
        assert_eq!(world.conflicts().await.len(), 1);
        assert_eq!(world.absences().await, []);
        let actor = &company.actor;
        let decided = conflicts::accept(world.app(), actor, conflict.id, false).await.unwrap();
        assert_eq!(decided.status, ConflictStatus::Accepted);
        let visit = visits::get(world.app(), actor, booked.visit.id).await.unwrap();
        assert_eq!(visit.visit.planned_start, Some(monday("15:00")));
        world.work().await;
        world.sync().await;
        assert_eq!(world.collection.all("DTSTART").await, ["20270301T150000Z"]);
        assert_eq!(world.conflicts().await, []);
        let again = conflicts::reject(world.app(), actor, conflict.id).await;
        assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
    }
}

#[tokio::test]
async fn a_rejected_conflict_puts_the_event_back_where_the_plan_has_it() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        let (href, text) = world.collection.items().await.remove(0);
        let text = moved(&text, "20270301T150000Z", "20270301T160000Z");
        world.collection.put(&href, &text).await;
        world.sync().await;
        let conflict = world.conflicts().await.remove(0);
        conflicts::reject(world.app(), &company.actor, conflict.id).await.unwrap();
        world.work().await;
        world.sync().await;
        assert_eq!(world.collection.all("DTSTART").await, ["20270301T100000Z"]);
        assert_eq!(world.conflicts().await, []);
    }
}

#[tokio::test]
async fn a_deleted_event_is_a_conflict_written_again_or_taken_out_of_the_plan() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        world.sync().await;
        for accepted in [false, true] {
            let (href, _) = world.collection.items().await.remove(0);
            world.collection.delete(&href).await;
            world.sync().await;
            let conflict = world.conflicts().await.remove(0);
            assert_eq!((conflict.kind, conflict.start), (ConflictKind::Deleted, None));
            let (app, actor) = (world.app(), &company.actor);
            if accepted {
                conflicts::accept(app, actor, conflict.id, false).await.unwrap();
            } else {
                conflicts::reject(app, actor, conflict.id).await.unwrap();
            }
            world.work().await;
            world.sync().await;
            assert_eq!(world.conflicts().await, []);
            let visit = visits::get(app, actor, booked.visit.id).await.unwrap().visit;
            let left = world.collection.items().await.len();
            let expected = if accepted { VisitStatus::Unassigned } else { VisitStatus::Planned };
            assert_eq!((visit.status, left), (expected, usize::from(!accepted)));
        }
    }
}

#[tokio::test]
async fn an_event_that_the_member_calls_off_is_a_conflict_and_nothing_is_written_over_it() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        world.sync().await;
        let (href, text) = world.collection.items().await.remove(0);
        let called_off = text.replace("STATUS:CONFIRMED", "STATUS:CANCELLED");
        world.collection.put(&href, &called_off).await;
        world.sync().await;
        let conflict = world.conflicts().await.remove(0);
        assert_eq!((conflict.kind, conflict.start), (ConflictKind::Deleted, None));
        let change =
            Reschedule { start: monday("13:00"), technician_ids: Vec::new(), revision: None };
        let (app, actor) = (world.app(), &company.actor);
        bookings::reschedule(app, actor, booked.booking.id, &change).await.unwrap();
        world.work().await;
        assert_eq!(world.collection.all("STATUS").await, ["CANCELLED"]);
        conflicts::reject(app, actor, conflict.id).await.unwrap();
        world.work().await;
        world.sync().await;
        assert_eq!(world.collection.all("STATUS").await, ["CONFIRMED"]);
        assert_eq!(world.collection.all("DTSTART").await, ["20270301T130000Z"]);
        assert_eq!(world.conflicts().await, []);
    }
}

#[tokio::test]
async fn events_lead_to_their_pages_and_say_when_to_leave_where_that_is_set() {
    for mut world in worlds().await {
        let links = Some("https://rounds.example".to_owned());
        let rules = CalendarRules { travel: true, links, ..rules() };
        world.company.app = with_rules(&world.company.app, rules);
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let mut far = company.choice(service, monday("12:00"));
        far.place = place(14);
        let noon = company.book(far).await.unwrap();
        world.work().await;
        let id = noon.visit.id;
        let page = format!("https://rounds.example/day?date=2027-03-01&visit={id}");
        assert_eq!(world.collection.all("URL").await, [page.as_str()]);
        let words = world.collection.all("DESCRIPTION").await.remove(0);
        assert!(words.contains(&format!("Open: {page}")), "{words}");
        // Technicians begin the day anywhere, so that there is no drive to the first visit.
        assert!(!words.contains("Drive:"), "{words}");
        let near = company.book(company.choice(service, monday("09:00"))).await.unwrap();
        world.work().await;
        let drive = async || {
            let items = world.collection.items().await;
            let text = &items.iter().find(|(href, _)| href.contains(&id.to_string())).unwrap().1;
            value(text, "DESCRIPTION").contains("Drive: ")
        };
        assert!(drive().await);
        // Without the visit before it there is no drive again, although it has not moved itself.
        let (app, actor) = (world.app(), &company.actor);
        bookings::cancel(app, actor, near.booking.id, None, "").await.unwrap();
        world.work().await;
        assert!(!drive().await);
    }
}

#[tokio::test]
async fn what_the_member_moved_while_the_plan_moved_is_kept_as_a_conflict() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("10:00"))).await.unwrap();
        world.work().await;
        let (href, text) = world.collection.items().await.remove(0);
        let text = moved(&text, "20270301T150000Z", "20270301T160000Z");
        world.collection.put(&href, &text).await;
        let change =
            Reschedule { start: monday("13:00"), technician_ids: Vec::new(), revision: None };
        let (app, actor) = (world.app(), &company.actor);
        bookings::reschedule(app, actor, booked.booking.id, &change).await.unwrap();
        world.work().await;
        // The calendar shows the plan, and the member's wish is there to be decided.
        assert_eq!(world.collection.all("DTSTART").await, ["20270301T130000Z"]);
        // Reading our own writing back settles nothing.
        world.sync().await;
        let conflict = world.conflicts().await.remove(0);
        assert_eq!(conflict.start, Some(monday("15:00")));
    }
}

#[tokio::test]
async fn a_calendar_that_was_removed_is_gone_and_says_so() {
    for world in worlds().await {
        world.collection.remove().await;
        let calendar = world.sync().await;
        let told = matches!(calendar.status, CalendarStatus::Gone | CalendarStatus::Failing);
        assert!(told && !calendar.error.is_empty(), "{calendar:?}");
    }
}

#[tokio::test]
async fn the_calendars_of_a_login_are_found_from_the_address_of_its_server() {
    for server in servers() {
        let db = databases().await.remove(0);
        let mut company = Company::new(&db).await;
        equip(&mut company, rules());
        let who = company.technicians(1).await[0];
        let collection = server.collection().await;
        let asked = request(&server, &server.root(), Some(who));
        let account = connect(&company.app, &company.actor, &asked).await.unwrap();
        let path = url::Url::parse(&collection.url).unwrap().path().to_owned();
        let found = account.calendars.iter().find(|calendar| calendar.remote_id == path);
        assert!(found.is_some(), "{}: {:?}", server.name, account.calendars);
        assert_eq!(account.calendars.iter().filter(|calendar| calendar.receives).count(), 1);
        assert!(account.calendars.iter().all(|calendar| calendar.blocks));
    }
}

#[tokio::test]
async fn a_calendar_that_stops_blocking_or_receiving_gives_everything_back() {
    for world in worlds().await {
        let company = &world.company;
        let service = company.service("Photos", json!({})).await;
        company.book(company.choice(service, monday("13:00"))).await.unwrap();
        let busy = ["DTSTART:20270301T100000Z", "DURATION:PT1H"];
        world.collection.put("busy.ics", &event("busy-3", &busy)).await;
        world.work().await;
        let calendar = world.sync().await;
        assert_eq!((world.absences().await.len(), world.collection.items().await.len()), (1, 2));
        let (app, actor) = (world.app(), &company.actor);
        let neither = Uses { blocks: false, receives: false };
        let seen = (calendar.id, calendar.revision);
        let calendar = uses::set(app, actor, seen, neither).await.unwrap();
        assert_eq!(world.absences().await, []);
        world.work().await;
        assert_eq!(world.collection.items().await.len(), 1);
        let stale = uses::set(app, actor, seen, neither).await;
        assert!(matches!(stale, Err(AppError::Stale { .. })), "{stale:?}");
        let both = Uses { blocks: true, receives: true };
        uses::set(app, actor, (calendar.id, calendar.revision), both).await.unwrap();
        world.work().await;
        assert_eq!((world.absences().await.len(), world.collection.items().await.len()), (1, 2));
        disconnect(app, actor, calendar.account_id, false).await.unwrap();
        assert_eq!(world.absences().await, []);
        world.work().await;
        // The visit that is to come would mislead; the member's own event stays.
        assert_eq!(world.collection.all("SUMMARY").await, ["Dentist"]);
        // Who wishes keeps what was written.
        let calendar = connected(company, &world.collection, world.who).await;
        world.work().await;
        assert_eq!(world.collection.items().await.len(), 2);
        disconnect(app, actor, calendar.account_id, true).await.unwrap();
        world.work().await;
        assert_eq!(world.collection.items().await.len(), 2);
    }
}
