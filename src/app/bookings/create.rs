//! Booking, from a hold or directly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::bookings::visit::{self, JobWords, NewVisit};
use crate::app::bookings::{BookingDetails, answers, held};
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::placing::written::{News, assign, news, tell};
use crate::app::placing::{Attempts, Placed, Wanted, is_race, taken};
use crate::app::slots::choice::SlotChoice;
use crate::app::{App, audit, catalogue, idempotency, live};
use crate::domain::actors::{Actor, ActorKind};
use crate::domain::bookings::{Booking, BookingStatus};
use crate::domain::customers::Customer;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate, check_characters};
use crate::domain::id::{BookingId, CustomerId, HoldId, JobId, SiteId, VisitId};
use crate::domain::jobs::Job;
use crate::domain::places::Place;
use crate::domain::questions::{Answer, AnswerGiven};
use crate::domain::sites::Site;
use crate::domain::visits::{Assignment, Visit, VisitStatus, check_priority};
use crate::store::{Tx, bookings as rows, records};

/// What is booked, for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BookingRequest {
    /// The hold that becomes the booking; or choose a slot.
    #[serde(default)]
    pub hold_id: Option<HoldId>,
    /// The slot to book; or name a hold.
    #[serde(default)]
    pub slot: Option<SlotChoice>,
    /// Who the work is for.
    #[serde(default)]
    pub customer: Option<CustomerChoice>,
    /// Where the work is done, beside the place of the slot; a new customer gets a site anyway.
    #[serde(default)]
    pub site: Option<SiteChoice>,
    /// One line for lists; the names of the services if empty.
    #[serde(default)]
    pub title: String,
    /// More words.
    #[serde(default)]
    pub description: String,
    /// How urgent it is: 0 (ordinary) to 100; as its services are if none. Not for anyone to say.
    #[serde(default)]
    #[schema(maximum = 100)]
    pub priority: Option<u8>,
    /// Where it comes from, for instance `phone`; anyone's comes from `web`, or from `web:` and
    /// this.
    #[serde(default)]
    pub source: String,
    /// Answers to the questions of the services.
    #[serde(default)]
    pub answers: Vec<AnswerGiven>,
    /// The parameters of the campaign that brought the customer, by name, for instance
    /// `utm_source`; at most 20, of at most 200 characters each.
    #[serde(default)]
    pub campaign: BTreeMap<String, String>,
}

/// A customer known by id, or a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum CustomerChoice {
    /// One that is known.
    Known {
        /// Which.
        id: CustomerId,
    },
    /// A new one.
    New(Customer),
}

/// A site known by id, or the words of a new one at the place of the slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SiteChoice {
    /// One that is known.
    Known {
        /// Which.
        id: SiteId,
    },
    /// A new one.
    New {
        /// What people call it; may be empty.
        #[serde(default)]
        name: String,
        /// How to get in.
        #[serde(default)]
        access_note: String,
    },
}

impl Validate for BookingRequest {
    fn validate(&self, faults: &mut Faults) {
        let one = self.hold_id.is_some() != self.slot.is_some();
        faults.check(one, "hold_id", "", "name a hold or choose a slot, one of the two");
        if let Some(slot) = &self.slot {
            faults.within("slot.", |faults| slot.validate(faults));
        }
        if let Some(CustomerChoice::New(customer)) = &self.customer {
            faults.within("customer.", |faults| customer.validate(faults));
        }
        let title = self.title.chars().count();
        faults.check(title <= 300, "title", title, "must have at most 300 characters");
        let words = self.description.chars().count();
        faults.check(words <= 10_000, "description", words, "must have at most 10000 characters");
        let source = self.source.chars().count();
        faults.check(source <= 50, "source", &self.source, "must have at most 50 characters");
        check_priority(faults, "priority", self.priority.unwrap_or(0));
        let answers = self.answers.len();
        faults.check(answers <= 200, "answers", answers, "must be at most 200 answers");
        let parameters = self.campaign.len();
        faults.check(parameters <= 20, "campaign", parameters, "must be at most 20 parameters");
        for (name, value) in &self.campaign {
            let fits = name.chars().count() <= 40 && value.chars().count() <= 200;
            let message = "must have a name of at most 40 and a value of at most 200 characters";
            faults.check(fits, &format!("campaign.{name}"), value, message);
            check_characters(faults, &format!("campaign.{name}"), value);
        }
        for answer in &self.answers {
            check_characters(faults, &format!("answers.{}", answer.key), &answer.value);
        }
        let site_without_customer = self.site.is_some() && self.customer.is_none();
        faults.check(!site_without_customer, "site", "", "a site needs its customer");
    }
}

