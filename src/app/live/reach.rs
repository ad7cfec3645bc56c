//! How far from today plans reach. Dates beyond are refused: nobody needs them, and whoever asks for
//! centuries must not make the server lay them out.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::domain::error::AppError;
use crate::domain::faults::Faults;
use crate::domain::hours::DateSpan;

/// Days before today that may be asked about.
const PAST_DAYS: i64 = 400;
/// Days after today that may be asked about; horizons of services reach 730 days.
const AHEAD_DAYS: i64 = 800;
/// Days that use cases look at besides those asked about, for alternatives, weeks and nights.
const BESIDE_DAYS: i64 = 31;

/// Notes a fault of `field` if plans do not reach `date`.
pub(crate) fn note(now: DateTime<Utc>, field: &str, date: NaiveDate, faults: &mut Faults) {
    let days = days_from(now, date);
    let message = format!("must lie within {PAST_DAYS} days before and {AHEAD_DAYS} after today");
    faults.check((-PAST_DAYS..=AHEAD_DAYS).contains(&days), field, date, &message);
}

/// Refuses a date that plans do not reach.
///
/// # Errors
/// [`AppError::Invalid`] naming `field`.
pub(crate) fn check(now: DateTime<Utc>, field: &str, date: NaiveDate) -> Result<(), AppError> {
    let mut faults = Faults::default();
    note(now, field, date, &mut faults);
    Ok(faults.into_result()?)
}

/// Refuses to read what lies beyond, whichever way the dates came here.
pub(super) fn guard(now: DateTime<Utc>, dates: DateSpan) -> Result<(), AppError> {
    let (first, last) = (days_from(now, dates.from), days_from(now, dates.until));
    if first < -PAST_DAYS - BESIDE_DAYS || last > AHEAD_DAYS + BESIDE_DAYS {
        check(now, "date", if first < -PAST_DAYS { dates.from } else { dates.until })?;
    }
    Ok(())
}

/// Whole days from today, of clocks that show UTC, to `date`.
fn days_from(now: DateTime<Utc>, date: NaiveDate) -> i64 {
    (date - now.date_naive()).num_days()
}

/// Whether sums with a moment stay within the calendar; finer bounds need to know what day it is.
pub(crate) fn is_plain(moment: DateTime<Utc>) -> bool {
    (1970..2200).contains(&moment.year())
}
