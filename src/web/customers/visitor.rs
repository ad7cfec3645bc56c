//! Who looks at a page of booking: at which organization, with which draft, in which language.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;

use crate::app::booking_pages::{self, Chosen, Shop};
use crate::app::{App, Client, drafts, organizations};
use crate::domain::actors::Actor;
use crate::domain::drafts::{Draft, Look};
use crate::domain::error::AppError;
use crate::domain::id::DraftId;
use crate::web::customers::Pages;
use crate::web::customers::accent;
use crate::web::customers::errors::{lost, refused};
use crate::web::customers::frame::{self, Frame, Step, parameter};
use crate::web::customers::words::Words;

/// Who looks at an organization's page, before anything is filled in.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) app: App,
    pub(super) actor: Actor,
    pub(super) shop: Shop,
    pub(super) words: Words,
    pub(super) uri: Uri,
}

/// The same with a draft.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) guest: Guest,
    pub(super) id: DraftId,
    pub(super) draft: Draft,
}

impl Guest {
    async fn enter(pages: &Pages, parts: &Parts, slug: &str) -> Result<Self, Response> {
        let client = parts.extensions.get::<Client>();
        let app = match client {
            Some(Client(client)) => pages.app.clone().for_client(client),
            None => pages.app.clone(),
        };
        let words = frame::words(&parts.uri, &parts.headers, "", "");
        let actor = organizations::public_actor(&app, slug).await;
        let actor = actor.map_err(|error| lost(words, error))?;
        let shop = booking_pages::shop(&app, &actor).await.map_err(|error| lost(words, error))?;
        let words = frame::words(&parts.uri, &parts.headers, "", &shop.locale);
        Ok(Self { app, actor, shop, words, uri: parts.uri.clone() })
    }

    /// How the address says that the page is shown.
    pub(super) fn look(&self) -> Look {
        let asked = |name| parameter(&self.uri, name).unwrap_or_default();
        Look {
            locale: asked("lang"),
            theme: asked("theme"),
            frame: asked("parent"),
            accent: accent::digits(&asked("accent")).unwrap_or_default(),
        }
    }

    /// The frame of the first page.
    pub(super) fn frame(&self, look: &Look) -> Frame {
        let mut frame = Frame::booking(self.words, &self.shop, look, &self.words.t("title"));
        let query = self.uri.query().unwrap_or("").as_bytes();
        let mut kept = url::form_urlencoded::Serializer::new(String::new());
        kept.extend_pairs(url::form_urlencoded::parse(query).filter(|(name, _)| name != "lang"));
        frame.kept = kept.finish();
        if !frame.kept.is_empty() {
            frame.kept.push('&');
        }
        frame
    }
}

impl Visitor {
    async fn enter(pages: &Pages, parts: &mut Parts) -> Result<Self, Response> {
        let (slug, id) = two(parts, pages).await;
        let mut guest = Guest::enter(pages, parts, &slug).await?;
        let missing = || AppError::not_found("draft", &id);
        let found = match id.parse::<DraftId>() {
            Ok(id) => drafts::get(&guest.app, &guest.actor, id).await.map(|draft| (id, draft)),
            Err(_) => Err(missing()),
        };
        let (id, mut draft) = found.map_err(|error| {
            let again = (guest.shop.slug.clone(), guest.words.t("error.again"));
            let frame = guest.frame(&Look::default());
            refused(frame, error, Some((format!("/book/{}", again.0), again.1)))
        })?;
        if let Some(tag) = parameter(&parts.uri, "lang").filter(|tag| *tag != draft.look.locale) {
            draft.look.locale = tag.chars().take(35).collect();
            let kept = drafts::put(&guest.app, &guest.actor, id, &draft).await;
            kept.map_err(|error| lost(guest.words, error))?;
        }
        let chosen = draft.look.locale.as_str();
        guest.words = frame::words(&parts.uri, &parts.headers, chosen, &guest.shop.locale);
        Ok(Self { guest, id, draft })
    }

    /// What the addresses of the draft's pages begin with.
    pub(super) fn root(&self) -> String {
        format!("/book/{}/{}", self.guest.shop.slug, self.id)
    }

    pub(super) fn words(&self) -> Words {
        self.guest.words
    }

    pub(super) fn app(&self) -> &App {
        &self.guest.app
    }

    pub(super) fn actor(&self) -> &Actor {
        &self.guest.actor
    }

    /// Keeps the draft.
    pub(super) async fn keep(&self) -> Result<(), AppError> {
        drafts::put(self.app(), self.actor(), self.id, &self.draft).await
    }

    /// What is chosen, as one visit.
    pub(super) async fn chosen(&self) -> Result<Chosen, AppError> {
        let work = (self.draft.service_ids.as_slice(), self.draft.package_id);
        booking_pages::chosen(self.app(), self.actor(), work).await
    }

    /// The frame of a step.
    pub(super) fn frame(&self, step: Step, asks: bool, title: &str) -> Frame {
        let frame = Frame::booking(self.words(), &self.guest.shop, &self.draft.look, title);
        frame.at(step, &self.root(), asks)
    }

    /// The page of a refusal, with the way to another step.
    pub(super) fn refused(&self, error: AppError, step: Step) -> Response {
        let words = self.words();
        let title = words.t("error.title");
        let frame = Frame::booking(words, &self.guest.shop, &self.draft.look, &title);
        let href = format!("{}{}", self.root(), step.path());
        refused(frame, error, Some((href, words.t("error.back"))))
    }
}

/// The first two parameters of the path.
async fn two(parts: &mut Parts, pages: &Pages) -> (String, String) {
    let Ok(params) = RawPathParams::from_request_parts(parts, pages).await else {
        return Default::default();
    };
    let mut values = params.iter().map(|(_, value)| value.to_owned());
    (values.next().unwrap_or_default(), values.next().unwrap_or_default())
}

impl FromRequestParts<Pages> for Guest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        let (slug, _) = two(parts, pages).await;
        Self::enter(pages, parts, &slug).await
    }
}

impl FromRequestParts<Pages> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Pages) -> Result<Self, Response> {
        Self::enter(pages, parts).await
    }
}

/// The fields of a form; of those that are there more than once, the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// The value of a field without spaces around; empty if it is not there.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a field.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field is there at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}
