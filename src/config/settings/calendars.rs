//! Settings of secrets at rest and of people's calendars.

use super::super::parse::{assign, choice, list, network, secret_keys, within};
use super::{Kind, Setting, show_list};
use crate::config::CalendarTravel;

pub(super) const KEYS: Setting = Setting {
    key: "secrets.keys",
    about: "Keys that encrypt secrets in the database, such as passwords of calendar servers. The \
            first one encrypts, all of them decrypt: to change keys, put a new one in front and keep \
            the old one until everything was given anew. Make one with `openssl rand -base64 32`. \
            Empty: a key derived from server.secret_key.",
    allowed: "members ID=KEY between commas; a key is 32 bytes in base64",
    example: "k1=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.secrets.keys, secret_keys(text)),
    show: |config| config.secrets.keys.clone(),
};

pub(super) const POLL_S: Setting = Setting {
    key: "calendars.poll_s",
    about: "How often each connected calendar is asked for changes, in seconds.",
    allowed: "5 to 86400",
    example: "60",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.poll_s, within(text, 5..=86_400)),
    show: |config| config.calendars.poll_s.to_string(),
};

pub(super) const DAYS_AHEAD: Setting = Setting {
    key: "calendars.days_ahead",
    about: "How far ahead busy times are read, in days. The window moves once a day.",
    allowed: "7 to 400",
    example: "60",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.days_ahead, within(text, 7..=400)),
    show: |config| config.calendars.days_ahead.to_string(),
};

pub(super) const TASKS: Setting = Setting {
    key: "calendars.tasks",
    about: "Calendars this process reads or writes at the same time. 0 leaves all to other \
            processes.",
    allowed: "0 to 64",
    example: "8",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.tasks, within(text, 0..=64)),
    show: |config| config.calendars.tasks.to_string(),
};

pub(super) const CONNECT_TIMEOUT_MS: Setting = Setting {
    key: "calendars.connect_timeout_ms",
    about: "Longest wait for a connection to a calendar server, in milliseconds.",
    allowed: "10 to 60000",
    example: "2000",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.connect_timeout_ms, within(text, 10..=60_000)),
    show: |config| config.calendars.connect_timeout_ms.to_string(),
};

pub(super) const TIMEOUT_MS: Setting = Setting {
    key: "calendars.timeout_ms",
    about: "Longest wait for an answer of a calendar server, connection included, in milliseconds.",
    allowed: "10 to 600000",
    example: "10000",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.timeout_ms, within(text, 10..=600_000)),
    show: |config| config.calendars.timeout_ms.to_string(),
};

pub(super) const REREAD_TIMEOUT_MS: Setting = Setting {
    key: "calendars.reread_timeout_ms",
    about: "How long a booking waits at most while the calendars of the people it may go to are read \
            once more for that day, in milliseconds. 0: they are not read again.",
    allowed: "0 to 20000",
    example: "800",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.reread_timeout_ms, within(text, 0..=20_000)),
    show: |config| config.calendars.reread_timeout_ms.to_string(),
};

pub(super) const TRUST_MINUTES: Setting = Setting {
    key: "calendars.trust_minutes",
    about: "How old the last reading of a calendar may be, in minutes, for bookings to go to its \
            owner while the calendar cannot be read. 0: whoever has a calendar that cannot be read \
            right now gets no bookings.",
    allowed: "0 to 525600",
    example: "30",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.trust_minutes, within(text, 0..=525_600)),
    show: |config| config.calendars.trust_minutes.to_string(),
};

pub(super) const PRIVATE_EVENTS: Setting = Setting {
    key: "calendars.private_events",
    about: "Whether visits are written into people's calendars as private, so that those who share \
            the calendar see no customers and addresses.",
    allowed: "true or false",
    example: "true",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.private_events, choice(text, "false", "true")),
    show: |config| config.calendars.private_events.to_string(),
};

pub(super) const TRAVEL: Setting = Setting {
    key: "calendars.travel",
    about: "What events in people's calendars say of the drive to them: nothing, or in their text how \
            many minutes it takes and when to leave, as the plan is now.",
    allowed: "none or text",
    example: "text",
    kind: Kind::Single,
    set: |config, text| {
        let named = |said| if said { CalendarTravel::Text } else { CalendarTravel::None };
        let travel = choice(text, "none", "text").map(named);
        assign(&mut config.calendars.travel, travel)
    },
    show: |config| match config.calendars.travel {
        CalendarTravel::None => "none".to_owned(),
        CalendarTravel::Text => "text".to_owned(),
    },
};

pub(super) const ALLOWED_NETWORKS: Setting = Setting {
    key: "calendars.allowed_networks",
    about: "Private and loopback networks in which a calendar server may stand. Others of them are \
            refused, so that nobody reaches internal services through a calendar's address.",
    allowed: "addresses or networks in CIDR notation",
    example: "192.168.1.20,10.1.0.0/16",
    kind: Kind::List,
    set: |config, text| assign(&mut config.calendars.allowed_networks, list(text, network)),
    show: |config| show_list(&config.calendars.allowed_networks),
};
