//! Laws of the whole stack, on random small companies: what is offered can be booked, and no
//! sequence of use cases breaks a plan.

use chrono::{DateTime, Duration, TimeDelta, Utc};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::FileFailurePersistence;
use roundsman::app::bookings::{self, BookingDetails, Reschedule};
use roundsman::app::plans::{self, DayShift, DayStop};
use roundsman::app::visits::{self, MoveRequest};
use roundsman::app::{holds, slots};
use roundsman::domain::error::AppError;
use roundsman::domain::id::{BookingId, HoldId, ServiceId, VisitId};
use roundsman::domain::slots::{SlotAnswer, SlotQuery};
use roundsman::domain::visits::{Lock, VisitStatus};
use serde_json::json;

use crate::support::company::{Company, booked_hold, march, monday, place, slots as slots_of};
use crate::support::databases::{TestDb, databases};

/// A generator of small numbers; the same seed gives the same company and the same story.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn small(&mut self, sides: u32) -> u32 {
        u32::try_from(self.roll(sides.into())).unwrap()
    }
}

/// A company with two to four people of different kinds and three services.
async fn company(db: &TestDb, dice: &mut Dice) -> (Company, Vec<ServiceId>) {
    let company = Company::new(db).await;
    let skill = company.skill("Drone").await;
    let ladder = company.equipment("Ladder", 1).await;
    for number in 0..2 + dice.roll(3) {
        let home = place(dice.small(40));
        let skills = if dice.roll(2) == 0 { json!([]) } else { json!([{"skill_id": skill}]) };
        let breaks = json!([{"earliest": "11:30", "latest": "13:00", "duration_min": 30}]);
        let edges = if dice.roll(2) == 0 { "anywhere" } else { "home" };
        let more = json!({
            "home": home, "start": edges, "end": edges, "skills": skills,
            "breaks": if dice.roll(2) == 0 { json!([]) } else { breaks },
            "limits": {"overtime_min": dice.roll(3) * 20, "visits_per_day": 2 + dice.roll(4)},
        });
        company.technician(&format!("T{number}"), more).await;
    }
    let wide = json!({"step_min": 60, "arrival_window_min": 60 + dice.roll(2) * 60});
    let crew = json!({"size": 2, "mode": "split", "roles": []});
    let ladders = json!([{"equipment_id": ladder}]);
    let needs = json!([{"skill_id": skill}]);
    let services = vec![
        company
            .service("Wide", json!({"slots": wide, "duration_min": 30 + dice.roll(4) * 30}))
            .await,
        company.service("Crew", json!({"crew": crew, "equipment": ladders})).await,
        company.service("Skilled", json!({"skills": needs, "setup_min": 10})).await,
    ];
    (company, services)
}

fn query(company: &Company, services: &[ServiceId], dice: &mut Dice) -> SlotQuery {
    let service = services[usize::try_from(dice.roll(3)).unwrap()];
    let mut query = company.query(service, 1, 2);
    query.place = place(dice.small(60));
    query
}

fn a_start(answer: &SlotAnswer, dice: &mut Dice) -> Option<DateTime<Utc>> {
    let all = slots_of(answer);
    let count = u64::try_from(all.len()).unwrap();
    (count > 0).then(|| all[usize::try_from(dice.roll(count)).unwrap()].start)
}

/// Everything that a plan of two days gets wrong, by plain arithmetic on what the use cases show.
async fn faults(company: &Company) -> Vec<String> {
    let mut faults = Vec::new();
    for day in [1, 2] {
        let plan = plans::get(&company.app, &company.actor, company.location_id, march(day)).await;
        let plan = plan.unwrap();
        for technician in &plan.technicians {
            let who = &technician.name;
            for stop in &technician.outside {
                faults.push(format!("{who}: {:?} lies outside every shift", stop.planned_start));
            }
            for shift in &technician.shifts {
                faults.extend(shift_faults(shift).into_iter().map(|f| format!("{who}: {f}")));
            }
        }
    }
    faults
}

fn shift_faults(shift: &DayShift) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    let limit = shift.end + TimeDelta::seconds(shift.overtime_limit_s);
    let mut free_from = shift.start;
    for stop in &shift.stops {
        let (start, end) = (stop.planned_start.unwrap(), stop.planned_end.unwrap());
        let drive = stop.drive.map_or(Duration::zero(), |leg| Duration::seconds(leg.seconds));
        // Breaks taken on the way make the way longer.
        let rest: Duration = rests(shift, free_from, start);
        check(free_from + drive + rest <= start, format!("cannot reach the visit at {start}"));
        check(kept(stop), format!("the promise of {:?} is broken at {start}", stop.promised));
        let cut = shift.breaks.iter().any(|rest| rest.start < end && start < rest.end);
        check(!cut, format!("a break cuts the visit at {start}"));
        free_from = end;
    }
    let home = shift.drive_home.map_or(Duration::zero(), |leg| Duration::seconds(leg.seconds));
    check(free_from + home <= limit, format!("home after {limit}"));
    check(shift.feasible, "the route is not feasible".to_owned());
    faults
}

