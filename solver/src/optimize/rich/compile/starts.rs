//! When a visit may start: windows, promise, locks, freeze.

use crate::optimize::model::{Current, Lock, Relaxation};
use crate::optimize::rich::data::{Data, OUT, Window, intersect, unite};
use crate::units::Moment;

/// Everything that can be counted with.
const ALWAYS: Window = (-OUT / 2, OUT / 2);

impl Data<'_> {
    /// Windows of a visit, and whether it stays where it is whatever rules say.
    pub(super) fn starts_of(&self, at: usize) -> (Vec<Window>, bool) {
        let visit = &self.model.visits[at];
        let current = self.model.current.get(at).and_then(Option::as_ref);
        let until = self.model.freeze.until;
        if let Some(current) = current {
            let frozen = until.is_some_and(|until| current.start < until);
            if current.started || frozen {
                let start = self.time(current.start);
                return (vec![(start, start)], true);
            }
        }
        let mut windows = self.customer_windows(at);
        if let Some(promise) = visit.promise {
            let locked = current.is_some_and(|current| current.lock == Lock::Window);
            if locked || self.model.weights.broken_promise.is_none() {
                let promised = (self.time(promise.earliest), self.time(promise.latest));
                windows = intersect(&windows, &[promised]);
            }
        }
        if let Some(from) = self.model.from {
            windows = intersect(&windows, &[(self.time(from), ALWAYS.1)]);
        }
        if let Some(until) = until {
            windows = intersect(&windows, &self.after_notice(until, current));
        }
        if let Some(current) = current
            && matches!(current.lock, Lock::Time | Lock::Both)
        {
            let start = self.time(current.start);
            windows = intersect(&windows, &[(start, start)]);
        }
        (windows, false)
    }

    /// Own windows, as far as they are hard.
    fn customer_windows(&self, at: usize) -> Vec<Window> {
        let list = &self.model.visits[at].windows;
        if list.is_empty() {
            return vec![ALWAYS];
        }
        let hard = list.iter().map(|window| {
            let from = window.early_second.map_or(self.time(window.earliest), |_| ALWAYS.0);
            let until = window.late_second.map_or(self.time(window.latest), |_| ALWAYS.1);
            (from, until)
        });
        unite(hard.collect())
    }

    /// After the notice, or unchanged.
    fn after_notice(&self, until: Moment, current: Option<&Current>) -> Vec<Window> {
        let first = self.time(until + self.model.freeze.notice);
        let mut windows = vec![(first, ALWAYS.1)];
        if let Some(current) = current {
            let start = self.time(current.start);
            windows.push((start, start));
        }
        unite(windows)
    }

    /// What is allowed for a visit planned at a moment.
    pub(super) fn relaxation(&self, start: Moment) -> Relaxation {
        let list = &self.model.freeze.relaxations;
        let reached = list.iter().rev().find(|(from, _)| *from <= start);
        reached.or(list.first()).map_or(Relaxation::Anything, |&(_, level)| level)
    }
}
