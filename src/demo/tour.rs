//! What to see and try in the demo: facts, logins, and requests that work when pasted.

use std::fmt::Write as _;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::app::{App, exchange, organizations, slots};
use crate::demo::crew::{DISPATCHER, OWNER, TECHNICIAN};
use crate::demo::{PASSWORD, SLUG};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::exchange::Document;
use crate::domain::id::{LocationId, ServiceId, TechnicianId};
use crate::domain::places::Place;
use crate::domain::slots::{SlotQuery, Wishes};

/// The service of the examples.
pub const SERVICE: &str = "Listing photos";
/// Who books it, and the answers to what it asks.
const BOOKED: &str = r#""customer":{"name":"Ada Test","email":"ada@customer.example"},"answers":[{"key":"home","value":"House"},{"key":"entry","value":"I am there"}]"#;

/// What to see and try.
#[derive(Debug, Clone)]
pub struct Tour {
    /// Name of the company.
    pub title: String,
    /// Where the server answers.
    pub base_url: String,
    /// What is there, and how much.
    pub facts: Vec<(String, String)>,
    /// Role and e-mail address of logins; all have the demo's password.
    pub logins: Vec<(String, String)>,
    /// What a request does, and the command.
    pub examples: Vec<(String, String)>,
}

/// The tour of a seeded company.
///
/// # Errors
/// If the company is not there, or the database fails.
pub async fn tour(app: &App, base_url: &str, now: DateTime<Utc>) -> Result<Tour, AppError> {
    let public = organizations::public_actor(app, SLUG).await?;
    let actor = Actor::system(public.organization_id);
    let company = exchange::export(app, &actor).await?;
    let missing = || AppError::not_found("part of the demo company", SLUG);
    let service = company.services.iter().find(|item| item.value.name == SERVICE);
    let service_id = service.ok_or_else(missing)?.id;
    let site = company.sites.first().ok_or_else(missing)?;
    let tomorrow = now.date_naive() + Days::new(1);
    let slot = first_slot(app, &public, (service_id, &site.value.place), tomorrow).await?;
    let from = slot.date_naive();
    let technician_id = busiest(&company, now).ok_or_else(missing)?;
    let example = Example {
        base_url,
        service_id,
        place: &site.value.place,
        dates: (from, from + Days::new(4)),
        technician_id,
        // The first is the largest.
        location_id: company.locations.first().ok_or_else(missing)?.id,
        today: now.date_naive(),
    };
    Ok(Tour {
        title: company.organization.value.name.clone(),
        base_url: base_url.to_owned(),
        facts: facts(&company),
        logins: vec![
            ("owner".to_owned(), OWNER.to_owned()),
            ("dispatcher".to_owned(), DISPATCHER.to_owned()),
            ("technician".to_owned(), TECHNICIAN.to_owned()),
        ],
        examples: example.commands(),
    })
}

impl Tour {
    /// The tour as text for the terminal.
    ///
    /// * `hint`: something to add at the end.
    pub fn text(&self, hint: Option<&str>) -> String {
        let facts: Vec<String> =
            self.facts.iter().map(|(name, value)| format!("{value} {name}")).collect();
        let mut text = format!("{}: {}\n", self.title, facts.join(", "));
        let _ = write!(
            text,
            "\nOpen   {base}/\nBook   {base}/book/{SLUG}\nDocs   {base}/docs\n\nLogins, all with the password {PASSWORD}\n",
            base = self.base_url
        );
        for (role, email) in &self.logins {
            let _ = writeln!(text, "  {role:<11} {email}");
        }
        for (title, command) in &self.examples {
            let _ = write!(text, "\n# {title}\n{command}\n");
        }
        if let Some(hint) = hint {
            let _ = write!(text, "\n{hint}\n");
        }
        text.push_str("\nStop with Ctrl-C.\n");
        text
    }
}

fn facts(company: &Document) -> Vec<(String, String)> {
    let facts = [
        ("technicians", company.technicians.len()),
        ("locations", company.locations.len()),
        ("services", company.services.len()),
        ("packages", company.packages.len()),
        ("customers", company.customers.len()),
        ("bookings", company.bookings.len()),
    ];
    facts.map(|(name, count)| (name.to_owned(), count.to_string())).to_vec()
}

