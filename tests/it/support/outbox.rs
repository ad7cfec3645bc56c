//! A company whose messages are followed and sent at a moment of the test's choice.

use std::future::poll_fn;
use std::ops::Deref;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::{MessageParser, MimeHeaders as _};
use roundsman::app::bookings::BookingDetails;
use roundsman::app::messages::{self, MessageFilter};
use roundsman::app::{App, bookings, catalogue, following, members};
use roundsman::domain::id::ServiceId;
use roundsman::domain::messages::settings::MessageSettings;
use roundsman::domain::messages::{Message, MessageLog};
use roundsman::jobs::Failure;
use roundsman::notify::email::{EmailSettings, SmtpServer};
use roundsman::notify::{Notify, NotifySettings};
use roundsman::store::Db;
use roundsman::store::pages::PageQuery;
use roundsman::store::queue::claim::{Claim, claim, next_due};
use roundsman::store::queue::{Finished, Lease, Task};
use serde_json::{Value, json};

use crate::support::company::{Company, booked};
use crate::support::receivers::{Hook, Mail, Mailbox};

/// The kinds of tasks that messages need.
const KINDS: [&str; 3] = [following::TASK, messages::DELIVER_TASK, messages::daily::TASK];

/// A company with a technician and a service, and a mailbox for everything that is sent.
pub(crate) struct Sender {
    pub(crate) company: Company,
    pub(crate) mailbox: Mailbox,
    pub(crate) service: ServiceId,
    pub(crate) db: Db,
}

impl Deref for Sender {
    type Target = Company;

    fn deref(&self) -> &Company {
        &self.company
    }
}

/// What an e-mail says, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) to: String,
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Method of the MIME part, and the iCalendar text of it and of the attachment.
    pub(crate) invitation: Option<(String, String, String)>,
    pub(crate) headers: String,
}

impl Sender {
    /// One at 6:00 on Monday, whose e-mails go to a mailbox of their own.
    pub(crate) async fn new(db: &Db) -> Self {
        Self::with(db, |_| {}).await
    }

    /// One with other settings for what is sent.
    pub(crate) async fn with(db: &Db, change: impl FnOnce(&mut NotifySettings)) -> Self {
        let mailbox = Mailbox::open().await;
        let mut company = Company::new(db).await;
        let mut settings = NotifySettings {
            email: EmailSettings {
                server: Some(SmtpServer::from_url(&mailbox.url, b"").unwrap()),
                from: "office@aurora.example".to_owned(),
                domain: "aurora.example".to_owned(),
                outbox: None,
            },
            ..NotifySettings::default()
        };
        change(&mut settings);
        company.app = company.app.clone().with_notify(Notify::new(settings));
        let technician = company.technician("Ása", json!({})).await;
        let service = company.service("Photos", json!({})).await;
        // Addresses are unique in the whole database; a second sender in it has another one.
        for email in ["asa@aurora.example".to_owned(), format!("{technician}@aurora.example")] {
            let member = json!({"name": "Ása", "email": email, "role": "technician",
                "technician_id": technician});
            let member = serde_json::from_value(member).unwrap();
            if members::create(&company.app, &company.actor, &member, None).await.is_ok() {
                break;
            }
        }
        Self { company, mailbox, service, db: db.clone() }
    }

    /// Changes some rules of messages.
    pub(crate) async fn rules(&self, change: impl FnOnce(&mut MessageSettings)) {
        let (mut settings, revision) =
            messages::settings::get(&self.app, &self.actor).await.unwrap();
        change(&mut settings);
        let both = (&settings, revision);
        messages::settings::set(&self.app, &self.actor, both).await.unwrap();
    }

    /// Books for Jón, who has an e-mail address and a telephone.
    pub(crate) async fn book_at(&self, start: DateTime<Utc>) -> BookingDetails {
        self.book_of(self.service, start).await
    }

    /// Books a service for him.
    pub(crate) async fn book_of(&self, service: ServiceId, start: DateTime<Utc>) -> BookingDetails {
        let mut request = booked(self.choice(service, start));
        let customer = json!({"name": "Jón", "email": "jon@example.is", "phone": "+354 555 1234"});
        request.customer = Some(serde_json::from_value(customer).unwrap());
        "phone".clone_into(&mut request.source);
        bookings::create(&self.app, &self.actor, &request).await.unwrap()
    }

    /// Follows and sends everything that is due, and what comes of it.
    pub(crate) async fn work(&self) -> usize {
        let mut count = 0;
        while let Some(task) = claimed(&self.app, &self.db).await {
            let _finished = perform(&self.app, &self.db, task).await.unwrap();
            count += 1;
        }
        count
    }

