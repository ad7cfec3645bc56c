//! The cost of a plan, match by match: which rule, about what, how much, at which weight.
//!
//! Each match is one product; the formula of each rule is in the doc of the function that makes it.

mod plan_wide;
mod shifts;
mod visits;

use crate::check::plans::reading::Plan;
use crate::optimize::Model;
use crate::optimize::model::Visit;
use crate::optimize::solution::{Rule, Solution};
use crate::units::{Moment, Seconds, ShiftIdx, TechnicianIdx, VisitIdx};

/// What a match of a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A visit as a whole.
    Visit {
        /// Which.
        visit: VisitIdx,
    },
    /// One person at a visit.
    Member {
        /// Which visit.
        visit: VisitIdx,
        /// Which role.
        role: usize,
        /// Who.
        technician: TechnicianIdx,
    },
    /// A shift.
    Shift {
        /// Which.
        shift: ShiftIdx,
    },
    /// A break of a shift.
    Break {
        /// Which shift.
        shift: ShiftIdx,
        /// Position in its breaks.
        index: usize,
    },
    /// A technician.
    Technician {
        /// Who.
        technician: TechnicianIdx,
    },
}

/// How much of it, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Amount {
    /// Seconds.
    Seconds(i64),
    /// Metres.
    Metres(i64),
    /// A number of things: visits, people, levels, days.
    Count(i64),
    /// A price of its own, not made of an amount and a weight.
    Grains(i64),
}

impl Amount {
    /// The number alone.
    pub const fn number(self) -> i64 {
        match self {
            Self::Seconds(number)
            | Self::Metres(number)
            | Self::Count(number)
            | Self::Grains(number) => number,
        }
    }
}

/// One line of the cost of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Match {
    /// Which rule.
    pub rule: Rule,
    /// About what.
    pub subject: Subject,
    /// How much.
    pub amount: Amount,
    /// Grains for each unit of `amount`; 1 for prices.
    pub weight: i64,
    /// What it costs in grains: amount times weight, per cent of lateness applied.
    pub cost: i64,
}

/// Every line of the cost of a plan that is not 0, by rule and subject.
///
/// Cost: as [`super::verify`], without pools.
pub fn matches(model: &Model, solution: &Solution) -> Vec<Match> {
    let mut matches = all(&Plan::read(model, solution).0);
    matches.sort_unstable();
    matches
}

/// The same in any order.
pub(super) fn all(plan: &Plan) -> Vec<Match> {
    let mut found = Found { matches: Vec::new() };
    for trip in &plan.trips {
        shifts::list(plan, trip, &mut found);
    }
    visits::list(plan, &mut found);
    plan_wide::list(plan, &mut found);
    found.matches
}

/// Collects matches that cost something.
struct Found {
    matches: Vec<Match>,
}

impl Found {
    fn add(&mut self, rule: Rule, subject: Subject, amount: Amount, weight: i64) {
        self.priced(rule, subject, amount, (weight, amount.number() * weight));
    }

    /// A match whose cost is not simply the product.
    fn priced(&mut self, rule: Rule, subject: Subject, amount: Amount, price: (i64, i64)) {
        let (weight, cost) = price;
        if cost != 0 {
            self.matches.push(Match { rule, subject, amount, weight, cost });
        }
    }
}

/// What starting at a moment costs by the windows, before the per cent of lateness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WindowCost {
    pub(super) cost: i64,
    /// Seconds after the window that counts.
    pub(super) late: Seconds,
    /// Seconds before the window that counts.
    pub(super) early: Seconds,
}

/// The cheapest of all windows, then the least late; `None` = no window allows this start.
pub(super) fn window(visit: &Visit, start: Moment) -> Option<WindowCost> {
    if visit.windows.is_empty() {
        return Some(WindowCost { cost: 0, late: Seconds::ZERO, early: Seconds::ZERO });
    }
    let by_window = visit.windows.iter().filter_map(|window| {
        let early = (window.earliest - start).max(Seconds::ZERO);
        let late = (start - window.latest).max(Seconds::ZERO);
        let rate = |time: Seconds, rate: Option<i64>| match (time.0, rate) {
            (0, _) => Some(0),
            (time, Some(rate)) => Some(time * rate),
            (_, None) => None,
        };
        let cost = rate(early, window.early_second)? + rate(late, window.late_second)?;
        Some(WindowCost { cost, late, early })
    });
    by_window.min()
}