/// The technician with most visits today, or else on the next day that has some.
fn busiest(company: &Document, now: DateTime<Utc>) -> Option<TechnicianId> {
    let today = now.date_naive();
    let count = |id: TechnicianId| {
        let its = company.assignments.iter().map(|it| &it.assignment);
        its.filter(|it| it.technician_id == id && it.start.date_naive() == today).count()
    };
    company.technicians.iter().map(|item| item.id).max_by_key(|id| count(*id))
}

/// A start that anyone could book now; midnight if there is none, which the server refuses in
/// words.
async fn first_slot(
    app: &App,
    public: &Actor,
    (service_id, place): (ServiceId, &Place),
    from: NaiveDate,
) -> Result<DateTime<Utc>, AppError> {
    let query = SlotQuery {
        service_ids: vec![service_id],
        package_id: None,
        location_id: None,
        place: place.clone(),
        from,
        until: from + Days::new(13),
        wishes: Wishes::default(),
        limit: None,
        crews_per_slot: 1,
    };
    let answer = slots::search_public(app, public, &query).await?;
    let first = answer.days.iter().flat_map(|day| &day.slots).map(|slot| slot.start).next();
    Ok(first.unwrap_or_else(|| crate::demo::midnight(from) + TimeDelta::days(1)))
}

/// What the examples are made of.
struct Example<'a> {
    base_url: &'a str,
    service_id: ServiceId,
    place: &'a Place,
    dates: (NaiveDate, NaiveDate),
    technician_id: TechnicianId,
    location_id: LocationId,
    today: NaiveDate,
}

