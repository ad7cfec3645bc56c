//! Trying words out: what a message would say, and sending it to oneself.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::messages::facts::{Facts, House};
use crate::app::messages::words::{self, Style, Values};
use crate::app::messages::writing::{About, Draft, write};
use crate::app::permissions::{Operation, permit};
use crate::app::{App, links, messages};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::BookingId;
use crate::domain::members::check_email;
use crate::domain::messages::settings::check_number;
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::messages::{Channel, Content, MessageKind, MessageLog};
use crate::domain::visits::ArrivalWindow;
use crate::store::{Tx, bookings};
use crate::text::{DateStyle, Locale, date};

/// Words to be tried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Own words; or name a kind for the built-in ones.
    #[serde(default)]
    pub template: Option<MessageTemplate>,
    /// With built-in words: of which message.
    #[serde(default)]
    pub kind: Option<MessageKind>,
    /// With built-in words: on which channel; e-mail if none.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// With built-in words: in which language; the organization's if none.
    #[serde(default)]
    pub locale: Option<Locale>,
    /// Filled in from this booking; from an invented one if none.
    #[serde(default)]
    pub booking_id: Option<BookingId>,
}

/// Words to be sent to somebody who tries them out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestSend {
    /// What.
    #[serde(flatten)]
    pub preview: Preview,
    /// To which address or number.
    pub to: String,
}

impl Validate for Preview {
    fn validate(&self, faults: &mut Faults) {
        let own = self.template.as_ref();
        if let Some(own) = own {
            faults.within("template.", |faults| own.validate(faults));
        }
        let kind = self.kind();
        let one = kind.is_some() && (own.is_none() || self.kind.is_none());
        faults.check(one, "kind", "", "send a template, or name a kind, one of the two");
        let wordless = kind == Some(MessageKind::Event);
        faults.check(!wordless, "kind", "event", "has no words of its own");
    }
}

impl Validate for TestSend {
    fn validate(&self, faults: &mut Faults) {
        self.preview.validate(faults);
        let to = self.to.trim();
        let fits = (1..=500).contains(&to.chars().count());
        faults.check(fits, "to", to, "must have 1 to 500 characters");
        let channel = self.preview.channel();
        match channel {
            _ if !fits => {}
            Channel::Email => check_email(faults, "to", to),
            Channel::Sms | Channel::Whatsapp => check_number(faults, "to", to),
            Channel::Slack => {
                let web = to.starts_with("https://") || to.starts_with("http://");
                faults.check(web, "to", to, "must be the address of an incoming webhook of Slack");
            }
            Channel::Push | Channel::Webhook => {}
        }
        let fits = !matches!(channel, Channel::Push | Channel::Webhook);
        let message = "must be email, sms, whatsapp or slack; webhooks have a test of their own";
        faults.check(fits, "channel", channel.as_str(), message);
    }
}

impl Preview {
    fn kind(&self) -> Option<MessageKind> {
        self.template.as_ref().map(|own| own.kind).or(self.kind)
    }

    fn channel(&self) -> Channel {
        let own = self.template.as_ref().map(|own| own.channel);
        own.or(self.channel).unwrap_or(Channel::Email)
    }
}

/// What a message would say. Nothing is sent.
///
/// # Errors
/// [`AppError::Invalid`] with all faults; [`AppError::NotFound`] for the booking;
/// [`AppError::Forbidden`].
pub async fn preview(app: &App, actor: &Actor, asked: &Preview) -> Result<Content, AppError> {
    permit(actor, Operation::MessageTemplatesRead)?;
    let mut tx = app.db.read().await?;
    let (_, _, content) = rendered(app, &mut tx, actor, asked).await?;
    Ok(content)
}

