//! What monitors ask: is the process there, can it serve, and its numbers.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::problem::ProblemKind;
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::api::{limits, secrets};
use crate::app;

/// Adds `/healthz`, `/readyz` and `/metrics`.
pub(crate) fn add(routes: &mut Routes) {
    let open = |path| Endpoint::new(Method::GET, path, Access::Open);
    let endpoint = open("/healthz").says("server", "Whether the process is there").gives_as(
        200,
        "It is.",
        Shape::text(),
        "text/plain",
    );
    routes.add_at_root(&endpoint, get(healthz));
    let endpoint = open("/readyz")
        .says("server", "Whether requests can be served")
        .more("The database answers and its tables are up to date.")
        .gives_as(200, "They can.", Shape::text(), "text/plain")
        .refuses(503, "Not now: the database does not answer, or the server is stopping.");
    routes.add_at_root(&endpoint, get(readyz));
    let endpoint = open("/metrics")
        .says("server", "Numbers for Prometheus")
        .more("Only for clients on the same machine, or with the bearer token of the settings.")
        .gives_as(200, "Prometheus' text format.", Shape::text(), "text/plain")
        .refuses(404, "Not for this client.");
    routes.add_at_root(&endpoint, get(metrics));
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(State(api): State<Api>) -> Result<&'static str, ApiError> {
    if *api.stopping().borrow() {
        return Err(ProblemKind::UNAVAILABLE.with("the server is stopping").into());
    }
    match app::health::ready(&api.app).await {
        Ok(()) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(error = %error, "Not ready");
            Err(ProblemKind::UNAVAILABLE.with("the database does not answer").into())
        }
    }
}

async fn metrics(State(api): State<Api>, request: Request) -> Response {
    // Behind a proxy on this machine everybody looks near; what came through one never is.
    let direct = !request.headers().contains_key("x-forwarded-for");
    let near = direct && limits::client_address(&api, &request).is_loopback();
    let allowed = match &api.settings().metrics_token {
        Some(token) => bearer(request.headers()).is_some_and(|sent| secrets::equal(sent, token)),
        None => near,
    };
    match &api.settings().metrics {
        Some(render) if allowed => {
            let media = "text/plain; version=0.0.4; charset=utf-8";
            ([(CONTENT_TYPE, media)], render() + &queue(&api).await).into_response()
        }
        _ => ProblemKind::NOT_FOUND.with("nothing is at /metrics").into_response(),
    }
}

/// The depth of the queue, as it is in the database at this moment: every process tells the same.
async fn queue(api: &Api) -> String {
    let depths = match app::health::queue(&api.app).await {
        Ok(depths) => depths,
        Err(error) => {
            tracing::warn!(error = %error, "Cannot tell how full the queue is");
            return String::new();
        }
    };
    // Kinds are words of the program, without quotes.
    let by_state = depths.iter().flat_map(|depth| {
        let kind = &depth.kind;
        let states = [("waiting", depth.waiting), ("running", depth.running), ("dead", depth.dead)];
        states.map(|(state, count)| {
            format!("queue_tasks{{kind=\"{kind}\",state=\"{state}\"}} {count}\n")
        })
    });
    let due = depths
        .iter()
        .map(|depth| format!("queue_tasks_due{{kind=\"{}\"}} {}\n", depth.kind, depth.due));
    let by_state: String = by_state.collect();
    let due: String = due.collect();
    format!("# TYPE queue_tasks gauge\n{by_state}# TYPE queue_tasks_due gauge\n{due}")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
