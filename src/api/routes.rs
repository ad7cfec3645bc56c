//! Puts endpoints into the router and into the OpenAPI document in one step, so that neither can
//! hold one that the other lacks.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Uri;
use axum::middleware::{from_fn_with_state, map_request};
use axum::routing::MethodRouter;
use utoipa::openapi::OpenApi;

use crate::api::credentials::{self, Gate};
use crate::api::endpoint::{Access, Endpoint};
use crate::api::state::Api;
use crate::api::{idempotency, limits};

/// The router and the document, as they grow together.
pub(crate) struct Routes {
    /// The state that the gates of the endpoints need.
    api: Api,
    /// What answers.
    pub(crate) router: Router<Api>,
    /// What is written about it.
    pub(crate) document: OpenApi,
}

impl Routes {
    /// No endpoints yet.
    pub(crate) fn new(api: &Api, document: OpenApi) -> Self {
        Self { api: api.clone(), router: Router::new(), document }
    }

    /// Adds an endpoint below `/api/v1`.
    pub(crate) fn add(&mut self, mut endpoint: Endpoint, handler: MethodRouter<Api>) {
        endpoint.path = format!("/api/v1{}", endpoint.path);
        self.add_at_root(&endpoint, handler);
    }

    /// Adds an endpoint with its whole address.
    ///
    /// The gates run from the outside in: limits per address, credential and permission,
    /// idempotency.
    pub(crate) fn add_at_root(&mut self, endpoint: &Endpoint, handler: MethodRouter<Api>) {
        let api = &self.api;
        let mut handler = handler;
        if endpoint.idempotent {
            handler = handler.route_layer(from_fn_with_state(api.clone(), idempotency::once));
        }
        let gate = Gate { api: api.clone(), access: endpoint.access };
        if endpoint.access != Access::Open {
            handler = handler.route_layer(from_fn_with_state(gate, credentials::gate));
        }
        if matches!(endpoint.access, Access::Published(_)) {
            handler = handler.route_layer(DefaultBodyLimit::max(limits::public_body(api)));
            handler = handler.route_layer(from_fn_with_state(api.clone(), limits::per_address));
        }
        let router = std::mem::take(&mut self.router);
        self.router = router.route(&routed(&endpoint.path), handler);
        let (item, schemas) = endpoint.document();
        match self.document.paths.paths.get_mut(&endpoint.path) {
            Some(known) => known.merge_operations(item),
            None => {
                self.document.paths.paths.insert(endpoint.path.clone(), item);
            }
        }
        let components = self.document.components.get_or_insert_default();
        components.schemas.extend(schemas);
    }
}

/// The address as the router knows it. The router cannot match a suffix behind a parameter, so
/// that a verb is a segment of its own there: `{id}:cancel` is `{id}/~cancel`.
fn routed(path: &str) -> String {
    path.replace(':', "/~")
}

/// The address as it is documented, from the one the router knows.
pub(crate) fn documented(path: &str) -> String {
    path.replace("/~", ":")
}

/// Splits the verb off the last segment of an address, for [`routed`]. Who writes the router's own
/// form gets nowhere: each endpoint has one address.
fn rewritten(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let split = if path.contains("/~") {
        path.replace("/~", "/%7E")
    } else {
        let (front, last) = path.rsplit_once('/')?;
        let (noun, verb) = last.split_once(':')?;
        format!("{front}/{noun}/~{verb}")
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{split}{query}").parse().ok()
}

/// The router with verbs split off before it matches.
pub(crate) fn with_verbs(router: Router) -> Router {
    let rewrite = map_request(async |mut request: Request| {
        if let Some(uri) = rewritten(request.uri()) {
            *request.uri_mut() = uri;
        }
        request
    });
    Router::new().fallback_service(router).layer(rewrite)
}