/// Books a slot.
///
/// From a hold the booking takes exactly what was held. Directly, the slot is proven once more
/// inside the transaction; if the chosen crew is lost meanwhile, the next one comes.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::SlotTaken`] with the nearest alternatives;
/// [`AppError::HoldExpired`]; [`AppError::HoldBooked`]; [`AppError::NotFound`] for the hold;
/// [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    request: &BookingRequest,
) -> Result<BookingDetails, AppError> {
    let sight = permit(actor, Operation::BookingsCreate)?;
    let (faults, answers) = check(app, actor, sight, request).await?;
    let request = (request, answers.as_slice());
    if let Some(hold_id) = request.0.hold_id {
        faults.into_result()?;
        return held::book(app, actor, request, hold_id).await;
    }
    let Some(choice) = &request.0.slot else { return Err(faults.list().to_vec().into()) };
    let mut tx = app.db.read().await?;
    let setup = live::setup(app, &mut tx, actor.organization_id).await?;
    drop(tx);
    let wanted = faults.and("slot.", choice.wanted(&setup, sight))?;
    let mut attempts = Attempts::default();
    while let Some((tx, placed)) = attempts.placed(app, actor, &wanted).await? {
        match write(app, actor, tx, request, (&wanted, &placed)).await {
            Err(error) if is_race(&error) => {}
            done => return done,
        }
    }
    Err(taken(app, actor, &wanted).await)
}

/// A request with its answers as they were checked.
pub(super) type Answered<'a> = (&'a BookingRequest, &'a [Answer]);

/// All faults of a request: its own, references, its answers, and what anyone may not name; with the
/// answers as far as they are right. The slot is looked up by who goes on.
async fn check(
    app: &App,
    actor: &Actor,
    sight: Sight,
    request: &BookingRequest,
) -> Result<(Faults, Vec<Answer>), AppError> {
    let mut faults = Faults::default();
    request.validate(&mut faults);
    if let Some(slot) = &request.slot {
        slot.check_future(app.now(), "slot.start", &mut faults);
    }
    let mut references = catalogue::References::default();
    if let Some(CustomerChoice::Known { id }) = request.customer {
        references.add("customer.id", catalogue::Kind::Customer, id);
        let open = !sight.is_published();
        faults.check(open, "customer.id", id, "give the customer's name and contact instead");
    }
    if let Some(SiteChoice::Known { id }) = request.site {
        references.add("site.id", catalogue::Kind::Site, id);
        faults.check(!sight.is_published(), "site.id", id, "leave out the site instead");
    }
    if let Some(priority) = request.priority {
        let open = !sight.is_published();
        faults.check(open, "priority", priority, "is not for anyone to say; leave it out");
    }
    let named = !sight.is_published() || request.customer.is_some();
    faults.check(named, "customer", "", "say who the work is for");
    if let (true, Some(CustomerChoice::New(customer))) = (sight.is_published(), &request.customer) {
        let given = |one: &Option<String>| one.as_ref().is_some_and(|one| !one.trim().is_empty());
        let reached = given(&customer.email) || given(&customer.phone);
        let message = "give an e-mail address or a telephone number, so that you can be reached";
        for field in ["customer.email", "customer.phone"] {
            faults.check(reached, field, "", message);
        }
    }
    let mut tx = app.db.read().await?;
    catalogue::check(&mut tx, actor.organization_id, &references, &mut faults).await?;
    let answers = answers::checked(app, actor, &mut tx, request, &mut faults).await?;
    Ok((faults, answers))
}

async fn write(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    request: Answered<'_>,
    (wanted, placed): (&Wanted, &Placed),
) -> Result<BookingDetails, AppError> {
    let (visit_id, job_id) = (VisitId(app.new_id()), JobId(app.new_id()));
    let words = people(app, actor, &mut tx, request.0, &wanted.asked.place).await?;
    let job = visit::insert_job(app, actor, &mut tx, (wanted, job_id), &words).await?;
    let (status, priority) = (VisitStatus::Planned, request.0.priority);
    let new = NewVisit { visit_id, job_id, status, priority };
    let visit = visit::insert(app, actor, &mut tx, (wanted, placed), new).await?;
    let assignments = assign(app, actor, &mut tx, (wanted, placed), visit_id).await?;
    let news = news("booking.created", "", (wanted, placed), visit_id);
    let decision = placed.decision.clone();
    let agreed = Agreed { visit, job, assignments, decision, news };
    agree(app, actor, tx, request, agreed).await
}

