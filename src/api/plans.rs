//! `/api/v1/plans` and `/api/v1/technicians/{id}/day`: days as they are, and as they might be.

use axum::Json;
use axum::extract::State;
use axum::routing::{get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::addressed::{At, Id, On};
use crate::api::credentials::Caller;
use crate::api::endpoint::{Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Asked, Input, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::app::plans::{
    BoardDay, Checked, Compared, Comparison, DayPlan, FitQuery, Fits, Hypothesis, TechnicianDay,
};
use crate::domain::id::{LocationId, TechnicianId};
use crate::domain::scores::PlanScore;

#[derive(Debug, Deserialize, IntoParams)]
struct DayQuery {
    /// The date, in the zone of the technician's location.
    date: NaiveDate,
    /// Whether each drive comes with its line on the map, an encoded polyline with five digits.
    #[serde(default)]
    geometry: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
struct DaysQuery {
    /// The first date, in the zone of the technician's location.
    from: NaiveDate,
    /// How many days, 1 to 14.
    #[serde(default = "a_week")]
    #[param(minimum = 1, maximum = 14)]
    count: i32,
}

fn a_week() -> i32 {
    7
}

/// Some days in a row.
#[derive(Debug, Serialize, ToSchema)]
struct TechnicianDays {
    /// The days, by date.
    days: Vec<TechnicianDay>,
}

/// What a technician has seen.
#[derive(Debug, Deserialize, ToSchema)]
struct AcknowledgeBody {
    /// Of which date, in the zone of the technician's location.
    date: NaiveDate,
    /// The version of the plan that was seen.
    plan_version: i64,
}

#[derive(Debug, Deserialize, IntoParams)]
struct PlanQuery {
    /// Whose plan.
    location_id: LocationId,
}

#[derive(Debug, Deserialize, IntoParams)]
struct BoardQuery {
    /// Whose plan.
    location_id: LocationId,
    /// Whether each drive comes with its line on the map, an encoded polyline with five digits.
    #[serde(default)]
    geometry: bool,
}

/// Adds the endpoints of plans.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "plans";
    let endpoint = Endpoint::get("/plans/{date}", Operation::PlansRead)
        .says(tag, "Reads everybody's day at a location")
        .asks::<PlanQuery>()
        .gives(200, "The plan, with its version.", Shape::of::<DayPlan>())
        .refuses(404, "No such location.");
    routes.add(endpoint, get(plan));
    let endpoint = Endpoint::get("/plans/{date}/board", Operation::PlansRead)
        .says(tag, "Reads a day as the dispatcher's board shows it")
        .more("Everybody's route, the equipment and what waits, in few words and in one answer.")
        .asks::<BoardQuery>()
        .gives(200, "The day.", Shape::of::<BoardDay>())
        .refuses(404, "No such location.");
    routes.add(endpoint, get(board));
    let endpoint = Endpoint::post("/plans:fits", Operation::PlansCheck)
        .says(tag, "Says where a visit would fit on a date, for everybody at once")
        .more(
            "For each technician the starts that keep every rule, with the driving and overtime \
             they add, or the reason why there are none.",
        )
        .takes(Shape::of::<FitQuery>())
        .gives(200, "Openings and reasons.", Shape::of::<Fits>())
        .refuses(404, "No such visit.")
        .refuses(409, "One of its services is gone.");
    routes.add(endpoint, post(fits));
    let endpoint = Endpoint::get("/plans/{date}/score", Operation::PlansScore)
        .says(tag, "Says what the rules say about a day's plan")
        .more("Each weighted rule with everything it is about, in numbers and in words; and broken hard rules.")
        .asks::<PlanQuery>()
        .gives(200, "The score.", Shape::of::<PlanScore>())
        .refuses(404, "No such location.");
    routes.add(endpoint, get(score));
    let endpoint = Endpoint::post("/plans:check", Operation::PlansCheck)
        .says(tag, "Says what a change would do, without making it")
        .takes(Shape::of::<Hypothesis>())
        .gives(
            200,
            "Broken rules with their numbers, added travel, and more.",
            Shape::of::<Checked>(),
        )
        .refuses(404, "No such visit.");
    routes.add(endpoint, post(check));
    add_comparison(routes);
    let endpoint = Endpoint::get("/technicians/{technician_id}/day", Operation::TechniciansDay)
        .says(tag, "Reads a technician's day")
        .more(
            "Stops with planned and actual times, drives, breaks, addresses and contacts; with \
               `geometry=true` also the lines of the drives.",
        )
        .asks::<DayQuery>()
        .gives(200, "The day.", Shape::of::<TechnicianDay>());
    routes.add(endpoint, get(day));
    let endpoint = Endpoint::get("/technicians/{technician_id}/days", Operation::TechniciansDay)
        .says(tag, "Reads some days of a technician in a row")
        .asks::<DaysQuery>()
        .gives(200, "The days, by date.", Shape::of::<TechnicianDays>());
    routes.add(endpoint, get(days));
    let path = "/technicians/{technician_id}/day:acknowledge";
    let endpoint = Endpoint::post(path, Operation::TechniciansAcknowledge)
        .says(tag, "Notes that the technician has seen a day")
        .more("From then on `seen.changes` of the day names what came, went or moved.")
        .takes(Shape::of::<AcknowledgeBody>())
        .gives(200, "The day.", Shape::of::<TechnicianDay>())
        .refuses(409, "The plan is newer than what was seen.");
    routes.add(endpoint, post(acknowledge));
}

/// Adds the comparison of two plans.
fn add_comparison(routes: &mut Routes) {
    let tag = "plans";
    let endpoint = Endpoint::post("/plans:compare", Operation::PlansScore)
        .says(tag, "Compares two plans of the same days, rule by rule")
        .more(
            "Each is the plan in force with the lines of a proposal, with single changes, or as it \
             is. Changes are tried by the checks of real moves; those that do not fit are named.",
        )
        .takes(Shape::of::<Comparison>())
        .gives(200, "Both plans in numbers, and each rule in both.", Shape::of::<Compared>())
        .refuses(404, "No such location, proposal or visit.")
        .refuses(409, "A visit is under way or over.");
    routes.add(endpoint, post(compare));
}

async fn plan(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(On(date), Asked(query)): At<On, Asked<PlanQuery>>,
) -> Result<Json<DayPlan>, ApiError> {
    Ok(Json(app::plans::get(&api.app, &actor, query.location_id, date).await?))
}

async fn score(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(On(date), Asked(query)): At<On, Asked<PlanQuery>>,
) -> Result<Json<PlanScore>, ApiError> {
    Ok(Json(app::plans::score(&api.app, &actor, query.location_id, date).await?))
}

async fn board(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(On(date), Asked(query)): At<On, Asked<BoardQuery>>,
) -> Result<Json<BoardDay>, ApiError> {
    let asked = (date, query.geometry);
    Ok(Json(app::plans::board(&api.app, &actor, query.location_id, asked).await?))
}

async fn fits(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(query): Whole<FitQuery>,
) -> Result<Json<Fits>, ApiError> {
    Ok(Json(app::plans::fits(&api.app, &actor, &query).await?))
}

async fn check(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(hypothesis): Whole<Hypothesis>,
) -> Result<Json<Checked>, ApiError> {
    Ok(Json(app::plans::check(&api.app, &actor, &hypothesis).await?))
}

async fn compare(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(comparison): Whole<Comparison>,
) -> Result<Json<Compared>, ApiError> {
    Ok(Json(app::plans::compare(&api.app, &actor, &comparison).await?))
}

async fn day(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Asked(query)): At<Id<TechnicianId>, Asked<DayQuery>>,
) -> Result<Json<TechnicianDay>, ApiError> {
    let (app, date) = (&api.app, query.date);
    if query.geometry {
        return Ok(Json(app::technicians::drawn_day(app, &actor, id, date).await?));
    }
    Ok(Json(app::technicians::day(app, &actor, id, date).await?))
}

async fn days(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Asked(query)): At<Id<TechnicianId>, Asked<DaysQuery>>,
) -> Result<Json<TechnicianDays>, ApiError> {
    let span = (query.from, query.count);
    let days = app::technicians::days(&api.app, &actor, id, span).await?;
    Ok(Json(TechnicianDays { days }))
}

async fn acknowledge(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Input(body)): At<Id<TechnicianId>, Input<AcknowledgeBody>>,
) -> Result<Json<TechnicianDay>, ApiError> {
    let seen = (body.date, body.plan_version);
    Ok(Json(app::technicians::acknowledge(&api.app, &actor, id, seen).await?))
}
