//! A customer: who the work is for.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length, check_text};
use crate::domain::members::check_email;

/// Who the work is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Customer {
    /// The customer's name.
    pub name: String,
    /// E-mail address, if known.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone number, if known.
    #[serde(default)]
    pub phone: Option<String>,
    /// BCP 47 language for messages.
    #[serde(default)]
    pub locale: Option<String>,
    /// IANA zone of the customer's own clocks, for hours in which nothing is sent that can wait; the
    /// location's if none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Madrid")]
    pub time_zone: Option<Tz>,
    /// The customer's number in another system.
    #[serde(default)]
    pub external_ref: Option<String>,
    /// Words for the office.
    #[serde(default)]
    pub note: String,
}

impl Validate for Customer {
    fn validate(&self, faults: &mut Faults) {
        check_text(faults, "name", &self.name, 200);
        if let Some(email) = &self.email {
            check_email(faults, "email", email);
        }
        if let Some(phone) = &self.phone {
            let digits = phone.chars().filter(char::is_ascii_digit).count();
            let message = "must be a telephone number with 4 to 20 digits";
            let fits = (4..=20).contains(&digits) && phone.chars().count() <= 40;
            faults.check(fits, "phone", phone.chars().take(60).collect::<String>(), message);
        }
        check_length(faults, "locale", self.locale.as_deref().unwrap_or(""), 35);
        check_length(faults, "external_ref", self.external_ref.as_deref().unwrap_or(""), 200);
        check_length(faults, "note", &self.note, 4000);
    }
}