    /// Follows what happened, and lets the delivery over `channel` die as soon as its request has come.
    pub(crate) async fn die_in_delivery(&self, hook: &Hook, channel: &str) {
        let mark = format!(":{channel}:");
        while let Some(task) = claimed(&self.app, &self.db).await {
            if !task.unique_key.contains(&mark) {
                let _finished = perform(&self.app, &self.db, task).await.unwrap();
                continue;
            }
            let mut work = Box::pin(perform(&self.app, &self.db, task));
            poll_fn(|context| {
                let _more = work.as_mut().poll(context);
                context.waker().wake_by_ref();
                if hook.calls().is_empty() { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
        }
        // What the dead process held is free when its lease is over.
        self.clock.advance(TimeDelta::minutes(2));
    }

    /// Lets time pass to the next task as long as there is one, and does it; stops at `until`.
    pub(crate) async fn work_until(&self, until: DateTime<Utc>) {
        loop {
            self.work().await;
            let mut tx = self.db.read().await.unwrap();
            let due = next_due(&mut tx, &KINDS).await.unwrap();
            drop(tx);
            let now = self.app.now();
            match due {
                Some(due) if due <= until && due > now => self.clock.advance(due - now),
                Some(due) if due <= until => self.clock.advance(TimeDelta::seconds(1)),
                _ => break,
            }
        }
        let now = self.app.now();
        self.clock.advance((until - now).max(TimeDelta::zero()));
    }

    /// Everything that came, taken apart.
    pub(crate) fn mails(&self) -> Vec<Read> {
        self.mailbox.mails().iter().map(read).collect()
    }

    /// What came for an address.
    pub(crate) fn mails_to(&self, to: &str) -> Vec<Read> {
        self.mails().into_iter().filter(|mail| mail.to == to).collect()
    }

    /// The whole history of a booking.
    pub(crate) async fn history(&self, details: &BookingDetails) -> Vec<MessageLog> {
        messages::of_booking(&self.app, &self.actor, details.booking.id).await.unwrap()
    }

    /// All messages, newest first.
    pub(crate) async fn messages(&self) -> Vec<Message> {
        let page = PageQuery::first(500);
        let filter = MessageFilter::default();
        messages::list(&self.app, &self.actor, &filter, &page).await.unwrap().items
    }

    /// Makes a noun of the catalogue.
    pub(crate) async fn make<N: catalogue::CatalogueNoun>(&self, body: Value) -> N::Id {
        let value: N = serde_json::from_value(body).unwrap();
        catalogue::create(&self.app, &self.actor, &value).await.unwrap().id
    }
}

/// Claims a task of messages that is due.
pub(crate) async fn claimed(app: &App, db: &Db) -> Option<Task> {
    let now = app.now();
    let mut tx = db.write().await.unwrap();
    let until = now + TimeDelta::minutes(1);
    let wanted = Claim { worker: "test", kinds: &KINDS, limit: 1, now, until };
    let task = claim(&mut tx, wanted).await.unwrap().into_iter().next();
    tx.commit().await.unwrap();
    task
}

/// Does a claimed task.
pub(crate) async fn perform(app: &App, db: &Db, task: Task) -> Result<Finished, Failure> {
    let kind = task.kind.clone();
    let lease = Lease::new(db.clone(), task, app.now());
    Ok(match kind.as_str() {
        following::TASK => following::follow(app, lease).await?,
        messages::daily::TASK => messages::daily::send(app, lease).await?,
        _ => messages::delivering::deliver(app, lease).await?,
    })
}

/// Takes an e-mail apart.
fn read(mail: &Mail) -> Read {
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let raw = String::from_utf8_lossy(&mail.raw).into_owned();
    let calendar = parsed.parts.iter().find(|part| part.is_content_type("text", "calendar"));
    let file = parsed.attachments().find(|part| part.is_content_type("application", "ics"));
    let invitation = calendar.map(|part| {
        let kind = part.content_type().unwrap();
        let method = kind.attribute("method").unwrap_or_default().to_owned();
        let file = file.map(|file| String::from_utf8_lossy(file.contents()).into_owned());
        (method, part.text_contents().unwrap().to_owned(), file.unwrap_or_default())
    });
    Read {
        to: mail.to.clone(),
        id: parsed.message_id().unwrap().to_owned(),
        subject: parsed.subject().unwrap().to_owned(),
        text: parsed.body_text(0).unwrap().into_owned(),
        html: parsed.body_html(0).unwrap().into_owned(),
        invitation,
        headers: raw.split("\r\n\r\n").next().unwrap_or_default().to_owned(),
    }
}
