//! What surrounds every page for customers: its head, the steps, help, and headers of its answer.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Response};

use crate::app::booking_pages::Shop;
use crate::domain::booking_pages::BookingPage;
use crate::domain::drafts::Look;
use crate::text::Locale;
use crate::web::customers::words::Words;
use crate::web::customers::{accent, assets};

/// Pages may use what this server has and nothing else; scripts and styles are files of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors";

/// The steps of booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Service,
    Place,
    Questions,
    Time,
    Confirm,
}

impl Step {
    /// All of them, in order, with the keys of their names.
    const ALL: [(Self, &'static str); 5] = [
        (Self::Service, "step.service"),
        (Self::Place, "step.place"),
        (Self::Questions, "step.questions"),
        (Self::Time, "step.time"),
        (Self::Confirm, "step.confirm"),
    ];

    /// The last part of its address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Service => "",
            Self::Place => "/place",
            Self::Questions => "/questions",
            Self::Time => "/time",
            Self::Confirm => "/confirm",
        }
    }
}

/// A step as the head of the page shows it.
#[derive(Debug, Clone)]
pub(super) struct StepShown {
    pub(super) name: String,
    /// `done`, `now` or `next`.
    pub(super) state: &'static str,
    /// Where it can be gone back to.
    pub(super) href: Option<String>,
}

/// A language to choose.
#[derive(Debug, Clone)]
pub(super) struct Language {
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) current: bool,
}

/// What surrounds a page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) words: Words,
    /// The organization's name.
    pub(super) name: String,
    /// Where booking begins.
    pub(super) home: String,
    pub(super) title: String,
    pub(super) steps: Vec<StepShown>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) theme: String,
    /// The six digits of the accent colour of the site that shows the page.
    pub(super) accent: Option<String>,
    /// The origin of the site that shows the page, if it may.
    pub(super) parent: Option<String>,
    /// The code of the booking that was just made.
    pub(super) booked: Option<String>,
    /// Parameters of the address that stay when the language changes, each with an `&` behind it.
    pub(super) kept: String,
    /// Seconds after which the page is read again.
    pub(super) refresh_s: Option<u32>,
    /// Sites that may show the page.
    ancestors: String,
}

impl Frame {
    /// Around a page of booking.
    pub(super) fn booking(words: Words, shop: &Shop, look: &Look, title: &str) -> Self {
        let mut frame = Self::plain(words, (&shop.name, &shop.slug), &shop.page, title);
        frame.theme = Some(look.theme.clone())
            .filter(|theme| matches!(theme.as_str(), "light" | "dark"))
            .unwrap_or_default();
        frame.accent = accent::digits(&look.accent);
        frame.parent = shop.page.frame(&look.frame).map(str::to_owned);
        let origins = shop.page.frame_origins.join(" ");
        format!("'self' {origins}").trim().clone_into(&mut frame.ancestors);
        frame
    }

    /// Around a page that no other site shows.
    pub(super) fn plain(
        words: Words,
        (name, slug): (&str, &str),
        page: &BookingPage,
        title: &str,
    ) -> Self {
        Self {
            words,
            name: name.to_owned(),
            home: format!("/book/{slug}"),
            title: title.to_owned(),
            steps: Vec::new(),
            phone: page.phone.clone(),
            email: page.email.clone(),
            theme: String::new(),
            accent: None,
            parent: None,
            booked: None,
            kept: String::new(),
            refresh_s: None,
            ancestors: "'none'".to_owned(),
        }
    }

    /// The same with the steps of booking in its head.
    ///
    /// * `root`: what the addresses of the steps begin with.
    /// * `asks`: whether there are questions.
    pub(super) fn at(mut self, now: Step, root: &str, asks: bool) -> Self {
        let shown = Step::ALL.iter().filter(|(step, _)| asks || *step != Step::Questions);
        let step = |(step, key): &(Step, &str)| {
            let state = match step.cmp(&now) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "next",
            };
            let href = (state == "done").then(|| format!("{root}{}", step.path()));
            StepShown { name: self.words.t(key), state, href }
        };
        self.steps = shown.map(step).collect();
        self
    }

    pub(super) fn lang(&self) -> &'static str {
        self.words.0.tag()
    }

    pub(super) fn languages(&self) -> Vec<Language> {
        let language = |locale: Locale| Language {
            tag: locale.tag(),
            name: locale.name(),
            current: locale == self.words.0,
        };
        Locale::ALL.into_iter().map(language).collect()
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the frame")]
    pub(super) fn style(&self) -> &'static str {
        assets::style()
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the frame")]
    pub(super) fn script(&self) -> &'static str {
        assets::script()
    }

    /// A page as an answer.
    pub(super) fn answer(&self, status: StatusCode, page: &impl Template) -> Response {
        let html = match page.render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(error = %error, "A page could not be written");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        let policy = format!("{POLICY} {}", self.ancestors);
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
        response
    }
}

/// The value of a parameter in an address.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or("");
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}

/// The words of a reader who may have chosen a language in the address.
pub(super) fn words(uri: &Uri, headers: &HeaderMap, chosen: &str, organization: &str) -> Words {
    let now = parameter(uri, "lang").filter(|tag| Locale::from_tag(tag).is_some());
    Words::of(now.as_deref().unwrap_or(chosen), headers, organization)
}

/// Leads on to another page.
pub(super) fn to(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}
