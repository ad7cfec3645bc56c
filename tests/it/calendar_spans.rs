//! Sets of moments against sets of minutes counted one by one.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::{Strategy, prop, prop_assert, prop_assert_eq, proptest};
use roundsman::calendar::spans::{Span, Spans};

const MINUTES: i64 = 60;

fn span((from, until): (i64, i64)) -> Span {
    let at = |minute| DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap();
    Span::new(at(from), at(until))
}

/// The minutes that some of the spans hold.
fn minutes(spans: &[(i64, i64)]) -> BTreeSet<i64> {
    spans.iter().flat_map(|&(from, until)| from..until).collect()
}

/// The minutes of a set that was built from spans of whole minutes.
fn minutes_of(spans: &Spans) -> BTreeSet<i64> {
    (0..MINUTES).filter(|&minute| spans.contains(span((minute, minute)).start)).collect()
}

fn set(spans: &[(i64, i64)]) -> Spans {
    spans.iter().copied().map(span).collect()
}

fn is_normal(spans: &Spans) -> bool {
    let apart = spans.as_slice().windows(2).all(|pair| pair[0].end < pair[1].start);
    apart && spans.into_iter().all(|span| span.start < span.end)
}

/// Spans in any order; some empty, some turned round, some overlapping.
fn any_spans() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0..MINUTES, 0..MINUTES), 0..8)
}

proptest! {
    #[test]
    fn operations_on_sets_agree_with_counting_minutes(a in any_spans(), b in any_spans()) {
        let (mine, its) = (set(&a), set(&b));
        let (mine_min, its_min) = (minutes(&a), minutes(&b));
        prop_assert_eq!(minutes_of(&mine), mine_min.clone());
        for (result, expected) in [
            (mine.union(&its), &mine_min | &its_min),
            (mine.intersect(&its), &mine_min & &its_min),
            (mine.subtract(&its), &mine_min - &its_min),
        ] {
            prop_assert!(is_normal(&result), "{result:?}");
            let length = TimeDelta::minutes(i64::try_from(expected.len()).unwrap());
            prop_assert_eq!(result.length(), length);
            prop_assert_eq!(minutes_of(&result), expected);
        }
    }

    #[test]
    fn a_set_covers_a_span_if_it_holds_each_of_its_minutes(
        a in any_spans(),
        from in 0..MINUTES,
        until in 0..MINUTES,
    ) {
        let held = minutes(&a);
        let all = (from..until).all(|minute| held.contains(&minute));
        prop_assert_eq!(set(&a).covers(span((from, until))), all);
    }
}

#[test]
fn spans_that_touch_become_one() {
    assert_eq!(set(&[(10, 20), (0, 10), (30, 30)]).as_slice(), [span((0, 20))]);
}

#[test]
fn a_busy_block_that_ends_where_work_starts_takes_nothing() {
    let free = set(&[(10, 20)]);
    assert_eq!(free.subtract(&set(&[(0, 10), (20, 30)])), free);
    assert!(!span((0, 10)).overlaps(span((10, 20))));
}

#[test]
fn what_all_share_is_nothing_when_there_is_nobody() {
    assert!(Spans::intersect_all([]).is_empty());
    let (a, b, c) = (set(&[(0, 30)]), set(&[(10, 40)]), set(&[(5, 15), (20, 50)]));
    // 10 to 30 is in the first two; the third leaves out 15 to 20.
    assert_eq!(Spans::intersect_all([&a, &b, &c]), set(&[(10, 15), (20, 30)]));
}
