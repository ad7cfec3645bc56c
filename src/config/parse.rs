//! Text to values of settings; the message says what is wrong, the caller what would be right.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use url::Url;

/// Puts a parsed value in its place.
pub(super) fn assign<T>(place: &mut T, parsed: Result<T, String>) -> Result<(), String> {
    *place = parsed?;
    Ok(())
}

/// A whole number inside `allowed`.
pub(super) fn within<T>(text: &str, allowed: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd,
{
    let number = text.parse().map_err(|_| "not a whole number in range")?;
    if allowed.contains(&number) { Ok(number) } else { Err("out of range".to_owned()) }
}

/// Anything the standard library can read.
pub(super) fn plain<T>(text: &str) -> Result<T, String>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// One of two words for no and yes.
pub(super) fn choice(text: &str, no: &str, yes: &str) -> Result<bool, String> {
    if text == yes {
        Ok(true)
    } else if text == no {
        Ok(false)
    } else {
        Err("unknown word".to_owned())
    }
}

/// A path that is not empty.
pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("empty".to_owned()) } else { Ok(PathBuf::from(text)) }
}

/// Empty for nothing, otherwise what `parse` reads.
pub(super) fn optional<T>(
    text: &str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

/// Members between commas; the empty text has none.
pub(super) fn list<T>(text: &str, parse: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
    members.map(|member| parse(member).map_err(|problem| format!("{member}: {problem}"))).collect()
}

/// Classes of roads whose speed can be changed, as OpenStreetMap's key `highway` names them.
pub const ROAD_CLASSES: [&str; 10] = [
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "ferry",
];

/// A number that speeds are multiplied by.
fn factor(text: &str) -> Result<f32, String> {
    let factor = text.trim().parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=3.0).contains(&factor) { Ok(factor) } else { Err("out of range".to_owned()) }
}

/// `HOUR=PERCENT`
pub(super) fn hour_percent(text: &str) -> Result<(u8, u16), String> {
    let (hour, percent) = text.split_once('=').ok_or("no equals sign")?;
    Ok((within(hour.trim(), 0..=23)?, within(percent.trim(), 10..=1000)?))
}

/// `CLASS=FACTOR`
pub(super) fn class_factor(text: &str) -> Result<(String, f32), String> {
    let (class, its) = text.split_once('=').ok_or("no equals sign")?;
    let class = class.trim();
    if !ROAD_CLASSES.contains(&class) {
        return Err("not a class of roads".to_owned());
    }
    Ok((class.to_owned(), factor(its)?))
}

/// An address or a network in CIDR notation; an address is a network of one.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse().or_else(|_| address()).map_err(|_| "not an address or network".to_owned())
}

/// The address of a web site.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let url: Url = plain(text)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("neither http nor https".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment".to_owned());
    }
    Ok(url)
}

/// Scheme, host and port of a web site, as browsers send it; a star for any.
pub(super) fn allowed_origin(text: &str) -> Result<String, String> {
    if text == "*" {
        return Ok(text.to_owned());
    }
    let origin = web_url(text)?.origin().ascii_serialization();
    if origin == text { Ok(origin) } else { Err(format!("not an origin; maybe {origin}")) }
}

/// What nobody should guess.
pub(super) fn secret(text: &str) -> Result<String, String> {
    if text.len() < 16 {
        return Err("too short".to_owned());
    }
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if visible { Ok(text.to_owned()) } else { Err("has a blank or a special sign".to_owned()) }
}

/// Members `ID=KEY`, each key 32 bytes in base64; the text as it is.
pub(super) fn secret_keys(text: &str) -> Result<String, String> {
    for member in list(text, |member| Ok(member.to_owned()))? {
        let (id, key) = member.split_once('=').ok_or("a member has no equals sign")?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || !id.chars().all(plain) {
            return Err("an id may hold letters, digits, - and _".to_owned());
        }
        let bytes = STANDARD.decode(key).map_err(|_| format!("key {id} is no base64"))?;
        if bytes.len() != 32 {
            return Err(format!("key {id} has {} bytes, not 32", bytes.len()));
        }
    }
    Ok(text.to_owned())
}

/// What nobody should guess but is made by somebody else; empty for nothing.
pub(super) fn optional_secret(text: &str) -> Result<String, String> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if visible { Ok(text.to_owned()) } else { Err("has a blank or a special sign".to_owned()) }
}

/// A directory at Microsoft, or a word for several.
pub(super) fn tenant(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let known = !text.is_empty() && text.chars().all(plain);
    if known { Ok(text.to_owned()) } else { Err("not the name of a directory".to_owned()) }
}

/// Where a database is.
pub(super) fn database_url(text: &str) -> Result<String, String> {
    let file = text.strip_prefix("sqlite:");
    if file.is_some_and(|path| !path.trim_start_matches('/').is_empty()) {
        return Ok(text.to_owned());
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let url: Url = plain(text)?;
        return if url.has_host() { Ok(text.to_owned()) } else { Err("no host".to_owned()) };
    }
    Err("not a database we know".to_owned())
}

/// What to log.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    let filter: tracing_subscriber::filter::targets::Targets = plain(text)?;
    let said = filter.iter().next().is_some() || filter.default_level().is_some();
    if said { Ok(text.to_owned()) } else { Err("empty".to_owned()) }
}

/// The text with the password of a URL, if there is one, blotted out.
pub(super) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let Some((login, host)) = rest[..end].rsplit_once('@') else { return text.to_owned() };
    match login.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{host}{}", &rest[end..]),
        None => text.to_owned(),
    }
}

/// The address of an API, without a slash at the end.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    Ok(web_url(text)?.as_str().trim_end_matches('/').to_owned())
}

/// A server for e-mail.
pub(super) fn smtp_url(text: &str) -> Result<String, String> {
    let url: Url = plain(text)?;
    if !matches!(url.scheme(), "smtp" | "smtps" | "smtp+plain") {
        return Err("none of smtps, smtp and smtp+plain".to_owned());
    }
    if url.has_host() { Ok(text.to_owned()) } else { Err("no host".to_owned()) }
}

/// An e-mail address without a name.
pub(super) fn mail_address(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('@').collect();
    let shaped = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
    let plain = !text.contains([' ', '<', '>']);
    if shaped && plain { Ok(text.to_owned()) } else { Err("not an e-mail address".to_owned()) }
}

/// A text without blanks.
pub(super) fn word(text: &str) -> Result<String, String> {
    let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if plain { Ok(text.to_owned()) } else { Err("has a blank".to_owned()) }
}
