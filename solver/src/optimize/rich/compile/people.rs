//! Who may do what, and what it costs whatever the time.

use crate::optimize::model::{Current, Lock, Relaxation, Shift, Visit};
use crate::optimize::rich::data::{
    Data, Kind, NEVER, OUT, Window, index, intersect, narrow, unite,
};
use crate::problem::{Role, Technician, ZoneLevel};
use crate::units::ShiftIdx;

/// What a person costs, and the starts at which the skills count.
type Verdict = (i64, Vec<Window>);

impl Data<'_> {
    pub(super) fn rate_people(&mut self) {
        self.fit = vec![NEVER; self.tasks.len() * self.shifts];
        for job in 0..self.jobs.len() {
            match self.jobs[job].kind {
                Kind::Visit => self.rate_visit(job),
                Kind::Break(_) | Kind::Taken => {}
            }
        }
        let mut job = self.model.visits.len();
        for (shift, of) in self.model.shifts.iter().enumerate() {
            for _ in of.breaks.iter().filter(|pause| pause.place.is_some()) {
                let task = self.jobs[job].first as usize;
                self.fit[task * self.shifts + shift] = 0;
                job += 1;
            }
        }
        let bits = |fits: &[i64]| {
            let fits = fits.iter().rev();
            fits.fold(0, |bits, &fit| (bits << 1) | u64::from(fit < NEVER))
        };
        let tasks = self.fit.chunks(self.shifts.max(1));
        let even = |fits: &[i64]| {
            let mut costs = fits.iter().filter(|&&fit| fit < NEVER);
            let first = costs.next().copied().unwrap_or(0);
            if costs.all(|&cost| cost == first) { first } else { NEVER }
        };
        self.even = tasks.clone().map(even).collect();
        self.able = tasks.flat_map(|fits| fits.chunks(64).map(bits)).collect();
    }

    fn rate_visit(&mut self, job: usize) {
        let visit = &self.model.visits[job];
        let (first, persons) = (self.jobs[job].first, self.jobs[job].persons);
        for role in 0..persons as usize {
            let task = first as usize + role;
            // The verdict is the same for all shifts of a person but for locks, depots and days.
            let mut known: Option<(u32, Option<Verdict>)> = None;
            for (at, shift) in self.model.shifts.iter().enumerate() {
                let who = shift.technician.0;
                if known.as_ref().is_none_or(|(other, _)| *other != who) {
                    known = Some((who, self.person(visit, &visit.crew[role].needs, who)));
                    self.note_pace(index(task), who, visit, role);
                }
                let Some((_, Some((cost, valid)))) = &known else { continue };
                let crew = visit.crew.len() > 1;
                let allowed = crew || self.tools_reachable(visit, shift);
                if allowed && self.lock_allows(job, role, at) {
                    let cost = cost + self.shift_cost(job, role, shift);
                    self.fit[task * self.shifts + at] = cost;
                    self.narrow_windows(job, (index(task), index(at)), valid);
                }
            }
        }
        if self.jobs[job].settled {
            self.pin_people(job);
        }
    }

    /// Whoever has started or is frozen stays, even without the skill.
    fn pin_people(&mut self, job: usize) {
        let Some(current) = self.model.current.get(job).and_then(Option::as_ref) else { return };
        let visit = &self.model.visits[job];
        let fixed: Vec<i64> = current
            .shifts
            .iter()
            .enumerate()
            .map(|(role, shift)| {
                let shift = &self.model.shifts[shift.at()];
                let who = shift.technician.0;
                self.wish_cost(visit, who)
                    + self.zone_cost(visit, who)
                    + self.level_cost(&visit.crew[role].needs, who)
                    + self.shift_cost(job, role, shift)
            })
            .collect();
        for (role, shift) in current.shifts.iter().enumerate() {
            let task = self.jobs[job].first as usize + role;
            let row = &mut self.fit[task * self.shifts..(task + 1) * self.shifts];
            let kept = row[shift.at()];
            row.fill(NEVER);
            row[shift.at()] = if kept >= NEVER { fixed[role] } else { kept };
            self.narrowed.remove(&(index(task), shift.0));
        }
    }

    /// Cost of a person and the starts at which the skills count; `None` = may not.
    fn person(&self, visit: &Visit, needs: &Role, who: u32) -> Option<Verdict> {
        let technician = &self.model.technicians[who as usize];
        let is = |list: &[crate::units::TechnicianIdx]| list.iter().any(|one| one.0 == who);
        let wishes = &visit.wishes;
        let barred = wishes.only.as_ref().is_some_and(|only| !is(only))
            || is(&wishes.excluded)
            || wishes.required.len() > visit.crew.len()
            || (wishes.required.len() == visit.crew.len() && !is(&wishes.required))
            || needs.carried.iter().any(|kind| !technician.carried.contains(kind));
        if barred {
            return None;
        }
        if visit.zones.as_ref().is_some_and(|zones| technician.coverage.level(zones).is_none()) {
            return None;
        }
        let cost = self.wish_cost(visit, who) + self.zone_cost(visit, who);
        let valid = self.skilled(technician, needs)?;
        Some((cost + self.level_cost(needs, who), valid))
    }

    pub(in crate::optimize::rich) fn level_cost(&self, needs: &Role, who: u32) -> i64 {
        let technician = &self.model.technicians[who as usize];
        self.model.weights.unneeded_level * unneeded(technician, needs)
    }

    pub(in crate::optimize::rich) fn zone_cost(&self, visit: &Visit, who: u32) -> i64 {
        let coverage = &self.model.technicians[who as usize].coverage;
        let level = visit.zones.as_ref().and_then(|zones| coverage.level(zones));
        let secondary = level == Some(ZoneLevel::Secondary);
        if secondary { self.model.weights.secondary_zone } else { 0 }
    }

    fn wish_cost(&self, visit: &Visit, who: u32) -> i64 {
        let (preferred, unusual) = self.wish_costs(visit, who);
        preferred + unusual
    }

    /// What wishes save (negative), and what somebody unusual costs.
    pub(in crate::optimize::rich) fn wish_costs(&self, visit: &Visit, who: u32) -> (i64, i64) {
        let preferred = visit.wishes.preferred.iter().filter(|wish| wish.0.0 == who);
        let usual = visit.usual.iter().any(|one| one.0 == who);
        let strange = visit.crew.len() == 1 && !visit.usual.is_empty() && !usual;
        let unusual = if strange { self.model.weights.unusual_technician } else { 0 };
        (-preferred.map(|wish| wish.1).sum::<i64>(), unusual)
    }

    /// When somebody has all skills needed; `None` = never.
    fn skilled(&self, technician: &Technician, needs: &Role) -> Option<Vec<Window>> {
        let bound = i64::from(i32::MAX / 4);
        let mut valid: Vec<Window> = vec![(narrow(-bound), narrow(bound))];
        for need in &needs.skills {
            let held = technician.skills.iter();
            let held = held.filter(|held| held.meets(*need));
            let spans = held.map(|held| {
                let from = held.valid_from.map_or(narrow(-bound), |from| self.time(from));
                let until = held.valid_until.map_or(narrow(bound), |until| self.time(until) - 1);
                (from, until)
            });
            let spans = unite(spans.filter(|span| span.0 <= span.1).collect());
            valid = intersect(&valid, &spans);
            if valid.is_empty() {
                return None;
            }
        }
        Some(valid)
    }

    fn narrow_windows(&mut self, job: usize, key: (u32, u32), valid: &[Window]) {
        let car = &self.cars[key.1 as usize];
        let covered = valid.iter().any(|span| span.0 <= car.start && car.hard_end <= span.1);
        let notice = self.notice_of(job, key);
        if (covered && notice.is_none()) || self.jobs[job].settled {
            return;
        }
        let mut own = intersect(self.window_list(self.jobs[job].windows), valid);
        if let Some(first) = notice {
            own = intersect(&own, &[(first, OUT / 2)]);
        }
        let from = index(self.windows.len());
        self.windows.extend(own);
        self.narrowed.insert(key, (from, index(self.windows.len())));
    }

    /// First start for somebody else than planned, where a notice has to be given.
    fn notice_of(&self, job: usize, (task, car): (u32, u32)) -> Option<i32> {
        let until = self.model.freeze.until?;
        let current = self.model.current.get(job).and_then(Option::as_ref)?;
        let role = usize::from(self.tasks[task as usize].role);
        let other = self.is_new(current, role, &self.model.shifts[car as usize]);
        other.then(|| self.time(until + self.model.freeze.notice))
    }

    fn note_pace(&mut self, task: u32, who: u32, visit: &Visit, role: usize) {
        if let Some(own) = visit.own_times.iter().find(|own| own.technician.0 == who) {
            self.paced.insert((task, who), (narrow(own.setup.0), narrow(own.duration.0)));
            return;
        }
        if self.model.paces.is_empty() {
            return;
        }
        let needs = &visit.crew[role].needs;
        let pace = |skill| {
            let mut paces = self.model.paces.iter();
            let found = paces.find(|pace| pace.technician.0 == who && pace.skill == skill);
            found.map_or(100, |pace| pace.percent)
        };
        let Some(slowest) = needs.skills.iter().map(|need| pace(need.skill)).max() else { return };
        if slowest != 100 {
            let base = visit.crew[role].duration.unwrap_or(visit.duration);
            let service = (base.0 * i64::from(slowest) + 99) / 100;
            self.paced.insert((task, who), (narrow(visit.setup.0), narrow(service)));
        }
    }

    fn tools_reachable(&self, visit: &Visit, shift: &Shift) -> bool {
        let carried = &self.model.technicians[shift.technician.at()].carried;
        let at_hand = visit.tools.iter().all(|tool| carried.contains(tool));
        at_hand || (!shift.depots.is_empty() && shift.depot_stops_max > 0)
    }

    fn lock_allows(&self, job: usize, role: usize, at: usize) -> bool {
        let Some(current) = self.model.current.get(job).and_then(Option::as_ref) else {
            return true;
        };
        let Some(&planned) = current.shifts.get(role) else { return true };
        let who = |shift: ShiftIdx| self.model.shifts[shift.at()].technician;
        let same_person = who(planned) == self.model.shifts[at].technician;
        let person_locked = matches!(current.lock, Lock::Technician | Lock::Both);
        match self.relaxation(current.start) {
            Relaxation::Times if planned.at() != at => return false,
            Relaxation::Order if !same_person => return false,
            _ => {}
        }
        same_person || !person_locked
    }

    fn shift_cost(&self, job: usize, role: usize, shift: &Shift) -> i64 {
        let (later, moved) = self.shift_costs(job, role, shift);
        later + moved
    }

    /// What a later day costs, and what somebody else than planned.
    pub(in crate::optimize::rich) fn shift_costs(
        &self,
        job: usize,
        role: usize,
        shift: &Shift,
    ) -> (i64, i64) {
        let weights = &self.model.weights;
        let (mut later, mut moved) = (0, 0);
        if role == 0 {
            later = weights.later_day * i64::from(shift.day - self.first_day);
        }
        if let Some(current) = self.model.current.get(job).and_then(Option::as_ref)
            && self.is_new(current, role, shift)
        {
            moved = weights.moved_technician;
        }
        (later, moved)
    }

    /// Whether somebody else had this role.
    fn is_new(&self, current: &Current, role: usize, shift: &Shift) -> bool {
        let planned = current.shifts.get(role);
        planned.is_none_or(|at| self.model.shifts[at.at()].technician != shift.technician)
    }
}

/// Levels above those needed, summed over the skills needed.
fn unneeded(technician: &Technician, needs: &Role) -> i64 {
    let mut levels = 0;
    for need in &needs.skills {
        let held = technician.skills.iter().filter(|held| held.skill == need.skill);
        let best = held.map(|held| held.level).max().unwrap_or(need.level_min);
        levels += i64::from(best.saturating_sub(need.level_min));
    }
    levels
}