fn kept(stop: &DayStop) -> bool {
    let start = stop.planned_start.unwrap();
    stop.promised.is_none_or(|window| window.from <= start && start <= window.until)
}

fn rests(shift: &DayShift, from: DateTime<Utc>, until: DateTime<Utc>) -> Duration {
    let within = shift.breaks.iter().filter(|rest| from <= rest.start && rest.end <= until);
    within.map(|rest| rest.end - rest.start).sum()
}

/// What a story remembers.
#[derive(Default)]
struct Story {
    holds: Vec<HoldId>,
    bookings: Vec<BookingId>,
    visits: Vec<VisitId>,
}

impl Story {
    async fn step(&mut self, company: &Company, services: &[ServiceId], dice: &mut Dice) {
        let (app, actor) = (&company.app, &company.actor);
        let asked = query(company, services, dice);
        let answer = slots::search(app, actor, &asked).await.unwrap();
        let start = a_start(&answer, dice);
        let choice = |start| {
            let mut choice = company.choice(asked.service_ids[0], start);
            choice.place = asked.place.clone();
            choice
        };
        match (dice.roll(6), start) {
            (0, Some(start)) => {
                let hold = holds::create(app, actor, &choice(start)).await.unwrap();
                self.holds.push(hold.id);
            }
            (1, _) if !self.holds.is_empty() => {
                let request = booked_hold(self.holds.remove(0));
                match bookings::create(app, actor, &request).await {
                    Ok(details) => self.note(&details),
                    Err(AppError::HoldExpired { .. } | AppError::NotFound { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            (2, _) if !self.bookings.is_empty() => {
                let id = self.bookings.remove(0);
                bookings::cancel(app, actor, id, None, "").await.unwrap();
            }
            (3, Some(start)) if !self.bookings.is_empty() => {
                let change = Reschedule { start, technician_ids: Vec::new(), revision: None };
                match bookings::reschedule(app, actor, self.bookings[0], &change).await {
                    Ok(_) | Err(AppError::SlotTaken { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            (4, _) => company.wait(3),
            (_, Some(start)) => {
                let booked = company.book(choice(start)).await;
                let booked =
                    booked.unwrap_or_else(|error| panic!("{start} was offered: {error:?}"));
                self.note(&booked);
            }
            _ => {}
        }
    }

    /// What a dispatcher does beside bookings: moves, takes out, locks, and looks at a day.
    async fn dispatch(&mut self, company: &Company, services: &[ServiceId], dice: &mut Dice) {
        let (app, actor) = (&company.app, &company.actor);
        let start = monday("07:00") + TimeDelta::minutes(15 * i64::from(dice.small(160)));
        let what = dice.roll(6);
        if what < 2 || self.visits.is_empty() {
            let place = place(dice.small(60));
            let service = services[usize::try_from(dice.roll(3)).unwrap()];
            let body = json!({"service_ids": [service], "location_id": company.location_id,
                "place": place});
            let request = serde_json::from_value(body).unwrap();
            let made = visits::create(app, actor, &request).await.unwrap();
            self.visits.push(made.visit.id);
        }
        let count = u64::try_from(self.visits.len()).unwrap();
        let id = self.visits[usize::try_from(dice.roll(count)).unwrap()];
        let status = visits::get(app, actor, id).await.unwrap().visit.status;
        if status == VisitStatus::Cancelled {
            return;
        }
        match what {
            0..4 => {
                let (technician_ids, plan_version) = (Vec::new(), None);
                let request = MoveRequest { start, technician_ids, plan_version, force: false };
                match visits::place(app, actor, id, &request).await {
                    Ok(_) | Err(AppError::SlotTaken { .. } | AppError::Conflict(_)) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            4 => drop(visits::unassign(app, actor, id).await.unwrap()),
            _ => {
                let locks = [Lock::None, Lock::Time, Lock::Technician, Lock::Both, Lock::Window];
                let lock = locks[usize::try_from(dice.roll(5)).unwrap()];
                visits::lock(app, actor, (id, None), lock).await.unwrap();
                let day = march(1 + dice.small(2));
                plans::get(app, actor, company.location_id, day).await.unwrap();
            }
        }
    }

    fn note(&mut self, details: &BookingDetails) {
        self.visits.push(details.visit.id);
        self.bookings.push(details.booking.id);
    }
}

fn run(work: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap().block_on(work);
}

/// How many random cases: `PROPTEST_CASES`, or as many as take a moment.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(6)
}

/// A company whose every offer is taken at its word.
async fn offers(db: &TestDb, mut dice: Dice) {
    let (company, services) = company(db, &mut dice).await;
    for _ in 0..8 {
        let asked = query(&company, &services, &mut dice);
        let answer = company.ask(&asked).await;
        for slot in slots_of(&answer).into_iter().step_by(7) {
            let mut choice = company.choice(asked.service_ids[0], slot.start);
            choice.place = asked.place.clone();
            choice.technician_ids = slot.crews[0].technician_ids.clone();
            let hold = holds::create(&company.app, &company.actor, &choice).await.unwrap();
            assert_eq!(hold.technician_ids, choice.technician_ids);
            holds::release(&company.app, &company.actor, hold.id).await.unwrap();
        }
        let Some(start) = a_start(&answer, &mut dice) else { continue };
        let mut choice = company.choice(asked.service_ids[0], start);
        choice.place = asked.place.clone();
        company.book(choice).await.unwrap();
    }
    assert_eq!(faults(&company).await, Vec::<String>::new());
}

/// A company to which so many things happen. The plan is looked at in the end alone: looking would
/// read all of it again, and hide what was not read again when it changed.
async fn story(db: &TestDb, mut dice: Dice, steps: usize) -> Company {
    let (company, services) = company(db, &mut dice).await;
    let mut story = Story::default();
    for _ in 0..steps {
        story.step(&company, &services, &mut dice).await;
    }
    assert_eq!(faults(&company).await, Vec::<String>::new());
    company
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_offered_slot_can_be_booked_at_once(seed in any::<u64>()) {
        run(async move {
            for db in databases().await {
                offers(&db, Dice(seed)).await;
            }
        });
    }

    #[test]
    fn no_story_of_holds_bookings_moves_and_cancellations_breaks_a_plan(seed in any::<u64>()) {
        run(async move {
            for db in databases().await {
                story(&db, Dice(seed), 25).await;
            }
        });
    }

    #[test]
    fn no_dispatcher_who_moves_takes_out_and_locks_visits_breaks_a_plan(seed in any::<u64>()) {
        run(async move {
            for db in databases().await {
                dispatched(&db, Dice(seed)).await;
            }
        });
    }
}

/// As [`story`], with a dispatcher who moves visits meanwhile.
async fn dispatched(db: &TestDb, mut dice: Dice) {
    let (company, services) = company(db, &mut dice).await;
    let mut story = Story::default();
    for _ in 0..16 {
        story.step(&company, &services, &mut dice).await;
        story.dispatch(&company, &services, &mut dice).await;
    }
    assert_eq!(faults(&company).await, Vec::<String>::new());
}

/// A booking went to another day, whose plan was read again while the other one was not; the view
/// then held the booking twice.
#[tokio::test]
async fn the_story_in_which_a_crew_was_seen_with_its_old_promise_breaks_nothing() {
    for db in databases().await {
        story(&db, Dice(13_141_260_940_624_172_478), 25).await;
    }
}

#[tokio::test]
async fn a_story_on_every_database_leaves_the_same_plan() {
    let mut plans_seen = Vec::new();
    for db in databases().await {
        let company = story(&db, Dice(42), 20).await;
        let plan = plans::get(&company.app, &company.actor, company.location_id, march(1)).await;
        let days = plan.unwrap().technicians.into_iter().map(|day| {
            let stops = day.shifts.into_iter().flat_map(|shift| shift.stops);
            (day.name, stops.map(|stop| stop.planned_start).collect::<Vec<_>>())
        });
        plans_seen.push(days.collect::<Vec<_>>());
    }
    assert!(plans_seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn days_of_23_and_25_hours_offer_what_the_clock_shows() {
    for db in databases().await {
        let fixed = json!({"mode": "fixed", "before_min": 0, "after_min": 0});
        let now = "2027-03-20T00:00:00Z".parse().unwrap();
        let company = Company::with(&db, "Europe/Berlin", fixed, now).await;
        let days = ["Sat", "Sun", "Mon"];
        let hours = json!({"weekly": [{"days": days, "from": "00:00", "until": "06:00"}]});
        company.technician("Anna", json!({"working_hours": hours})).await;
        let rules = json!({"step_min": 60, "horizon": {"days": 365}});
        let service = company.service("Photos", json!({"slots": rules})).await;
        // Clocks go from 2:00 to 3:00 on 28 March: five hours of work, five starts.
        let mut query = company.query(service, 27, 29);
        let counts = |answer: SlotAnswer| -> Vec<usize> {
            answer.days.iter().map(|day| day.slots.len()).collect()
        };
        assert_eq!(counts(company.ask(&query).await), [6, 5, 6]);
        // And from 3:00 back to 2:00 on 31 October: seven.
        query.from = "2027-10-30".parse().unwrap();
        query.until = "2027-11-01".parse().unwrap();
        let answer = company.ask(&query).await;
        let night = &answer.days[1].slots;
        assert_eq!(night[0].start, "2027-10-30T22:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(counts(answer.clone()), [6, 7, 6]);
        for slot in night.iter().step_by(2) {
            company.book(company.choice(service, slot.start)).await.unwrap();
        }
        assert_eq!(counts(company.ask(&query).await), [6, 3, 6]);
        assert!(monday("06:00") < slots_of(&answer)[0].start);
    }
}