/// What a booking is made of, whether from a hold or directly.
pub(super) struct Agreed {
    pub(super) visit: Visit,
    pub(super) job: Job,
    pub(super) assignments: Vec<Assignment>,
    pub(super) decision: Value,
    pub(super) news: News,
}

/// Writes the booking with everything that follows from it, and ends the transaction.
pub(super) async fn agree(
    app: &App,
    actor: &Actor,
    mut tx: Tx,
    (request, answers): Answered<'_>,
    agreed: Agreed,
) -> Result<BookingDetails, AppError> {
    let organization_id = actor.organization_id;
    let Agreed { visit, job, assignments, decision, mut news } = agreed;
    let Some(window) = visit.promised else {
        return Err(AppError::Conflict("nothing is promised for this visit yet".to_owned()));
    };
    let public = actor.kind == ActorKind::Public;
    let booking = Booking {
        id: BookingId(app.new_id()),
        revision: 1,
        code: code(app),
        visit_id: visit.id,
        job_id: visit.job_id,
        location_id: visit.location_id,
        customer_id: job.customer_id,
        site_id: job.site_id,
        status: BookingStatus::Scheduled,
        title: job.title.clone(),
        description: job.description.clone(),
        window,
        source: source(public, &request.source),
        cancel_reason: String::new(),
        answers: answers.to_vec(),
        campaign: request.campaign.clone(),
        decision,
        created_at: app.now(),
        updated_at: app.now(),
    };
    let address = visit.place.address.to_string();
    rows::insert(&mut tx, organization_id, &booking, &address).await?;
    answers::attach(&mut tx, organization_id, booking.id, answers).await?;
    news.subject_id = booking.id.to_string();
    tell(app, organization_id, &mut tx, news);
    let action = audit::Action { noun: "bookings", verb: "create", id: booking.id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, audit::json(&booking))).await?;
    let mut details = BookingDetails { booking, visit, assignments };
    if public {
        // Anyone has an agreement with the business, not with its people.
        details.booking.decision = Value::Null;
        details.assignments.clear();
    }
    idempotency::keep(app, &mut tx, &details).await?;
    tx.commit().await?;
    let (booking, visit) = (details.booking.id, details.visit.id);
    tracing::info!(booking.id = %booking, visit.id = %visit, "Booked");
    Ok(details)
}

/// Where a booking comes from; anyone's shows that it came by the web.
fn source(public: bool, named: &str) -> String {
    match (public, named) {
        (false, named) => named.to_owned(),
        (true, "" | "web") => "web".to_owned(),
        (true, named) => format!("web:{named}"),
    }
}

/// Seven characters that are hard to mistake for one another, out of an id's random part.
fn code(app: &App) -> String {
    const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let random = app.new_id().into_bytes();
    let sign = |place: usize| char::from(SIGNS[usize::from(random[place] & 31)]);
    (1..=7).map(|place| sign(16 - place)).collect()
}

/// Stores a new customer and site where they are not given by id.
pub(super) async fn people(
    app: &App,
    actor: &Actor,
    tx: &mut Tx,
    request: &BookingRequest,
    place: &Place,
) -> Result<JobWords, AppError> {
    let (organization_id, now) = (actor.organization_id, app.now());
    let customer_id = match &request.customer {
        None => None,
        Some(CustomerChoice::Known { id }) => Some(*id),
        Some(CustomerChoice::New(customer)) => {
            let id = CustomerId(app.new_id());
            records::insert(tx, organization_id, id, customer, now).await?;
            Some(id)
        }
    };
    let site_id = match (&request.site, customer_id) {
        (_, None) => None,
        (Some(SiteChoice::Known { id }), Some(customer_id)) => {
            let site = records::get::<Site>(tx, organization_id, *id).await?;
            let owned = site.is_some_and(|site| site.value.customer_id == customer_id);
            if !owned {
                return Err(AppError::invalid("site.id", id, "belongs to another customer"));
            }
            Some(*id)
        }
        (site, Some(customer_id)) => {
            let (name, access_note) = match site {
                Some(SiteChoice::New { name, access_note }) => (name.clone(), access_note.clone()),
                _ => Default::default(),
            };
            let id = SiteId(app.new_id());
            let site = Site { customer_id, name, place: place.clone(), access_note };
            records::insert(tx, organization_id, id, &site, now).await?;
            Some(id)
        }
    };
    let (title, description) = (request.title.clone(), request.description.clone());
    Ok(JobWords { customer_id, site_id, title, description })
}