/// Sends a message to somebody who tries it out.
///
/// # Errors
/// As [`preview`].
pub async fn send(app: &App, actor: &Actor, test: &TestSend) -> Result<MessageLog, AppError> {
    permit(actor, Operation::MessagesWrite)?;
    test.validated()?;
    let to = test.to.trim();
    let mut tx = app.db.write().await?;
    let (_, channel, content) = rendered(app, &mut tx, actor, &test.preview).await?;
    let content = Content { to: to.to_owned(), to_name: String::new(), opt_out: None, ..content };
    let key = format!("test:{}", app.new_id());
    let keys = (key.clone(), key);
    let kind = (MessageKind::Test, channel);
    let draft = Draft::new(kind, About::default(), content, keys, app.now());
    let id = write(app, &mut tx, actor.organization_id, draft, 0).await?;
    let id = id.ok_or_else(|| AppError::Conflict("it is there already".to_owned()))?;
    let log = messages::log(&mut tx, actor.organization_id, id).await?;
    tx.commit().await?;
    Ok(log)
}

async fn rendered(
    app: &App,
    tx: &mut Tx,
    actor: &Actor,
    asked: &Preview,
) -> Result<(MessageKind, Channel, Content), AppError> {
    let house = House::of(tx, actor.organization_id).await?;
    asked.validated()?;
    let own = asked.template.as_ref();
    let kind = asked.kind().unwrap_or(MessageKind::Test);
    let channel = asked.channel();
    let locale = own.and_then(|own| Locale::from_tag(&own.locale)).or(asked.locale);
    let locale = locale.unwrap_or_else(|| house.locale());
    let values = match asked.booking_id {
        None => invented(app, &house, locale),
        Some(id) => {
            permit(actor, Operation::BookingsRead)?;
            let booking = bookings::get(tx, house.id, id).await?;
            let booking = booking.ok_or_else(|| AppError::not_found("booking", id))?;
            let facts = Facts::of(app, tx, &house, booking.visit_id).await?;
            let facts = facts.ok_or_else(|| AppError::not_found("booking", id))?;
            let promised = (booking.window, Some(booking.window));
            if kind.is_for_customers() {
                let mut values = words::of_customer(&house, &facts, locale, promised);
                if let Some((customer_id, _)) = &facts.customer {
                    let link = links::of_customer(app, *customer_id);
                    words::set(&mut values, "opt_out_link", link);
                }
                values
            } else {
                let start = facts.visit.planned_start.unwrap_or(booking.window.from);
                words::of_staff(&house, &facts, locale, (start, Some(start)))
            }
        }
    };
    let style = Style { kind, channel, locale, template: own };
    Ok((kind, channel, words::content(&house, &style, &values)))
}

/// Values of a booking that nobody has made.
fn invented(app: &App, house: &House, locale: Locale) -> Values {
    let zone = house.organization.time_zone;
    let from: DateTime<Utc> = app.now() + TimeDelta::days(3);
    let promised = ArrivalWindow { from, until: from + TimeDelta::hours(2) };
    let text = |key: &str| locale.text(key, &[]);
    let base = app.outside.base_url();
    let before = words::dated_window(locale, zone, promised);
    let line = locale.text("messages.before", &[("value", &before)]);
    vec![
        ("customer", text("messages.sample.customer")),
        ("technician", text("messages.sample.technician")),
        ("technicians", text("messages.sample.technician")),
        ("business", house.organization.name.clone()),
        ("location", house.organization.name.clone()),
        ("title", text("messages.sample.title")),
        ("service", text("messages.sample.title")),
        ("code", "ABC2345".to_owned()),
        ("date", date(locale, zone, from, DateStyle::Date)),
        ("time", date(locale, zone, from, DateStyle::Time)),
        ("window", words::window(locale, zone, promised)),
        ("address", text("messages.sample.address")),
        ("phone", "+354 555 1234".to_owned()),
        ("email", "customer@example.com".to_owned()),
        ("source", "web".to_owned()),
        ("note", String::new()),
        ("reason", String::new()),
        ("reason_line", String::new()),
        ("before_line", line),
        ("before", before),
        ("list", String::new()),
        ("manage_link", format!("{base}/manage/…")),
        ("track_link", format!("{base}/track/…")),
        ("opt_out_link", format!("{base}/opt-out/…")),
    ]
}
