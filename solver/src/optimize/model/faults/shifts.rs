//! Faults of shifts and their breaks.

use super::{Check, ModelFault, bounds};
use crate::optimize::model::{Break, Shift};
use crate::units::{Metres, Moment, Seconds, ShiftIdx};

/// Most breaks of a shift.
const BREAKS_MAX: i64 = 32;

impl Check<'_> {
    pub(super) fn shift(&mut self, at: usize, shift: &Shift) {
        let model = self.model;
        self.index("shift", at, "technician", (shift.technician.at(), model.technicians.len()));
        self.index("shift", at, "matrix", (shift.profile, model.matrices.len().max(1)));
        self.place("shift", at, shift.start_place);
        self.place("shift", at, shift.end_place);
        for &depot in &shift.depots {
            self.place("shift", at, Some(depot));
        }
        self.moment("shift", at, "start", shift.start);
        self.moment("shift", at, "end", shift.end);
        self.ordered("shift", at, (shift.start, shift.end));
        let origin = model.shifts.iter().map(|shift| shift.start).min().unwrap_or(shift.start);
        let seconds = |from: Moment, to: Moment| to.0.saturating_sub(from.0);
        self.range("shift", at, "start after the first shift", seconds(origin, shift.start));
        self.range("shift", at, "length", seconds(shift.start, shift.end).max(0));
        self.range("shift", at, "overtime", shift.overtime_limit.0);
        self.range("shift", at, "time at a depot", shift.depot_duration.0);
        let percent = i64::from(shift.drive_percent);
        let most = super::DRIVE_PERCENT_MAX;
        self.between(("shift", at, "per cent of driving time"), percent, (0, most));
        self.length("shift", at, "capacities", (shift.capacity.len(), model.loads.len()));
        self.length("shift", at, "stocks", (shift.stock.len(), model.loads.len()));
        for &amount in shift.capacity.iter().chain(&shift.stock) {
            self.between(("shift", at, "capacity or stock"), amount, (0, bounds::LOAD_MAX));
        }
        let drive = shift.drive_max.map(|Seconds(most)| most);
        let paid = shift.paid_max.map(|Seconds(most)| most);
        let metres = shift.metres_max.map(|Metres(most)| most);
        for (name, most) in [("longest drive", drive), ("most paid time", paid), ("metres", metres)]
        {
            self.between(("shift", at, name), most.unwrap_or(0), (0, super::MOMENT_MAX));
        }
        if let Some(limit) = shift.work_limit {
            self.range("shift", at, "longest stretch of work", limit.longest.0);
            self.between(("shift", at, "rest"), limit.rest.0, (1, super::REACH));
        }
        self.rates(at, shift);
        let breaks = i64::try_from(shift.breaks.len()).unwrap_or(i64::MAX);
        self.between(("shift", at, "number of breaks"), breaks, (0, BREAKS_MAX));
        for pause in &shift.breaks {
            self.pause(at, pause);
        }
    }

    fn rates(&mut self, at: usize, shift: &Shift) {
        let rates = &shift.rates;
        let list = [
            ("price of use", rates.used),
            ("rate of paid time", rates.paid_second),
            ("rate of driving", rates.drive_second),
            ("rate per metre", rates.metre),
            ("rate on site", rates.onsite_second),
            ("rate of overtime", rates.overtime_second),
        ];
        for (name, value) in list {
            self.price("shift", at, name, value);
        }
    }

    fn pause(&mut self, at: usize, pause: &Break) {
        let what = "break of shift";
        self.place(what, at, pause.place);
        self.range(what, at, "length", pause.duration.0);
        self.price(what, at, "price of leaving it out", pause.missed_cost.unwrap_or(0));
        self.length(what, at, "loads", (pause.load_max.len(), self.model.loads.len()));
        if pause.starts.is_empty() {
            let (of, value, expected) = ("starts", 0, 1);
            self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
        }
        for &(from, until) in &pause.starts {
            self.moment(what, at, "first start", from);
            self.moment(what, at, "last start", until);
            self.ordered(what, at, (from, until));
        }
        if pause.starts.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
            self.faults.push(ModelFault::Unordered { what, at });
        }
    }

    /// Two shifts of one technician at the same time; overtime may run into the next shift's span,
    /// the plan may not use it then.
    pub(super) fn overlaps(&mut self) {
        let shifts = &self.model.shifts;
        let mut order: Vec<usize> = (0..shifts.len()).collect();
        order.sort_by_key(|&at| (shifts[at].technician, shifts[at].start, at));
        for pair in order.windows(2) {
            let (first, second) = (&shifts[pair[0]], &shifts[pair[1]]);
            if first.technician == second.technician && second.start < first.end {
                let index = |at: usize| ShiftIdx(u32::try_from(at).unwrap_or(u32::MAX));
                let (first, second) = (index(pair[0]), index(pair[1]));
                self.faults.push(ModelFault::Overlap { first, second });
            }
        }
    }
}
