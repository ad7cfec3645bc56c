//! A shift checked, tidied and ready to be searched.

use crate::problem::{Leg, ProblemError, ProblemErrors, Shift};
use crate::schedule::gaps::{self, Gap, Gaps, Site};
use crate::schedule::passes::{After, Passes};
use crate::schedule::pauses;
use crate::schedule::view::{self, REACH, View};
use crate::units::{Moment, PlaceIdx, Seconds};

/// A shift with everything a search needs, computed once and kept until the shift changes.
#[derive(Debug, Clone)]
pub struct PreparedShift {
    shift: Shift,
    orders: Vec<Vec<usize>>,
    gaps: Vec<Gap>,
    /// As `gaps`, without overtime; empty if there is none to avoid.
    soft: Vec<After>,
    /// One per position.
    sites: Vec<Site>,
    drive: Seconds,
    /// The two longest drives.
    longest: [Seconds; 2],
    onsite: Seconds,
    visit_count: u32,
    place_count: usize,
    feasible: bool,
}

impl PreparedShift {
    /// Most stops in one shift.
    pub const STOPS_MAX: usize = 1000;
    /// Most pauses in one shift.
    pub const PAUSES_MAX: usize = 64;

    /// Checks a shift, tidies its pauses and runs the passes.
    ///
    /// Absences are clipped to the shift and joined where they overlap; a break that absences
    /// leave no room for is dropped (the absence is the break). [`PreparedShift::shift`] returns
    /// the tidied shift, and positions of pauses in answers refer to it.
    ///
    /// A route that already breaks a promise is accepted: it is not [feasible](Self::is_feasible)
    /// and offers nothing, unless the new visit replaces the very drive that breaks it.
    ///
    /// Cost: O(orders x stops x pauses^3), a few microseconds for an ordinary day.
    ///
    /// # Errors
    /// Every fault: windows that close before they open, negative lengths, times more than two
    /// years from the start of the shift, too many stops or pauses.
    pub fn new(mut shift: Shift) -> Result<Self, ProblemErrors> {
        ProblemErrors::none_of(faults(&shift))?;
        pauses::tidy(&mut shift);
        let orders = pauses::orders(&shift.pauses);
        let mut found = Gaps::default();
        let mut feasible = false;
        for (at, order) in (0_u16..).zip(&orders) {
            let view = View::new(&shift, order, shift.hard_end());
            let hard = Passes::new(&view);
            feasible |= hard.feasible();
            if shift.overtime_limit == Seconds::ZERO {
                gaps::collect(&view, at, &hard, &hard, &mut found);
            } else {
                let soft = Passes::new(&View::new(&shift, order, shift.end));
                gaps::collect(&view, at, &hard, &soft, &mut found);
            }
        }
        let Gaps { mut gaps, mut soft } = found;
        if shift.overtime_limit == Seconds::ZERO {
            soft = Vec::new();
        }
        gaps.shrink_to_fit();
        soft.shrink_to_fit();
        Ok(Self {
            sites: (0..=shift.stops.len()).map(|at| Site::of(&shift, at)).collect(),
            drive: shift.drive(),
            longest: longest(&shift),
            onsite: shift.onsite(),
            visit_count: shift.visit_count(),
            place_count: place_count(&shift),
            shift,
            orders,
            gaps,
            soft,
            feasible,
        })
    }

    /// The tidied shift.
    pub fn shift(&self) -> &Shift {
        &self.shift
    }

    /// Whether the stops and pauses already in it can all be done as promised.
    pub fn is_feasible(&self) -> bool {
        self.feasible
    }

    /// Seconds at the wheel.
    pub fn drive(&self) -> Seconds {
        self.drive
    }

    /// The longest drive but for one like `replaced`.
    pub(crate) fn longest_without(&self, replaced: Leg) -> Seconds {
        let is_longest = replaced.travel() == self.longest[0];
        self.longest[usize::from(is_longest)]
    }

    /// Seconds on site.
    pub fn onsite(&self) -> Seconds {
        self.onsite
    }

    /// How many visits it holds.
    pub fn visit_count(&self) -> u32 {
        self.visit_count
    }

    /// One more than the largest place used.
    pub fn place_count(&self) -> usize {
        self.place_count
    }

    /// Bytes held, the structure itself included.
    pub fn memory(&self) -> usize {
        use std::mem::size_of;
        size_of::<Self>()
            + self.shift.stops.capacity() * size_of::<crate::problem::Stop>()
            + self.shift.pauses.capacity() * size_of::<crate::problem::Pause>()
            + self.gaps.capacity() * size_of::<Gap>()
            + self.soft.capacity() * size_of::<After>()
            + self.sites.capacity() * size_of::<Site>()
            + self.orders.iter().map(|o| size_of::<Vec<usize>>() + o.capacity() * 8).sum::<usize>()
    }

