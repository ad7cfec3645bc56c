//! The words of a message, from an organization's own template or the built-in one.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::app::messages::facts::{Facts, House};
use crate::app::messages::html;
use crate::domain::error::AppError;
use crate::domain::id::ServiceId;
use crate::domain::messages::templates::MessageTemplate;
use crate::domain::messages::{Channel, Content, MessageKind};
use crate::domain::visits::ArrivalWindow;
use crate::store::Tx;
use crate::store::records::{self, Listing};
use crate::text::{DateStyle, Locale, date};

/// What stands for the names in braces.
pub(super) type Values = Vec<(&'static str, String)>;

/// In which words a message is written.
#[derive(Debug, Clone)]
pub(super) struct Style<'a> {
    pub(super) kind: MessageKind,
    pub(super) channel: Channel,
    pub(super) locale: Locale,
    /// The organization's own words, if it has any.
    pub(super) template: Option<&'a MessageTemplate>,
}

/// The organization's own words for a message: those of one of its services, else those for all.
///
/// # Errors
/// If the store fails.
pub(super) async fn template(
    tx: &mut Tx,
    house: &House,
    (kind, channel, locale): (MessageKind, Channel, Locale),
    service_ids: &[ServiceId],
) -> Result<Option<MessageTemplate>, AppError> {
    let filters = vec![
        ("kind", kind.as_str().into()),
        ("channel", channel.as_str().into()),
        ("locale", locale.tag().into()),
        ("active", true.into()),
    ];
    let listing = Listing { filters, ..Listing::default() };
    let found = records::list::<MessageTemplate>(tx, house.id, &listing).await?;
    let mut found: Vec<MessageTemplate> = found.items.into_iter().map(|one| one.value).collect();
    found.retain(|one| one.service_id.is_none_or(|id| service_ids.contains(&id)));
    found.sort_by_key(|one| one.service_id.is_none());
    Ok(found.into_iter().next())
}

/// Subject, words and HTML of a message.
pub(super) fn content(house: &House, style: &Style<'_>, values: &Values) -> Content {
    let locale = style.locale;
    let base = format!("messages.{}", style.kind.as_str());
    let own = style.template;
    let subject = match own {
        Some(own) if !own.subject.is_empty() => fill(&own.subject, values),
        _ => built_in(locale, &format!("{base}.subject"), values),
    };
    let short = matches!(style.channel, Channel::Sms | Channel::Whatsapp | Channel::Push);
    let text = match own {
        Some(own) => fill(&own.text, values),
        None if short => built_in(locale, &format!("{base}.short"), values),
        None => built_in(locale, &format!("{base}.text"), values),
    };
    let text = tidy(&text);
    let html = (style.channel == Channel::Email).then(|| match own {
        Some(own) if !own.html.is_empty() => {
            let safe: Values =
                values.iter().map(|(name, value)| (*name, html::escaped(value))).collect();
            fill(&own.html, &safe)
        }
        _ => html::page(&house.organization.name, locale.tag(), &text),
    });
    let parameters = own.map(|own| own.parameters.as_slice()).unwrap_or_default();
    Content {
        locale: locale.tag().to_owned(),
        // A header is one line.
        subject: subject.replace(['\n', '\r'], " "),
        text,
        html,
        parameters: parameters.iter().map(|words| fill(words, values)).collect(),
        template: own.map(|own| own.whatsapp_template.clone()).unwrap_or_default(),
        ..Content::default()
    }
}

fn built_in(locale: Locale, key: &str, values: &Values) -> String {
    let values: Vec<(&str, &dyn Display)> =
        values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    locale.text(key, &values)
}

/// Words with each name in braces replaced.
fn fill(words: &str, values: &Values) -> String {
    let mut filled = String::with_capacity(words.len() + 64);
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, tail)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, tail))
        });
        if let Some((value, tail)) = value {
            filled.push_str(value);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

/// Without blank lines where something had no value.
fn tidy(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.trim().lines() {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            kept.push_str(line.trim_end());
            kept.push('\n');
        }
    }
    kept.trim_end().to_owned()
}

/// A promise in words: `between 10:00 and 12:00`, or `at 10:00`.
pub(super) fn window(locale: Locale, zone: Tz, window: ArrivalWindow) -> String {
    let time = |at| date(locale, zone, at, DateStyle::Time);
    let (from, until) = (time(window.from), time(window.until));
    if window.from == window.until {
        locale.text("messages.window.exact", &[("from", &from)])
    } else {
        locale.text("messages.window.span", &[("from", &from), ("until", &until)])
    }
}

