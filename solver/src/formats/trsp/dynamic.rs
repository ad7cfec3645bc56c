//! Release dates: when each request of a dynamic instance becomes known.

use std::collections::HashMap;

use crate::formats::cases::Case;
use crate::formats::decimals;
use crate::formats::faults::Faults;
use crate::formats::trsp::TICKS_DECIMAL;
use crate::units::{Moment, VisitIdx};

/// When a request becomes known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Which.
    pub visit: VisitIdx,
    /// When; `None` = before the day begins.
    pub at: Option<Moment>,
}

/// Reads a file of release dates: after a line `ID RD` one line per request with its id and date,
/// where -1 is known from the start.
///
/// # Errors
/// Every line that is no pair of numbers, names no request or names one twice.
pub fn releases(case: &Case, text: &str) -> Result<Vec<Release>, Faults> {
    let visits: HashMap<&str, VisitIdx> =
        case.names.visits.iter().map(String::as_str).zip((0..).map(VisitIdx)).collect();
    let mut faults = Faults::default();
    let mut found: Vec<Option<Release>> = vec![None; visits.len()];
    let lines = (1..).zip(text.lines());
    let mut lines = lines.skip_while(|(_, line)| !line.split_whitespace().eq(["ID", "RD"]));
    if lines.next().is_none() {
        return Err(Faults::one("document", "no line `ID RD`"));
    }
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let at = format!("line {number}");
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [id, date] = fields.as_slice() else {
            faults.add(at, format!("{} fields; expected an id and a date", fields.len()));
            continue;
        };
        let Some(&visit) = visits.get(id) else {
            faults.add(at, format!("there is no request {id}"));
            continue;
        };
        let date: Option<f64> = date.parse().ok().filter(|date: &f64| date.is_finite());
        let ticks = date.and_then(|date| decimals::ceil(date * TICKS_DECIMAL));
        let Some(ticks) = ticks else {
            faults.add(at, "the date is no number");
            continue;
        };
        let release = Release { visit, at: (ticks >= 0).then_some(Moment(ticks)) };
        if found[visit.at()].replace(release).is_some() {
            faults.add(at, format!("request {id} is there twice"));
        }
    }
    // A request that is not listed is known from the start.
    let known = |(visit, release): (u32, Option<Release>)| {
        release.unwrap_or(Release { visit: VisitIdx(visit), at: None })
    };
    faults.or((0..).zip(found).map(known).collect())
}
