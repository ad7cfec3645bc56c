//! Half-open spans of time in UTC and the algebra of sets of them.

use chrono::{DateTime, TimeDelta, Utc};

/// The moments from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First moment.
    pub start: DateTime<Utc>,
    /// First moment after.
    pub end: DateTime<Utc>,
}

impl Span {
    /// The moments from `start` to before `end`; none if `end` is not after `start`.
    pub const fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self { start, end }
    }

    /// Whether it holds no moment.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `moment` lies in it.
    pub fn contains(self, moment: DateTime<Utc>) -> bool {
        self.start <= moment && moment < self.end
    }

    /// Whether it shares a moment with `other`; touching ends do not count.
    pub fn overlaps(self, other: Self) -> bool {
        !self.intersect(other).is_empty()
    }

    /// The moments in both; perhaps none.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }

    /// How long it is; zero if empty.
    pub fn length(self) -> TimeDelta {
        (self.end - self.start).max(TimeDelta::zero())
    }
}

/// A set of moments: spans that are not empty, ordered, and neither overlap nor touch.
///
/// Built from any spans, which are merged. Binary operations cost O(n + m).
///
/// ```
/// # use chrono::DateTime;
/// # use roundsman::calendar::spans::{Span, Spans};
/// let span = |from, until| {
///     let at = |second| DateTime::from_timestamp(second, 0).unwrap_or_default();
///     Span::new(at(from), at(until))
/// };
/// let free: Spans = [span(0, 50), span(50, 100)].into_iter().collect();
/// assert_eq!(free.as_slice(), [span(0, 100)]);
/// let busy = Spans::from(span(30, 40));
/// assert_eq!(free.subtract(&busy).as_slice(), [span(0, 30), span(40, 100)]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        let mut spans: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        // Spans made date by date come in order already.
        if !spans.is_sorted() {
            spans.sort_unstable();
        }
        spans.dedup_by(|next, kept| {
            let joins = next.start <= kept.end;
            if joins {
                kept.end = kept.end.max(next.end);
            }
            joins
        });
        Self(spans)
    }
}

impl From<Span> for Spans {
    fn from(span: Span) -> Self {
        [span].into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Spans {
    type Item = Span;
    type IntoIter = std::iter::Copied<std::slice::Iter<'a, Span>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Spans {
    /// The spans, earliest first.
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Visits the spans, earliest first.
    pub fn iter(&self) -> std::iter::Copied<std::slice::Iter<'_, Span>> {
        self.0.iter().copied()
    }

    /// The spans, earliest first.
    pub fn into_vec(self) -> Vec<Span> {
        self.0
    }

    /// Whether it holds no moment.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `moment` lies in it. Cost: O(log n).
    pub fn contains(&self, moment: DateTime<Utc>) -> bool {
        let next = self.0.partition_point(|span| span.start <= moment);
        next.checked_sub(1).is_some_and(|at| self.0[at].contains(moment))
    }

    /// Whether all of `span` lies in it; an empty span always does. Cost: O(log n).
    pub fn covers(&self, span: Span) -> bool {
        let next = self.0.partition_point(|its| its.start <= span.start);
        let around = next.checked_sub(1).map(|at| self.0[at]);
        span.is_empty() || around.is_some_and(|around| span.end <= around.end)
    }

    /// The moments in one or the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other).collect()
    }

    /// The moments in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut found, mut mine, mut its) = (Vec::new(), 0, 0);
        while let (Some(a), Some(b)) = (self.0.get(mine), other.0.get(its)) {
            let both = a.intersect(*b);
            if !both.is_empty() {
                found.push(both);
            }
            if a.end <= b.end {
                mine += 1;
            } else {
                its += 1;
            }
        }
        Self(found)
    }

    /// The moments in this but not in `other`.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let (mut found, mut its) = (Vec::new(), 0);
        for span in self {
            let mut start = span.start;
            while other.0.get(its).is_some_and(|busy| busy.end <= start) {
                its += 1;
            }
            let mut at = its;
            while let Some(busy) = other.0.get(at).filter(|busy| busy.start < span.end) {
                if start < busy.start {
                    found.push(Span::new(start, busy.start));
                }
                start = start.max(busy.end);
                at += 1;
            }
            if start < span.end {
                found.push(Span::new(start, span.end));
            }
        }
        Self(found)
    }

    /// The moments in all of `sets`; none if there is no set.
    pub fn intersect_all<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sets = sets.into_iter();
        let first = sets.next().cloned().unwrap_or_default();
        sets.fold(first, |all, next| all.intersect(next))
    }

    /// How long it is in all.
    pub fn length(&self) -> TimeDelta {
        self.iter().map(Span::length).sum()
    }
}
