//! Who may do what: one table, asked first by every use case.

use crate::domain::actors::{Actor, ActorKind};
use crate::domain::error::AppError;
use crate::domain::id::TechnicianId;
use crate::domain::members::Role;

/// Who may do an operation. Roundsman itself may do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The least role that may do it; none means no member may.
    pub role: Option<Role>,
    /// Whether a member of the role `technician` is limited to what is theirs.
    pub own: bool,
    /// The scope an API key needs; none means no key may.
    pub scope: Option<&'static str>,
    /// Whether anyone may do it, on what the organization publishes.
    pub public: bool,
}

/// How much of the organization's things an actor may touch in an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All of them.
    Everything,
    /// Only what belongs to this technician.
    Own(TechnicianId),
    /// Only what is published.
    Published,
}

impl Sight {
    /// Whether only what is published may be seen.
    pub fn is_published(self) -> bool {
        self == Self::Published
    }

    /// Whether things of `technician` may be touched.
    pub fn covers(self, technician: TechnicianId) -> bool {
        match self {
            Self::Everything => true,
            Self::Own(own) => own == technician,
            Self::Published => false,
        }
    }
}

/// Declares the operations: one row makes the variant, its word and its grant, so that none can be
/// forgotten in a list.
macro_rules! operations {
    ($($(#[doc = $doc:literal])* $name:ident $word:literal ($role:expr, $own:expr, $scope:expr, $public:expr);)*) => {
        /// Something an actor may or may not do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[doc = $doc])* $name,)*
        }

        impl Operation {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Noun and verb, as in audit entries and in the documentation.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Who may do it.
            pub fn grant(self) -> Grant {
                let (role, own, scope, public) = match self {
                    $(Self::$name => ($role, $own, $scope, $public),)*
                };
                Grant { role, own, scope, public }
            }
        }
    };
}

const OWNER: Option<Role> = Some(Role::Owner);
const DISPATCHER: Option<Role> = Some(Role::Dispatcher);
const TECHNICIAN: Option<Role> = Some(Role::Technician);
const NOBODY: Option<Role> = None;
const NO_KEY: Option<&str> = None;
const CATALOGUE_READ: Option<&str> = Some("catalogue:read");
const CATALOGUE_WRITE: Option<&str> = Some("catalogue:write");
const CUSTOMERS_READ: Option<&str> = Some("customers:read");
const CUSTOMERS_WRITE: Option<&str> = Some("customers:write");
const SLOTS_READ: Option<&str> = Some("slots:read");
const BOOKINGS_READ: Option<&str> = Some("bookings:read");
const BOOKINGS_WRITE: Option<&str> = Some("bookings:write");
const PLANS_READ: Option<&str> = Some("plans:read");
const PLANS_WRITE: Option<&str> = Some("plans:write");
const VISITS_WRITE: Option<&str> = Some("visits:write");
const AUDIT_READ: Option<&str> = Some("audit:read");

/// Every scope an API key may have.
pub const SCOPES: [&str; 11] = [
    "catalogue:read",
    "catalogue:write",
    "customers:read",
    "customers:write",
    "slots:read",
    "bookings:read",
    "bookings:write",
    "plans:read",
    "plans:write",
    "visits:write",
    "audit:read",
];

// Columns: least role; technicians only their own; scope of a key; anyone (only what is published:
// public and active services and packages, locations without their hours; slots carry ids of
// technicians only where the service lets the customer choose, and never names).
operations! {
    /// Found an organization.
    OrganizationsCreate "organizations.create" (NOBODY, false, NO_KEY, false);
    /// See the organization's settings.
    OrganizationsRead "organizations.read" (TECHNICIAN, false, CATALOGUE_READ, false);
    /// Change the organization's settings.
    OrganizationsUpdate "organizations.update" (OWNER, false, NO_KEY, false);
    /// Write the whole organization into a file.
    OrganizationsExport "organizations.export" (OWNER, false, NO_KEY, false);
    /// Read a whole organization from a file.
    OrganizationsImport "organizations.import" (OWNER, false, NO_KEY, false);
    /// See members.
    MembersRead "members.read" (OWNER, false, NO_KEY, false);
    /// Create, change and remove members.
    MembersWrite "members.write" (OWNER, false, NO_KEY, false);
    /// Change one's own password; an owner may set anybody's.
    MembersPassword "members.password" (TECHNICIAN, true, NO_KEY, false);
    /// See API keys, without their secrets.
    ApiKeysRead "api_keys.read" (OWNER, false, NO_KEY, false);
    /// Make and revoke API keys.
    ApiKeysWrite "api_keys.write" (OWNER, false, NO_KEY, false);
    /// See locations.
    LocationsRead "locations.read" (TECHNICIAN, false, CATALOGUE_READ, true);
    /// Create, change and delete locations.
    LocationsWrite "locations.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See teams.
    TeamsRead "teams.read" (DISPATCHER, false, CATALOGUE_READ, false);
    /// Create, change and delete teams.
    TeamsWrite "teams.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See technicians.
    TechniciansRead "technicians.read" (TECHNICIAN, true, CATALOGUE_READ, false);
    /// Create, change and delete technicians.
    TechniciansWrite "technicians.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See skills.
    SkillsRead "skills.read" (TECHNICIAN, false, CATALOGUE_READ, false);
    /// Create, change and delete skills.
    SkillsWrite "skills.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See zones.
    ZonesRead "zones.read" (TECHNICIAN, false, CATALOGUE_READ, false);
    /// Create, change and delete zones.
    ZonesWrite "zones.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See absences.
    AbsencesRead "absences.read" (TECHNICIAN, true, PLANS_READ, false);
    /// Create, change and delete absences.
    AbsencesWrite "absences.write" (DISPATCHER, false, PLANS_WRITE, false);
    /// See equipment.
    EquipmentRead "equipment.read" (TECHNICIAN, false, CATALOGUE_READ, false);
    /// Create, change and delete equipment.
    EquipmentWrite "equipment.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See services.
    ServicesRead "services.read" (TECHNICIAN, false, CATALOGUE_READ, true);
    /// Create, change and delete services.
    ServicesWrite "services.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See packages.
    PackagesRead "packages.read" (TECHNICIAN, false, CATALOGUE_READ, true);
    /// Create, change and delete packages.
    PackagesWrite "packages.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See customers.
    CustomersRead "customers.read" (DISPATCHER, false, CUSTOMERS_READ, false);
    /// Create, change and delete customers.
    CustomersWrite "customers.write" (DISPATCHER, false, CUSTOMERS_WRITE, false);
    /// See sites.
    SitesRead "sites.read" (DISPATCHER, false, CUSTOMERS_READ, false);
    /// Create, change and delete sites.
    SitesWrite "sites.write" (DISPATCHER, false, CUSTOMERS_WRITE, false);
    /// See jobs.
    JobsRead "jobs.read" (DISPATCHER, false, BOOKINGS_READ, false);
    /// Create, change and delete jobs.
    JobsWrite "jobs.write" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// Look for addresses.
    AddressesRead "addresses.read" (TECHNICIAN, false, SLOTS_READ, true);
    /// Ask for slots.
    SlotsSearch "slots.search" (DISPATCHER, false, SLOTS_READ, true);
    /// Ask why there is no slot.
    SlotsExplain "slots.explain" (DISPATCHER, false, SLOTS_READ, false);
    /// Hold a slot.
    HoldsCreate "holds.create" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// See a hold by its unguessable id.
    HoldsRead "holds.read" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// Keep a hold for longer.
    HoldsRenew "holds.renew" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// Give a hold back.
    HoldsRelease "holds.release" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// Book, from a hold or directly.
    BookingsCreate "bookings.create" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// See bookings.
    BookingsRead "bookings.read" (DISPATCHER, false, BOOKINGS_READ, false);
    /// Change the words of a booking.
    BookingsUpdate "bookings.update" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// Move a booking to another time.
    BookingsReschedule "bookings.reschedule" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// Call a booking off.
    BookingsCancel "bookings.cancel" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// Note that the customer confirmed.
    BookingsConfirm "bookings.confirm" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// Note that the work is done.
    BookingsComplete "bookings.complete" (TECHNICIAN, true, BOOKINGS_WRITE, false);
    /// Note that the customer was not there.
    BookingsNoShow "bookings.no_show" (TECHNICIAN, true, BOOKINGS_WRITE, false);
    /// See messages, and what was tried.
    MessagesRead "messages.read" (DISPATCHER, false, BOOKINGS_READ, false);
    /// Replay, release and drop messages, and try words out.
    MessagesWrite "messages.write" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// See the rules of messages.
    MessageSettingsRead "message_settings.read" (DISPATCHER, false, NO_KEY, false);
    /// Change the rules of messages.
    MessageSettingsWrite "message_settings.write" (OWNER, false, NO_KEY, false);
    /// See the organization's own words for messages, and try words out.
    MessageTemplatesRead "message_templates.read" (DISPATCHER, false, CATALOGUE_READ, false);
    /// Change the organization's own words for messages.
    MessageTemplatesWrite "message_templates.write" (DISPATCHER, false, CATALOGUE_WRITE, false);
    /// See webhooks, without their secrets.
    WebhooksRead "webhooks.read" (OWNER, false, NO_KEY, false);
    /// Create, change and delete webhooks, and see their secrets.
    WebhooksWrite "webhooks.write" (OWNER, false, NO_KEY, false);
    /// See over which channels a customer wants messages.
    ConsentsRead "consents.read" (DISPATCHER, false, CUSTOMERS_READ, false);
    /// Note over which channels a customer wants messages.
    ConsentsWrite "consents.write" (DISPATCHER, false, CUSTOMERS_WRITE, false);
    /// Take notifications in a browser.
    PushSubscribe "push.subscribe" (TECHNICIAN, true, NO_KEY, false);
    /// Keep what has been filled in on the booking page.
    DraftsWrite "drafts.write" (NOBODY, false, NO_KEY, true);
    /// Send a file with an answer.
    UploadsCreate "uploads.create" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// See files that customers sent.
    UploadsRead "uploads.read" (TECHNICIAN, true, BOOKINGS_READ, false);
    /// Sign up for the waitlist.
    WaitlistEntriesCreate "waitlist_entries.create" (DISPATCHER, false, BOOKINGS_WRITE, true);
    /// See the waitlist.
    WaitlistEntriesRead "waitlist_entries.read" (DISPATCHER, false, BOOKINGS_READ, false);
    /// Create, change and end waitlist entries.
    WaitlistEntriesWrite "waitlist_entries.write" (DISPATCHER, false, BOOKINGS_WRITE, false);
    /// See a visit.
    VisitsRead "visits.read" (TECHNICIAN, true, PLANS_READ, false);
    /// Ask why a visit is where it is, or why it is in nobody's day.
    VisitsWhy "visits.why" (DISPATCHER, false, PLANS_READ, false);
    /// Create a visit without a time.
    VisitsCreate "visits.create" (DISPATCHER, false, PLANS_WRITE, false);
    /// Report how a visit goes.
    VisitsProgress "visits.progress" (TECHNICIAN, true, VISITS_WRITE, false);
    /// Lock a visit against replanning.
    VisitsLock "visits.lock" (DISPATCHER, false, PLANS_WRITE, false);
    /// Say how urgent a visit is.
    VisitsPrioritize "visits.prioritize" (DISPATCHER, false, PLANS_WRITE, false);
    /// Give a visit to technicians at a time, move it, or take it out of the plan.
    VisitsMove "visits.move" (DISPATCHER, false, PLANS_WRITE, false);
    /// See a technician's day.
    TechniciansDay "technicians.day" (TECHNICIAN, true, PLANS_READ, false);
    /// Say that one has seen a technician's day.
    TechniciansAcknowledge "technicians.acknowledge" (TECHNICIAN, true, VISITS_WRITE, false);
    /// Read what was noted about a visit.
    VisitNotesRead "visit_notes.read" (TECHNICIAN, true, PLANS_READ, false);
    /// Note something about a visit, with a photo or without.
    VisitNotesCreate "visit_notes.create" (TECHNICIAN, true, VISITS_WRITE, false);
    /// See a whole day's plan.
    PlansRead "plans.read" (DISPATCHER, false, PLANS_READ, false);
    /// Ask what a change would do.
    PlansCheck "plans.check" (DISPATCHER, false, PLANS_READ, false);
    /// See what the rules say about a plan.
    PlansScore "plans.score" (DISPATCHER, false, PLANS_READ, false);
    /// Let the optimizer look for a better plan.
    PlansOptimize "plans.optimize" (DISPATCHER, false, PLANS_WRITE, false);
    /// Let the optimizer repair a plan.
    PlansRepair "plans.repair" (DISPATCHER, false, PLANS_WRITE, false);
    /// See runs of the optimizer.
    OptimizationsRead "optimizations.read" (DISPATCHER, false, PLANS_READ, false);
    /// Stop a run of the optimizer.
    OptimizationsCancel "optimizations.cancel" (DISPATCHER, false, PLANS_WRITE, false);
    /// See what the optimizer suggests.
    ProposalsRead "proposals.read" (DISPATCHER, false, PLANS_READ, false);
    /// Put what the optimizer suggests into the plan.
    ProposalsApply "proposals.apply" (DISPATCHER, false, PLANS_WRITE, false);
    /// Take an applied proposal back.
    ProposalsUndo "proposals.undo" (DISPATCHER, false, PLANS_WRITE, false);
    /// Decide against a proposal.
    ProposalsReject "proposals.reject" (DISPATCHER, false, PLANS_WRITE, false);
    /// Ask for drives, their lines on the map, and what can be reached within a time.
    TravelRead "travel.read" (TECHNICIAN, false, PLANS_READ, false);
    /// See connected calendars and how it goes with them.
    CalendarsRead "calendars.read" (TECHNICIAN, true, PLANS_READ, false);
    /// Connect calendars, decide what they are used for, and give them up.
    CalendarsWrite "calendars.write" (TECHNICIAN, true, PLANS_WRITE, false);
    /// See what members did in their calendars to events of visits.
    CalendarConflictsRead "calendar_conflicts.read" (TECHNICIAN, true, PLANS_READ, false);
    /// Accept or reject what members did to events of visits.
    CalendarConflictsDecide "calendar_conflicts.decide" (DISPATCHER, false, PLANS_WRITE, false);
    /// See feeds, without their addresses.
    CalendarFeedsRead "calendar_feeds.read" (TECHNICIAN, true, PLANS_READ, false);
    /// Make, renew and revoke feeds.
    CalendarFeedsWrite "calendar_feeds.write" (TECHNICIAN, true, PLANS_WRITE, false);
    /// Follow the changes of a location.
    EventsRead "events.read" (DISPATCHER, false, PLANS_READ, false);
    /// See who changed what.
    AuditRead "audit.read" (DISPATCHER, false, AUDIT_READ, false);
}

/// What a customer may do with the booking whose link they have, and with no other.
const CUSTOMERS_OWN: [Operation; 4] = [
    Operation::BookingsRead,
    Operation::BookingsReschedule,
    Operation::BookingsCancel,
    Operation::BookingsConfirm,
];

/// Whether `actor` may do `operation`, and on how much.
///
/// # Errors
/// [`AppError::Forbidden`] naming the role or scope that is missing;
/// [`AppError::Unauthenticated`] for anyone where a credential is needed.
pub fn permit(actor: &Actor, operation: Operation) -> Result<Sight, AppError> {
    let grant = operation.grant();
    match &actor.kind {
        ActorKind::System => Ok(Sight::Everything),
        ActorKind::Member { role, technician_id, .. } => {
            let Some(least) = grant.role else { return Err(reserved(operation)) };
            if *role > least {
                let (word, needed) = (operation.word(), least.as_str());
                return Err(AppError::Forbidden(format!("{word} needs the role {needed}")));
            }
            match (role, grant.own, technician_id) {
                (Role::Technician, true, Some(own)) => Ok(Sight::Own(*own)),
                (Role::Technician, true, None) => {
                    let message = "this member is linked to no technician; ask an owner to link it";
                    Err(AppError::Forbidden(message.to_owned()))
                }
                _ => Ok(Sight::Everything),
            }
        }
        ActorKind::ApiKey { scopes, .. } => {
            let Some(scope) = grant.scope else { return Err(reserved(operation)) };
            if scopes.contains(scope) {
                return Ok(Sight::Everything);
            }
            let word = operation.word();
            Err(AppError::Forbidden(format!("{word} needs a key with the scope {scope}")))
        }
        ActorKind::Public if grant.public => Ok(Sight::Published),
        // Which booking is theirs is looked at where bookings are read.
        ActorKind::Customer { .. } if CUSTOMERS_OWN.contains(&operation) => Ok(Sight::Everything),
        ActorKind::Public | ActorKind::Customer { .. } => {
            Err(AppError::Unauthenticated("log in, or send an API key, to do this"))
        }
    }
}

fn reserved(operation: Operation) -> AppError {
    AppError::Forbidden(format!("{} is not open to this kind of credential", operation.word()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;
    use crate::domain::id::{ApiKeyId, MemberId, OrganizationId};

    fn member(role: Role, technician: Option<u128>) -> Actor {
        let technician_id = technician.map(|id| TechnicianId(Uuid::from_u128(id)));
        let kind = ActorKind::Member { id: MemberId(Uuid::nil()), role, technician_id };
        Actor { organization_id: OrganizationId(Uuid::nil()), kind }
    }

    fn key(scope: &str) -> Actor {
        let scopes = BTreeSet::from([scope.to_owned()]);
        let kind = ActorKind::ApiKey { id: ApiKeyId(Uuid::nil()), scopes };
        Actor { organization_id: OrganizationId(Uuid::nil()), kind }
    }

    #[test]
    fn a_role_may_do_all_that_the_roles_below_it_may() {
        for &operation in Operation::ALL {
            let roles = [Role::Owner, Role::Dispatcher, Role::Technician];
            let may = roles.map(|role| permit(&member(role, Some(1)), operation).is_ok());
            assert!(may[0] >= may[1] && may[1] >= may[2], "{}: {may:?}", operation.word());
        }
    }

    #[test]
    fn every_scope_opens_something_and_only_what_names_it() {
        for scope in SCOPES {
            let opened = |operation: &&Operation| permit(&key(scope), **operation).is_ok();
            let opened: Vec<_> = Operation::ALL.iter().filter(opened).collect();
            assert!(!opened.is_empty(), "{scope} opens nothing");
            assert!(opened.iter().all(|operation| operation.grant().scope == Some(scope)));
        }
        for operation in Operation::ALL {
            let known = operation.grant().scope.is_none_or(|scope| SCOPES.contains(&scope));
            assert!(known, "{} names an unknown scope", operation.word());
        }
    }

    #[test]
    fn anyone_may_only_look_for_hold_and_book_what_is_published_and_wait_for_it() {
        let public = Actor::public(OrganizationId(Uuid::nil()));
        let open: Vec<_> = Operation::ALL
            .iter()
            .filter(|operation| permit(&public, **operation).is_ok())
            .collect();
        let words: Vec<_> = open.iter().map(|operation| operation.word()).collect();
        assert_eq!(
            words,
            [
                "locations.read",
                "services.read",
                "packages.read",
                "addresses.read",
                "slots.search",
                "holds.create",
                "holds.read",
                "holds.renew",
                "holds.release",
                "bookings.create",
                "drafts.write",
                "uploads.create",
                "waitlist_entries.create",
            ]
        );
        for operation in open {
            assert_eq!(permit(&public, *operation).unwrap(), Sight::Published);
        }
    }

    #[test]
    fn a_technician_touches_only_what_is_theirs() {
        let own = TechnicianId(Uuid::from_u128(1));
        let day = permit(&member(Role::Technician, Some(1)), Operation::TechniciansDay).unwrap();
        assert_eq!(day, Sight::Own(own));
        assert!(day.covers(own) && !day.covers(TechnicianId(Uuid::from_u128(2))));
        assert!(permit(&member(Role::Technician, None), Operation::TechniciansDay).is_err());
        assert!(permit(&member(Role::Technician, Some(1)), Operation::PlansRead).is_err());
    }

    #[test]
    fn words_are_unique_and_only_roundsman_founds_organizations() {
        let words: BTreeSet<_> = Operation::ALL.iter().map(|operation| operation.word()).collect();
        assert_eq!(words.len(), Operation::ALL.len());
        let founding = Operation::OrganizationsCreate;
        assert!(permit(&member(Role::Owner, None), founding).is_err());
        assert!(permit(&Actor::system(OrganizationId(Uuid::nil())), founding).is_ok());
    }
}
