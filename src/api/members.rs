//! `/api/v1/members`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::Schema;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Type};

use crate::api::addressed::{At, Id};
use crate::api::catalogue::{
    change_shape, created, list_parameters, listing, page_shape, record_body, record_shape, tagged,
};
use crate::api::created::Created;
use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::idempotency::Once;
use crate::api::input::{self, Changed, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::permissions::Operation;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::MemberId;
use crate::domain::members::Member;

/// A new password.
#[derive(Deserialize, ToSchema)]
struct PasswordBody {
    /// The new one, 10 to 200 characters.
    password: String,
    /// Your present one, to set your own; owners need none to set somebody else's.
    #[serde(default)]
    current_password: Option<String>,
}

impl Validate for PasswordBody {
    fn validate(&self, faults: &mut Faults) {
        app::members::check_password(&self.password, faults);
    }
}

/// Adds the endpoints of members.
pub(crate) fn add(routes: &mut Routes) {
    let (tag, one) = ("members", "/members/{member_id}");
    let record = record_shape::<Member>();
    let endpoint = Endpoint::get("/members", Operation::MembersRead)
        .says(tag, "Lists members")
        .parameters(list_parameters(&[]))
        .gives(200, "One page.", page_shape("Member", record.clone()));
    routes.add(endpoint, get(list));
    let endpoint = Endpoint::post("/members", Operation::MembersWrite)
        .says(tag, "Creates a member")
        .takes(new_shape())
        .once()
        .gives(201, "It, as it is stored; its address is in `Location`.", record.clone())
        .refuses(409, "The e-mail address is taken.");
    routes.add(endpoint, post(create));
    let endpoint = Endpoint::get(one, Operation::MembersRead).says(tag, "Reads a member").gives(
        200,
        "It; its revision is in `ETag`, too.",
        record.clone(),
    );
    routes.add(endpoint, get(read));
    let endpoint = Endpoint::new(Method::PUT, one, Access::Granted(Operation::MembersWrite))
        .says(tag, "Replaces a member")
        .header("if-match", "The revision you saw, as in `ETag`.")
        .takes(change_shape::<Member>())
        .gives(200, "It, as it is stored.", record)
        .refuses(409, "Somebody changed it first, the address is taken, or no owner is left.");
    routes.add(endpoint, put(replace));
    let endpoint = Endpoint::new(Method::DELETE, one, Access::Granted(Operation::MembersWrite))
        .says(tag, "Removes a member and ends its sessions")
        .header("if-match", "The revision you saw, as in `ETag`; any if you send none.")
        .ends(204, "It is gone.")
        .refuses(409, "Somebody changed it first, or no owner is left.");
    routes.add(endpoint, delete(remove));
    let path = "/members/{member_id}:set-password";
    let endpoint = Endpoint::post(path, Operation::MembersPassword)
        .says(tag, "Sets a password and ends the member's sessions")
        .more("Owners set anybody's; everybody sets their own, who knows the present one.")
        .takes(Shape::of::<PasswordBody>())
        .ends(204, "It is set.");
    routes.add(endpoint, post(set_password));
}

/// A member and, to begin with, its password.
fn new_shape() -> Shape {
    let member = Shape::of::<Member>();
    let words = "10 to 200 characters; without one nobody can log in as the member yet.";
    let password = ObjectBuilder::new().schema_type(Type::String).description(Some(words));
    let own = ObjectBuilder::new().property("password", password);
    let both = AllOfBuilder::new().item(member.schema).item(own).build();
    Shape::named("NewMember".to_owned(), Schema::AllOf(both), member.components)
}

async fn list(
    State(api): State<Api>,
    Caller(actor): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ApiError> {
    let listing = listing(query.as_deref().unwrap_or(""), &[])?;
    let page = app::members::list(&api.app, &actor, &listing).await?;
    let items: Vec<Value> = page.items.iter().map(record_body).collect();
    Ok(Json(json!({ "items": items, "next_cursor": page.next })))
}

async fn create(
    State(api): State<Api>,
    Caller(actor): Caller,
    once: Once,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Created, ApiError> {
    let mut value = input::value(&headers, &bytes)?;
    let password = value.as_object_mut().and_then(|object| object.remove("password"));
    let password = password.unwrap_or_default();
    let mut faults = Faults::default();
    if !password.is_string() && !password.is_null() {
        faults.add("password", "", "must be a text");
    }
    let password = password.as_str();
    let check = |member: &Member, faults: &mut Faults| {
        member.validate(faults);
        if let Some(password) = password {
            app::members::check_password(password, faults);
        }
    };
    let form = (api.document(), &Shape::reference::<Member>());
    let member = input::read(form, value, faults, check)?;
    let app = once.app(&api, created::<Member>);
    Ok(created(&app::members::create(&app, &actor, &member, password).await?))
}

async fn read(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<MemberId>,
) -> Result<Response, ApiError> {
    Ok(tagged(&app::catalogue::get::<Member>(&api.app, &actor, id).await?))
}

async fn replace(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Changed(seen, member)): At<Id<MemberId>, Changed<Member>>,
) -> Result<Response, ApiError> {
    Ok(tagged(&app::members::update(&api.app, &actor, (id, seen), &member).await?))
}

async fn remove(
    State(api): State<Api>,
    Caller(actor): Caller,
    Id(id): Id<MemberId>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let revision = input::if_match(&headers)?;
    app::members::delete(&api.app, &actor, id, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_password(
    State(api): State<Api>,
    Caller(actor): Caller,
    At(Id(id), Whole(body)): At<Id<MemberId>, Whole<PasswordBody>>,
) -> Result<StatusCode, ApiError> {
    let current = body.current_password.as_deref();
    app::members::set_password(&api.app, &actor, id, &body.password, current).await?;
    Ok(StatusCode::NO_CONTENT)
}
