//! The starts a question is about, and what is left of them after bounds and limits.

use crate::explain::{Change, Failure, Question, Reason, Rule};
use crate::problem::{Bounds, Grid, Request, Shift};
use crate::slots::grid::day_has_room;
use crate::units::{Moment, Seconds, Span};

/// Closed intervals of moments, ascending and disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Intervals(pub(super) Vec<(i64, i64)>);

impl Intervals {
    /// Every moment up to `window` later than one in it.
    pub(super) fn widened(&self, window: i64) -> Self {
        Self(crate::slots::grid::join(
            self.0.iter().map(|&(first, last)| (first, last.saturating_add(window))).collect(),
        ))
    }

    /// The part inside `first..=last`.
    pub(super) fn clipped(&self, first: i64, last: i64) -> Self {
        let parts = self.0.iter().map(|&(from, until)| (from.max(first), until.min(last)));
        Self(parts.filter(|(from, until)| from <= until).collect())
    }

    /// Adds others.
    pub(super) fn extend(&mut self, others: &Self) {
        self.0.extend(&others.0);
        self.0 = crate::slots::grid::join(std::mem::take(&mut self.0));
    }

    /// The part of it inside the spans, or outside of them.
    fn cut(&self, spans: &[Span], inside: bool) -> Self {
        let mut parts = Vec::new();
        for &(first, last) in &self.0 {
            let mut from = first;
            for span in spans {
                let (start, until) = (span.from.0.max(from), (span.until.0 - 1).min(last));
                if start > until {
                    continue;
                }
                if inside {
                    parts.push((start, until));
                } else if from < start {
                    parts.push((from, start - 1));
                }
                from = until + 1;
            }
            if !inside && from <= last {
                parts.push((from, last));
            }
        }
        Self(parts)
    }

    /// The moments in both.
    pub(super) fn meet(&self, other: &Self) -> Self {
        let parts = other.0.iter().flat_map(|&(first, last)| self.clipped(first, last).0);
        Self(crate::slots::grid::join(parts.collect()))
    }