    /// Everywhere a visit may go.
    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// What lies around a gap.
    #[inline]
    pub(crate) fn site(&self, gap: &Gap) -> Site {
        self.sites[usize::from(gap.position)]
    }

    /// Latest start without overtime in the gap at a position of [`PreparedShift::gaps`], in
    /// seconds after the start of the shift.
    #[inline]
    pub(crate) fn latest_soft(&self, gap: u32, duration: i32, pad: i32, leg: Leg) -> i32 {
        let gap = gap as usize;
        let after = self.soft.get(gap).unwrap_or(&self.gaps[gap].after);
        after.latest(pad, view::drive(leg)) - duration
    }

    /// Orders of the pauses; [`Gap::order`] is a position here.
    pub(crate) fn orders(&self) -> &[Vec<usize>] {
        &self.orders
    }
}

fn longest(shift: &Shift) -> [Seconds; 2] {
    let mut longest = [Seconds::ZERO; 2];
    for leg in shift.stops.iter().map(|stop| stop.leg_in).chain([shift.leg_out]) {
        let travel = leg.travel();
        if travel > longest[0] {
            longest = [travel, longest[0]];
        } else {
            longest[1] = longest[1].max(travel);
        }
    }
    longest
}

fn place_count(shift: &Shift) -> usize {
    let ends = [shift.start_place, shift.end_place];
    let stops = shift.stops.iter().map(|stop| stop.place);
    stops.chain(ends).flatten().map(|PlaceIdx(at)| at as usize + 1).max().unwrap_or(0)
}

fn faults(shift: &Shift) -> Vec<ProblemError> {
    let mut faults = Vec::new();
    if shift.end < shift.start {
        let (start, end) = (shift.start, shift.end);
        faults.push(ProblemError::ShiftEndsBeforeItStarts { start, end });
    }
    let mut far = |what, value: i64| {
        if value.saturating_abs() > REACH {
            faults.push(ProblemError::OutOfRange { what, value, max: REACH });
        }
    };
    let from_start = |moment: Moment| moment.0.saturating_sub(shift.start.0);
    far("end of the shift", from_start(shift.end));
    far("overtime limit", shift.overtime_limit.0);
    for stop in &shift.stops {
        far("opening of a stop, counted from the start of the shift,", from_start(stop.earliest));
        far("closing of a stop, counted from the start of the shift,", from_start(stop.latest));
        far("planned start, counted from the start of the shift,", from_start(stop.planned_start));
        far("duration of a stop", stop.duration.0);
        far("pad before a stop", stop.pad_before.0);
        far("pad after a stop", stop.pad_after.0);
    }
    for pause in &shift.pauses {
        far("opening of a pause, counted from the start of the shift,", from_start(pause.earliest));
        far("closing of a pause, counted from the start of the shift,", from_start(pause.latest));
        far("duration of a pause", pause.duration.0);
    }
    negative_lengths(shift, &mut faults);
    closed_windows(shift, &mut faults);
    let counts = [
        ("stops", shift.stops.len(), PreparedShift::STOPS_MAX),
        ("pauses", shift.pauses.len(), PreparedShift::PAUSES_MAX),
    ];
    for (what, count, max) in counts.into_iter().filter(|&(_, count, max)| count > max) {
        faults.push(ProblemError::TooMany { what, count, max });
    }
    faults
}

fn negative_lengths(shift: &Shift, faults: &mut Vec<ProblemError>) {
    let mut check = |what, at, value: Seconds| {
        if value < Seconds::ZERO {
            faults.push(ProblemError::NegativeLength { what, at, value });
        }
    };
    check("overtime limit", 0, shift.overtime_limit);
    for (at, stop) in shift.stops.iter().enumerate() {
        check("duration of stop", at, stop.duration);
        check("pad before stop", at, stop.pad_before);
        check("pad after stop", at, stop.pad_after);
    }
    for (at, pause) in shift.pauses.iter().enumerate() {
        check("pause", at, pause.duration);
    }
}

fn closed_windows(shift: &Shift, faults: &mut Vec<ProblemError>) {
    let stops = shift.stops.iter().enumerate().map(|(at, s)| ("stop", at, s.earliest, s.latest));
    let pauses = shift.pauses.iter().enumerate().map(|(at, p)| ("pause", at, p.earliest, p.latest));
    for (what, at, earliest, latest) in stops.chain(pauses) {
        if latest < earliest {
            faults.push(ProblemError::WindowClosesBeforeItOpens { what, at, earliest, latest });
        }
    }
}
