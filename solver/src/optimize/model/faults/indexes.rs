//! Faults of lists, people, pools, links and the plan in force.

use super::{Check, MOMENT_MAX, ModelFault, PERCENT_MAX, REACH};
use crate::optimize::model::Link;
use crate::units::{Moment, Seconds};

/// Highest level of a skill.
const LEVEL_MAX: i64 = 10;

impl Check<'_> {
    pub(super) fn lengths(&mut self) {
        let model = self.model;
        let people = model.technicians.len();
        self.length("the model", 0, "technicians' histories", (model.history.len(), people));
        self.length("the model", 0, "technicians' shares", (model.shares.len(), people));
        self.length("the model", 0, "current plans", (model.current.len(), model.visits.len()));
        for (at, matrix) in model.matrices.iter().enumerate() {
            let (value, expected) = (matrix.place_count(), model.place_count());
            if value != expected {
                let (what, of) = ("matrix", "places");
                self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
            }
        }
        for (at, pool) in model.pools.iter().enumerate() {
            for taken in &pool.taken {
                self.ordered("use of pool", at, (taken.span.from, taken.span.until));
            }
        }
        if let Some(from) = model.from {
            self.moment("the model", 0, "first moment", from);
        }
    }

    pub(super) fn people(&mut self) {
        let model = self.model;
        for (at, history) in model.history.iter().enumerate() {
            self.between(("technician", at, "history"), history.0, (0, MOMENT_MAX));
        }
        for (at, technician) in model.technicians.iter().enumerate() {
            for held in &technician.skills {
                self.level("technician", at, held.level);
                if let (Some(from), Some(until)) = (held.valid_from, held.valid_until) {
                    self.ordered("skill of technician", at, (from, until));
                }
            }
            let caps = &technician.caps;
            let limits = [
                ("seconds on site per day", caps.onsite_per_day),
                ("seconds on site per week", caps.onsite_per_week),
                ("drive per leg", caps.drive_per_leg),
                ("drive per day", caps.drive_per_day),
            ];
            for (name, limit) in limits {
                if let Some(Seconds(limit)) = limit {
                    self.between(("technician", at, name), limit, (0, MOMENT_MAX));
                }
            }
        }
        for (at, pace) in model.paces.iter().enumerate() {
            self.index("pace", at, "technician", (pace.technician.at(), model.technicians.len()));
            self.between(("pace", at, "per cent"), i64::from(pace.percent), (0, PERCENT_MAX));
        }
    }

    pub(super) fn level(&mut self, what: &'static str, at: usize, level: u8) {
        self.between((what, at, "level of a skill"), i64::from(level), (0, LEVEL_MAX));
    }

    pub(super) fn links(&mut self) {
        let count = self.model.visits.len();
        let before = self.faults.len();
        for (at, link) in self.model.links.iter().enumerate() {
            let (first, second) = link.visits();
            self.index("link", at, "visit", (first.at(), count));
            self.index("link", at, "visit", (second.at(), count));
            if first == second {
                self.faults.push(ModelFault::SelfLink { at, visit: first });
            }
            if let Link::Gap { min, max, .. } | Link::Starts { min, max, .. } = link {
                self.range("link", at, "least gap", min.0);
                if let Some(max) = max {
                    self.between(("link", at, "longest gap"), max.0, (0, MOMENT_MAX));
                    self.ordered("gap of link", at, (Moment(min.0), Moment(max.0)));
                }
            }
            let crew = |at: usize| self.model.visits.get(at).map(|visit| visit.crew.len());
            let Some((one, other)) = crew(first.at()).zip(crew(second.at())) else { continue };
            let wanted = match link {
                Link::SameTechnicians { .. } if one != other => "equally large",
                Link::Shipment { .. } if (one, other) != (1, 1) => "of one",
                _ => continue,
            };
            self.faults.push(ModelFault::Crews { at, first: one, second: other, wanted });
        }
        if self.faults.len() == before {
            self.cycles();
        }
    }

    pub(super) fn currents(&mut self) {
        let shifts = self.model.shifts.len();
        for (at, current) in self.model.current.iter().enumerate() {
            let Some(current) = current else { continue };
            let what = "current plan of visit";
            self.moment(what, at, "start", current.start);
            for shift in &current.shifts {
                self.index(what, at, "shift", (shift.at(), shifts));
            }
            if let Some(visit) = self.model.visits.get(at)
                && current.shifts.len() != visit.crew.len()
            {
                let of = "shifts";
                let (value, expected) = (current.shifts.len(), visit.crew.len());
                self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
            }
        }
        let freeze = &self.model.freeze;
        self.between(("the freeze", 0, "notice"), freeze.notice.0, (0, REACH));
        if let Some(until) = freeze.until {
            self.moment("the freeze", 0, "end", until);
        }
        for (at, pair) in freeze.relaxations.windows(2).enumerate() {
            if pair[1].0 <= pair[0].0 {
                self.faults.push(ModelFault::Unordered { what: "relaxation", at: at + 1 });
            }
        }
    }
}