    /// The moments outside of closed intervals that ascend and do not overlap.
    pub(super) fn without(&self, holes: &[(i64, i64)]) -> Self {
        let spans = holes.iter().map(|&(from, until)| Span::new(Moment(from), Moment(until + 1)));
        self.cut(&spans.collect::<Vec<_>>(), false)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is asked about and what bounds and limits leave of it.
pub(super) struct Candidates {
    /// Promised starts asked about.
    asked: Intervals,
    /// Those left, or why none is.
    open: Result<Intervals, Failure>,
    /// Every promised start on the days concerned that bounds and limits allow, on the grid or not.
    legal: Intervals,
    /// The days concerned.
    days: Span,
}

impl Candidates {
    pub(super) fn new(request: &Request, question: Question) -> Self {
        let (asked, days) = match question {
            Question::Start(start) => {
                let day = request.day_of(start).map(|day| request.days[day].span);
                let around = Span::new(start - Seconds::hours(12), start + Seconds::hours(12));
                (Intervals(vec![(start.0, start.0)]), day.unwrap_or(around))
            }
            Question::During(span) => (starts_in(&request.grid, span), span),
        };
        let open = open(request, &asked);
        let whole_days = Intervals(vec![(days.from.0, days.until.0 - 1)]);
        let legal = self::open(request, &whole_days).unwrap_or_default();
        Self { asked, open, legal, days }
    }

    /// The starts that the rules about people are asked about: those left, or all if none is.
    pub(super) fn to_ask(&self) -> Intervals {
        self.open.clone().unwrap_or_else(|_| self.asked.clone())
    }

    /// The starts left.
    pub(super) fn open(&self) -> Result<&Intervals, Failure> {
        self.open.as_ref().map_err(Clone::clone)
    }

    /// Every promised start on the days concerned that may be given.
    pub(super) fn legal(&self) -> &Intervals {
        &self.legal
    }

    /// The days concerned.
    pub(super) fn days(&self) -> Span {
        self.days
    }

    /// Whether a shift lies on the days asked about.
    pub(super) fn concerns(&self, shift: &Shift) -> bool {
        shift.start < self.days.until && shift.hard_end() >= self.days.from
    }
}

fn starts_in(grid: &Grid, span: Span) -> Intervals {
    match grid {
        Grid::Listed(starts) => {
            let inside = starts.iter().filter(|start| span.contains(**start));
            Intervals(inside.map(|start| (start.0, start.0)).collect())
        }
        Grid::Anchored { .. } if span.from < span.until => {
            Intervals(vec![(span.from.0, span.until.0 - 1)])
        }
        Grid::Anchored { .. } => Intervals::default(),
    }
}

fn open(request: &Request, asked: &Intervals) -> Result<Intervals, Failure> {
    let open = bounded(&request.bounds, asked)?;
    let allowed: Vec<Span> = request
        .days
        .iter()
        .enumerate()
        .filter(|(at, _)| !day_has_room(request, *at))
        .map(|(_, day)| day.span)
        .collect();
    let left = open.cut(&allowed, false);
    if left.is_empty() { Err(limit(request, &open)) } else { Ok(left) }
}

fn bounded(bounds: &Bounds, asked: &Intervals) -> Result<Intervals, Failure> {
    let bound = |reason, change| (Rule::Bounds, reason, change);
    let mut left = asked.clipped(bounds.range.from.0, bounds.range.until.0.saturating_sub(1));
    if !bounds.only_within.is_empty() {
        left = left.cut(&bounds.only_within, true);
    }
    if left.is_empty() {
        return Err(bound(Reason::OutsideRange, Change::Other));
    }
    let at = |earlier, later| Change::Start { earlier, later };
    if let Some(earliest) = bounds.notice {
        left = left.clipped(earliest.0, i64::MAX);
        if left.is_empty() {
            return Err(bound(Reason::Notice { earliest }, at(None, Some(earliest))));
        }
    }
    if let Some(latest) = bounds.horizon {
        left = left.clipped(i64::MIN, latest.0);
        if left.is_empty() {
            return Err(bound(Reason::Horizon { latest }, at(Some(latest), None)));
        }
    }
    if let Some(earliest) = bounds.freeze {
        left = left.clipped(earliest.0, i64::MAX);
        if left.is_empty() {
            return Err(bound(Reason::Freeze { earliest }, at(None, Some(earliest))));
        }
    }
    let open = left.cut(&bounds.blackouts, false);
    match (open.is_empty(), left.0.first()) {
        (true, Some(&(first, _))) => Err(blackout(&bounds.blackouts, first)),
        _ => Ok(open),
    }
}

/// The run of touching blackouts around a moment.
fn blackout(blackouts: &[Span], moment: i64) -> Failure {
    let at = blackouts.partition_point(|span| span.until.0 <= moment);
    let mut span = blackouts[at];
    for other in &blackouts[at + 1..] {
        if other.from == span.until {
            span.until = other.until;
        }
    }
    for other in blackouts[..at].iter().rev() {
        if other.until == span.from {
            span.from = other.from;
        }
    }
    let earlier = Some(span.from - Seconds(1));
    let change = Change::Start { earlier, later: Some(span.until) };
    (Rule::Bounds, Reason::Blackout { span }, change)
}

/// Why the day of the first start left is booked out.
fn limit(request: &Request, open: &Intervals) -> Failure {
    let first = open.0.first().map_or(0, |interval| interval.0);
    let day = request.day_of(Moment(first)).map(|day| request.days[day]);
    let (used_count, used) = day.map_or((0, Seconds::ZERO), |d| (d.count_used, d.seconds_used));
    if let Some(limit) = request.limits.count_per_day.filter(|&limit| used_count >= limit) {
        let more = used_count + 1 - limit;
        let reason = Reason::DayCount { limit, used: used_count };
        return (Rule::Limit, reason, Change::Count { more });
    }
    let limit = request.limits.seconds_per_day.unwrap_or(Seconds::ZERO);
    let needed = request.duration;
    let more = used + needed - limit;
    (Rule::Limit, Reason::DaySeconds { limit, used, needed }, Change::Seconds { more })
}