/// Date and promise in words.
pub(super) fn dated_window(locale: Locale, zone: Tz, promised: ArrivalWindow) -> String {
    let day = date(locale, zone, promised.from, DateStyle::Date);
    format!("{day}, {}", window(locale, zone, promised))
}

/// What every customer's message can say.
///
/// * `promised`: what is promised now.
/// * `before`: what was promised before, if something changes.
pub(super) fn of_customer(
    house: &House,
    facts: &Facts,
    locale: Locale,
    (promised, before): (ArrivalWindow, Option<ArrivalWindow>),
) -> Values {
    let zone = facts.zone();
    let text = |key: &str, value: &str| locale.text(key, &[("value", &value)]);
    let line = |key: &str, value: &str| {
        if value.is_empty() { String::new() } else { text(key, value) }
    };
    let before = before.map(|before| dated_window(locale, zone, before)).unwrap_or_default();
    let reason = facts.booking.as_ref().map(|booking| booking.cancel_reason.clone());
    let reason = reason.unwrap_or_default();
    let names: Vec<&str> = facts.crew.iter().map(|(_, name)| name.as_str()).collect();
    let link = |of: fn(&crate::app::links::BookingLinks) -> &String| {
        facts.links.as_ref().map(|links| of(links).clone()).unwrap_or_default()
    };
    let booking = facts.booking.as_ref();
    vec![
        ("customer", facts.customer.as_ref().map(|(_, one)| one.name.clone()).unwrap_or_default()),
        ("business", house.organization.name.clone()),
        ("location", facts.location.name.clone()),
        ("title", facts.title.clone()),
        ("service", facts.services.join(", ")),
        ("code", booking.map(|booking| booking.code.clone()).unwrap_or_default()),
        ("date", date(locale, zone, promised.from, DateStyle::Date)),
        ("time", date(locale, zone, promised.from, DateStyle::Time)),
        ("window", window(locale, zone, promised)),
        ("address", facts.visit.place.address.to_string()),
        ("technicians", names.join(", ")),
        ("reason_line", line("messages.reason", &reason)),
        ("reason", reason),
        ("before_line", line("messages.before", &before)),
        ("before", before),
        ("manage_link", link(|links| &links.manage)),
        ("track_link", link(|links| &links.track)),
        ("opt_out_link", String::new()),
    ]
}

/// What every message to a technician or the office can say.
pub(super) fn of_staff(
    house: &House,
    facts: &Facts,
    locale: Locale,
    (start, before): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Values {
    let zone = facts.zone();
    let before = before.map(|at| date(locale, zone, at, DateStyle::DateTime)).unwrap_or_default();
    let line = if before.is_empty() {
        String::new()
    } else {
        locale.text("messages.before", &[("value", &before)])
    };
    let customer = facts.customer.as_ref().map(|(_, customer)| customer.clone());
    let customer = customer.unwrap_or_default();
    let booking = facts.booking.as_ref();
    vec![
        ("technician", String::new()),
        ("customer", customer.name),
        ("phone", customer.phone.unwrap_or_default()),
        ("email", customer.email.unwrap_or_default()),
        ("business", house.organization.name.clone()),
        ("location", facts.location.name.clone()),
        ("title", facts.title.clone()),
        ("service", facts.services.join(", ")),
        ("code", booking.map(|booking| booking.code.clone()).unwrap_or_default()),
        ("date", date(locale, zone, start, DateStyle::Date)),
        ("time", date(locale, zone, start, DateStyle::Time)),
        ("address", facts.visit.place.address.to_string()),
        ("note", facts.note.clone()),
        ("before_line", line),
        ("before", before),
        ("source", booking.map(|booking| booking.source.clone()).unwrap_or_default()),
        ("list", String::new()),
    ]
}

/// Sets the value of a name.
pub(super) fn set(values: &mut Values, name: &'static str, value: impl Into<String>) {
    let value = value.into();
    match values.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => values.push((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_value_leaves_no_gap() {
        let values: Values = vec![("a", String::new()), ("b", "x".to_owned())];
        assert_eq!(tidy(&fill("1\n\n{a}\n\n2 {b}\n", &values)), "1\n\n2 x");
    }
}
