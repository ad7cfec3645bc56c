//! What the address of a request names: ids and dates in its path, read together with its query or body,
//! so that all faults are told at once.

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use uuid::Uuid;

use crate::api::error::ApiError;
use crate::api::problem::{Problem, ProblemKind};
use crate::api::state::Api;
use crate::domain::error::AppError;
use crate::domain::faults::{Fault, shortened};

/// The id in an address; what is no id names nothing.
#[derive(Debug)]
pub(crate) struct Id<I>(pub(crate) I);

impl<I: From<Uuid>> FromRequestParts<Api> for Id<I> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let (field, text) = last(parts, api).await?;
        let id = Uuid::try_parse(&text).map_err(|_| {
            let value = shortened(&text);
            let detail = format!("nothing is at `{value}`, which is no id (UUID)");
            let faults = vec![Fault::new(field, value, "must be an id (UUID)")];
            Problem { faults, ..ProblemKind::NOT_FOUND.with(detail) }
        })?;
        Ok(Self(I::from(id)))
    }
}

/// The date in an address.
#[derive(Debug)]
pub(crate) struct On(pub(crate) NaiveDate);

impl FromRequestParts<Api> for On {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let (field, text) = last(parts, api).await?;
        let date = text.parse().map_err(|_| {
            AppError::invalid(&field, shortened(&text), "must be a date such as 2027-03-01")
        })?;
        Ok(Self(date))
    }
}

/// Name and text of the last part of the path that varies: behind the organization of public addresses
/// comes what they are about.
async fn last(parts: &mut Parts, api: &Api) -> Result<(String, String), ApiError> {
    let params = RawPathParams::from_request_parts(parts, api)
        .await
        .map_err(|error| ProblemKind::BAD_REQUEST.with(error.body_text()))?;
    let last = params.iter().last();
    Ok(last.map(|(name, text)| (name.to_owned(), text.to_owned())).unwrap_or_default())
}

/// What is in the path, and what comes with it: the query or the body. Where both are wrong, the faults of
/// both are told.
#[derive(Debug)]
pub(crate) struct At<P, E>(pub(crate) P, pub(crate) E);

impl<P, E, M> FromRequest<Api, (M,)> for At<P, E>
where
    P: FromRequestParts<Api, Rejection = ApiError> + Send,
    E: FromRequest<Api, M>,
{
    type Rejection = Response;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = P::from_request_parts(&mut parts, api).await;
        let with = E::from_request(Request::from_parts(parts, body), api).await;
        match (path, with) {
            (Ok(path), Ok(with)) => Ok(Self(path, with)),
            (Ok(_), Err(with)) => Err(with.into_response()),
            (Err(path), Ok(_)) => Err(path.into_response()),
            (Err(path), Err(with)) => Err(both(path.into_response(), with.into_response())),
        }
    }
}

/// The faults of both; the first alone if the second is of another kind, such as a body that is no JSON.
fn both(mut first: Response, mut second: Response) -> Response {
    let mut faults = faults(&mut first);
    let more = self::faults(&mut second);
    if faults.is_empty() || more.is_empty() {
        return first;
    }
    faults.extend(more);
    ApiError::from(AppError::Invalid(faults)).into_response()
}

fn faults(response: &mut Response) -> Vec<Fault> {
    let problem = response.extensions_mut().get_mut::<Problem>();
    problem.map(|problem| problem.faults.clone()).unwrap_or_default()
}
