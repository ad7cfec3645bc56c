//! Subscriptions of Microsoft Graph: the handshake, renewal and the end.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::vendors::graph::calls::{Call, refusal};
use crate::support::vendors::graph::{Subscription, World};
use crate::support::vendors::{Reply, client};

/// Text with what a careless receiver would not decode.
const TOKEN: &str = "Validation: Testing client application reachability for 1+1 & more";

impl Call {
    pub(crate) async fn subscribe(&self, world: &Mutex<World>) -> Result<Reply, Reply> {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        let resource = text("resource");
        let calendar = {
            let mut world = world.lock().unwrap();
            world.mutable += usize::from(!self.immutable);
            let inside = resource.trim_start_matches('/');
            let named =
                inside.strip_prefix("me/calendars/").map(|rest| rest.trim_end_matches("/events"));
            let known = inside == "me/events" || named.is_some();
            let calendar = self.opened(&world, named.unwrap_or(""), false)?;
            if !known || text("clientState").len() > 128 || expiry(&self.body).is_none() {
                return Err(refusal(400, "ExtensionError", "Resource or expiry is not valid."));
            }
            calendar
        };
        for name in ["notificationUrl", "lifecycleNotificationUrl"] {
            if !self.body[name].is_null() {
                shake_hands(&text(name)).await?;
            }
        }
        let mut world = world.lock().unwrap();
        world.seq += 1;
        let id = format!("subscription-{}", world.seq);
        let mut body = self.body.clone();
        body["id"] = json!(id);
        body["applicationId"] = json!("application");
        body["creatorId"] = json!(self.grant.account);
        world.subscriptions.insert(id, Subscription { body: body.clone(), calendar });
        Ok(Reply(201, Some(body)))
    }

    pub(crate) fn renew(&self, world: &mut World, id: &str) -> Result<Reply, Reply> {
        let missing = refusal(404, "ResourceNotFound", "The object was not found.");
        let found = world.subscriptions.get_mut(id).ok_or(missing)?;
        if expiry(&self.body).is_none() {
            return Err(refusal(400, "ExtensionError", "Expiry is not valid."));
        }
        found.body["expirationDateTime"] = self.body["expirationDateTime"].clone();
        Ok(Reply(200, Some(found.body.clone())))
    }

    #[expect(clippy::unused_self, reason = "a call like the others")]
    pub(crate) fn unsubscribe(&self, world: &mut World, id: &str) -> Result<Reply, Reply> {
        let missing = refusal(404, "ResourceNotFound", "The object was not found.");
        world.subscriptions.remove(id).ok_or(missing)?;
        Ok(Reply(204, None))
    }
}

fn expiry(body: &Value) -> Option<DateTime<Utc>> {
    body["expirationDateTime"].as_str()?.parse().ok()
}

/// Asks the receiver to repeat a token as plain text.
async fn shake_hands(address: &str) -> Result<(), Reply> {
    let refused = |why: &str| {
        let words = format!("Subscription validation request failed. {why}");
        refusal(400, "ValidationError", &words)
    };
    let mut url = url::Url::parse(address).map_err(|_| refused("No address."))?;
    url.query_pairs_mut().append_pair("validationToken", TOKEN);
    let client = client();
    let request = client.post(url).header("content-type", "text/plain; charset=utf-8");
    let answer = request.send().await.map_err(|_| refused("No answer."))?;
    let status = answer.status().as_u16();
    let media =
        answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let plain = media.is_some_and(|media| media.starts_with("text/plain"));
    let text = answer.text().await.map_err(|_| refused("No answer."))?;
    if status == 200 && plain && text == TOKEN { Ok(()) } else { Err(refused("Wrong answer.")) }
}
