//! Faults of visits.

use super::{Check, MOMENT_MAX, ModelFault, bounds};
use crate::optimize::model::{Visit, Window};
use crate::units::Seconds;

impl Check<'_> {
    pub(super) fn visit(&mut self, at: usize, visit: &Visit) {
        self.place("visit", at, visit.place);
        let lengths = [
            ("service", visit.duration),
            ("setup", visit.setup),
            ("exit", visit.exit),
            ("pad before", visit.pad_before),
            ("pad after", visit.pad_after),
        ];
        for (name, Seconds(value)) in lengths {
            self.range("visit", at, name, value);
        }
        for own in &visit.own_times {
            self.index(
                "visit",
                at,
                "technician",
                (own.technician.at(), self.model.technicians.len()),
            );
            self.range("visit", at, "own service", own.duration.0);
            self.range("visit", at, "own setup", own.setup.0);
        }
        self.windows(at, &visit.windows);
        if let Some(promise) = visit.promise {
            self.moment("promise of visit", at, "first moment", promise.earliest);
            self.moment("promise of visit", at, "last moment", promise.latest);
            self.ordered("promise of visit", at, (promise.earliest, promise.latest));
        }
        if let Some(due) = visit.due {
            self.moment("visit", at, "due time", due.by);
            self.price("visit", at, "rate of lateness", due.late_second);
        }
        self.price("visit", at, "prize", visit.prize);
        self.loads(at, visit);
        self.crew(at, visit);
        for need in &visit.pools {
            self.index("visit", at, "pool", (need.pool.at(), self.model.pools.len()));
            self.range("visit", at, "time before the start from a pool", need.lead.0);
            self.range("visit", at, "time after the end to a pool", need.trail.0);
        }
    }

    fn loads(&mut self, at: usize, visit: &Visit) {
        let kinds = self.model.loads.len();
        for list in [&visit.delivery, &visit.pickup, &visit.transfer, &visit.parts] {
            self.length("visit", at, "loads", (list.len(), kinds));
        }
        for &load in visit.delivery.iter().chain(&visit.pickup).chain(&visit.parts) {
            self.between(("visit", at, "load"), load, (0, bounds::LOAD_MAX));
        }
        for &load in &visit.transfer {
            self.between(("visit", at, "load"), load, (-bounds::LOAD_MAX, bounds::LOAD_MAX));
        }
    }

    fn crew(&mut self, at: usize, visit: &Visit) {
        let crew = visit.crew.len();
        if crew == 0 || crew > Visit::CREW_MAX {
            let value = i64::try_from(crew).unwrap_or(i64::MAX);
            self.between(("visit", at, "crew"), value, (1, 8));
        }
        for role in &visit.crew {
            self.range("visit", at, "service of a role", role.duration.unwrap_or_default().0);
            for need in &role.needs.skills {
                self.level("visit", at, need.level_min);
            }
        }
        let wishes = &visit.wishes;
        let named = wishes.only.iter().flatten().chain(&wishes.required).chain(&wishes.excluded);
        let named = named.chain(wishes.preferred.iter().map(|(who, _)| who)).chain(&visit.usual);
        for who in named {
            self.index("visit", at, "technician", (who.at(), self.model.technicians.len()));
        }
        for &(_, saved) in &wishes.preferred {
            let range = (-bounds::PRICE_MAX, bounds::PRICE_MAX);
            self.between(("visit", at, "grains saved by a preference"), saved, range);
        }
    }

    fn windows(&mut self, at: usize, windows: &[Window]) {
        let what = "window of visit";
        for window in windows {
            self.between((what, at, "opening"), window.earliest.0, (-MOMENT_MAX, MOMENT_MAX));
            self.between((what, at, "closing"), window.latest.0, (-MOMENT_MAX, MOMENT_MAX));
            self.ordered(what, at, (window.earliest, window.latest));
            self.price(what, at, "rate of earliness", window.early_second.unwrap_or(0));
            self.price(what, at, "rate of lateness", window.late_second.unwrap_or(0));
        }
        if windows.windows(2).any(|pair| pair[1].earliest <= pair[0].latest) {
            self.faults.push(ModelFault::Unordered { what: "visit", at });
        }
    }
}
