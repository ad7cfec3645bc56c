//! Settings of what messages are sent with.

use super::super::parse::{
    assign, base_url, list, mail_address, network, optional, path, secret, smtp_url, word,
};
use super::{Kind, Setting, show_list, show_option};

pub(super) const EMAIL_SERVER: Setting = Setting {
    key: "email.server",
    about: "E-mail server that takes what is sent: smtps:// for TLS, smtp:// for STARTTLS, \
            and on this machine smtp+plain:// for neither. Empty: nothing is sent, and \
            messages say so.",
    allowed: "smtps, smtp or smtp+plain URL with user and password",
    example: "smtps://user:secret@mail.example.com",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.email.server, optional(text, smtp_url)),
    show: |config| show_option(config.email.server.as_ref()),
};

pub(super) const EMAIL_FROM: Setting = Setting {
    key: "email.from",
    about: "Sender of e-mails and organizer of invitations; the name of the business is put \
            before it. Empty: noreply@ and the host of server.public_url.",
    allowed: "an e-mail address",
    example: "dispatch@example.com",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.email.from, optional(text, mail_address)),
    show: |config| show_option(config.email.from.as_ref()),
};

pub(super) const EMAIL_OUTBOX: Setting = Setting {
    key: "email.outbox",
    about: "Without an e-mail server: folder in which e-mails are kept as .eml files. Empty: \
            none are kept.",
    allowed: "a path",
    example: "var/outbox",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.email.outbox, optional(text, path)),
    show: |config| show_path(config.email.outbox.as_ref()),
};

pub(super) const EMAIL_ROOTS: Setting = Setting {
    key: "email.root_certificates",
    about: "A PEM file with a certificate authority that is trusted for the e-mail server, \
            besides those of the machine. Empty: only those of the machine.",
    allowed: "a path",
    example: "/etc/roundsman/mail-authority.pem",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.email.root_certificates, optional(text, path)),
    show: |config| show_path(config.email.root_certificates.as_ref()),
};

pub(super) const SMS_ACCOUNT: Setting = Setting {
    key: "sms.account",
    about: "Account for text messages, as Twilio names it (account SID). Empty: no text \
            messages.",
    allowed: "a text",
    example: "AC00000000000000000000000000000000",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.sms.account, optional(text, word)),
    show: |config| show_option(config.sms.account.as_ref()),
};

pub(super) const SMS_TOKEN: Setting = Setting {
    key: "sms.token",
    about: "Secret of the account for text messages; callbacks are signed with it.",
    allowed: "at least 16 visible ASCII characters",
    example: "long-and-random-3",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.sms.token, optional(text, secret)),
    show: |config| show_option(config.sms.token.as_ref()),
};

pub(super) const SMS_FROM: Setting = Setting {
    key: "sms.from",
    about: "Number with plus and country, name, or messaging service (MG...) that sends text \
            messages.",
    allowed: "a text",
    example: "MG00000000000000000000000000000000",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.sms.from, optional(text, word)),
    show: |config| show_option(config.sms.from.as_ref()),
};

pub(super) const SMS_API: Setting = Setting {
    key: "sms.api_url",
    about: "Where the API for text messages is.",
    allowed: "an http or https URL without query",
    example: "https://api.example.com",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.sms.api_url, base_url(text)),
    show: |config| config.sms.api_url.clone(),
};

pub(super) const WHATSAPP_NUMBER: Setting = Setting {
    key: "whatsapp.phone_number_id",
    about: "Id of the WhatsApp number that sends. Empty: nothing is sent over WhatsApp.",
    allowed: "a text",
    example: "106540352242922",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.whatsapp.phone_number_id, optional(text, word)),
    show: |config| show_option(config.whatsapp.phone_number_id.as_ref()),
};

pub(super) const WHATSAPP_TOKEN: Setting = Setting {
    key: "whatsapp.access_token",
    about: "Access token for the WhatsApp number.",
    allowed: "at least 16 visible ASCII characters",
    example: "long-and-random-4",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.whatsapp.access_token, optional(text, secret)),
    show: |config| show_option(config.whatsapp.access_token.as_ref()),
};

pub(super) const WHATSAPP_SECRET: Setting = Setting {
    key: "whatsapp.app_secret",
    about: "App secret that callbacks of WhatsApp are signed with.",
    allowed: "at least 16 visible ASCII characters",
    example: "long-and-random-5",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.whatsapp.app_secret, optional(text, secret)),
    show: |config| show_option(config.whatsapp.app_secret.as_ref()),
};

pub(super) const WHATSAPP_VERIFY: Setting = Setting {
    key: "whatsapp.verify_token",
    about: "Word that WhatsApp must say when it asks whether callbacks are to come here.",
    allowed: "at least 16 visible ASCII characters",
    example: "long-and-random-6",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.whatsapp.verify_token, optional(text, secret)),
    show: |config| show_option(config.whatsapp.verify_token.as_ref()),
};

pub(super) const WHATSAPP_API: Setting = Setting {
    key: "whatsapp.api_url",
    about: "Where the API of WhatsApp is, with its version.",
    allowed: "an http or https URL without query",
    example: "https://graph.example.com/v24.0",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.whatsapp.api_url, base_url(text)),
    show: |config| config.whatsapp.api_url.clone(),
};

pub(super) const PUSH_KEY: Setting = Setting {
    key: "push.key",
    about: "Key that notifications of browsers are signed with: PKCS #8 in base64; all \
            processes of one database need the same. Empty: the file push.key in the data \
            folder, made if it is missing.",
    allowed: "at least 16 visible ASCII characters",
    example: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.push.key, optional(text, secret)),
    show: |config| show_option(config.push.key.as_ref()),
};

pub(super) const PUSH_CONTACT: Setting = Setting {
    key: "push.contact",
    about: "Whom the makers of browsers may write to about notifications. Empty: the sender \
            of e-mails.",
    allowed: "mailto: or https: and an address",
    example: "mailto:office@example.com",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.push.contact, optional(text, word)),
    show: |config| show_option(config.push.contact.as_ref()),
};

pub(super) const WEBHOOK_NETWORKS: Setting = Setting {
    key: "webhooks.allowed_networks",
    about: "Private and loopback networks that webhooks may call. Others of them are \
            refused, so that nobody reaches internal services through a webhook.",
    allowed: "addresses or networks in CIDR notation",
    example: "192.168.1.20,10.1.0.0/16",
    kind: Kind::List,
    set: |config, text| assign(&mut config.webhooks.allowed_networks, list(text, network)),
    show: |config| show_list(&config.webhooks.allowed_networks),
};

fn show_path(value: Option<&std::path::PathBuf>) -> String {
    value.map(|path| path.display().to_string()).unwrap_or_default()
}