impl Example<'_> {
    /// What a dispatcher does with the booking that the examples before have made: whose day it is on,
    /// and a change of it, for which a login needs the header that no other site can send.
    fn booked(&self) -> [String; 2] {
        let api = format!("{}/api/v1", self.base_url);
        let whose = format!(
            "BOOKING=$(grep -o '\"id\":\"[^\"]*' booking.json | head -1 | cut -d'\"' -f4)\n\
             WHO=$(curl -s -b dispatcher.cookies {api}/bookings/$BOOKING \\\n  \
             | grep -o '\"technician_id\":\"[^\"]*' | head -1 | cut -d'\"' -f4)\n\
             curl -s -b dispatcher.cookies \
             \"{api}/technicians/$WHO/day?date=${{START%%T*}}\"; echo"
        );
        let confirm = format!(
            "curl -s -X POST -b dispatcher.cookies -H 'X-Requested-With: curl' \\\n  \
             {api}/bookings/$BOOKING:confirm; echo"
        );
        [whose, confirm]
    }

    fn login(&self, email: &str, jar: &str) -> String {
        let base_url = self.base_url;
        format!(
            "curl -s -c {jar} {base_url}/api/v1/session -H 'Content-Type: application/json' \\\n  \
             -d '{{\"email\":\"{email}\",\"password\":\"{PASSWORD}\"}}'; echo"
        )
    }

    fn commands(&self) -> Vec<(String, String)> {
        let Self { base_url, service_id, technician_id, today, .. } = self;
        let public = format!("{base_url}/api/v1/public/{SLUG}");
        let json = "-H 'Content-Type: application/json'";
        let place = format!("{{\"lat\":{},\"lon\":{}}}", self.place.lat, self.place.lon);
        let (from, until) = self.dates;
        let work = format!("\"service_ids\":[\"{service_id}\"],\"place\":{place}");
        // The examples write files; a folder of its own keeps them out of everybody's way.
        let search = format!(
            "cd \"$(mktemp -d)\"\ncurl -s {public}/slots:search {json} \\\n  -d '{{{work},\"from\":\"{from}\",\
             \"until\":\"{until}\",\"limit\":5}}' | tee slots.json; echo"
        );
        let hold = format!(
            "START=$(grep -o '\"start\":\"[^\"]*' slots.json | head -1 | cut -d'\"' -f4)\n\
             curl -s {public}/holds {json} \\\n  -d '{{{work},\"start\":\"'$START'\"}}' \
             | tee hold.json; echo"
        );
        let book = format!(
            "HOLD=$(grep -o '\"id\":\"[^\"]*' hold.json | cut -d'\"' -f4)\n\
             curl -s {public}/bookings {json} \\\n  -d '{{\"hold_id\":\"'$HOLD'\",{BOOKED}}}' \
             | tee booking.json; echo"
        );
        let [whose, confirm] = self.booked();
        let login = |email: &str, jar: &str| self.login(email, jar);
        let examples = [
            ("Anyone: when could a photographer come?", search),
            ("Anyone: hold the first of these starts for ten minutes", hold),
            ("Anyone: book what is held", book),
            (
                "Dispatcher: log in; the cookie is kept in a file",
                login(DISPATCHER, "dispatcher.cookies"),
            ),
            ("Dispatcher: the day of who comes to this booking", whose),
            ("Dispatcher: note that the customer confirmed", confirm),
            (
                "Dispatcher: a technician's day, with the drives between the visits",
                format!(
                    "curl -s -b dispatcher.cookies \
                     '{base_url}/api/v1/technicians/{technician_id}/day?date={today}'; echo"
                ),
            ),
            (
                "Dispatcher: upcoming bookings, searched by name",
                format!(
                    "curl -s -b dispatcher.cookies \
                     '{base_url}/api/v1/bookings?q=Ada&when=upcoming&limit=5'; echo"
                ),
            ),
            (
                "Technician: log in, and see the own day; nobody else's is there",
                format!(
                    "{}\ncurl -s -b technician.cookies \
                     \"{base_url}/api/v1/technicians/$ME/day?date={today}\"; echo",
                    login(TECHNICIAN, "technician.cookies").replace(
                        "; echo",
                        " | tee me.json; echo\n\
                         ME=$(grep -o '\"technician_id\":\"[^\"]*' me.json | cut -d'\"' -f4)"
                    )
                ),
            ),
            (
                "Owner: the whole company as one document",
                format!(
                    "{}\ncurl -s -b owner.cookies {base_url}/api/v1/export > company.json",
                    login(OWNER, "owner.cookies")
                ),
            ),
        ];
        self.completed(examples.map(|(title, command)| (title.to_owned(), command)).to_vec())
    }

    /// These examples, with what the optimizer can do before the technician's.
    fn completed(&self, mut all: Vec<(String, String)>) -> Vec<(String, String)> {
        let at = all.iter().position(|(title, _)| title.starts_with("Technician"));
        let at = at.unwrap_or(all.len());
        all.splice(at..at, self.optimizing());
        all
    }

    /// A run of the optimizer, its progress, and its proposal applied.
    fn optimizing(&self) -> [(String, String); 3] {
        let Self { base_url, location_id, today, .. } = self;
        let from = *today + Days::new(1);
        let office = "curl -s -b dispatcher.cookies -H 'X-Requested-With: curl'";
        let until = *today + Days::new(3);
        let optimize = format!(
            "{office} {base_url}/api/v1/plans:optimize -H 'Content-Type: application/json' \\\n  \
             -d '{{\"location_ids\":[\"{location_id}\"],\"from\":\"{from}\",\
             \"until\":\"{until}\",\"time_s\":5}}' | tee run.json; echo"
        );
        let follow = format!(
            "RUN=$(grep -o '\"id\":\"[^\"]*' run.json | head -1 | cut -d'\"' -f4)\n\
             curl -sN -b dispatcher.cookies {base_url}/api/v1/optimizations/$RUN/progress \
             | tee progress.txt; echo"
        );
        let apply = format!(
            "PROPOSAL=$(grep -o '\"proposal_id\":\"[^\"]*' progress.txt | tail -1 | cut -d'\"' -f4)\n\
             curl -s -b dispatcher.cookies {base_url}/api/v1/proposals/$PROPOSAL; echo\n\
             {office} -X POST {base_url}/api/v1/proposals/$PROPOSAL:apply; echo"
        );
        [
            (
                "Dispatcher: let the optimizer look for a better plan of the next three days",
                optimize,
            ),
            ("Dispatcher: follow the run until it has a proposal", follow),
            ("Dispatcher: put the proposal into the plan; :undo takes it back", apply),
        ]
        .map(|(title, command)| (title.to_owned(), command))
    }
}
