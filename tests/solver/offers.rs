//! A few good slots: spread over days and parts of the day; the nearest to a wish.

use roundsman_solver::offers::{diverse, nearest};
use roundsman_solver::problem::{Day, Grid, Request, Shift};
use roundsman_solver::slots::{SearchOptions, Slot, Workspace, search};
use roundsman_solver::units::{Moment, Seconds, Span};

use crate::plans;

const HOUR: i64 = 3600;

/// Free on two days from 8 to 17, an hour of work, every hour.
fn slots() -> Vec<Slot> {
    let day = |at: i64| Span::new(Moment(at * 24 * HOUR), Moment((at + 1) * 24 * HOUR));
    let shift = |at: i64| {
        let base = at * 24 * HOUR;
        plans::entry(0, Shift::new(Moment(base + 8 * HOUR), Moment(base + 17 * HOUR)))
    };
    let technicians = vec![roundsman_solver::problem::Technician::new(1)];
    let entries = vec![shift(0), shift(1)];
    let snapshot = roundsman_solver::problem::Snapshot::new(technicians, entries, vec![]).unwrap();
    let range = Span::new(Moment(0), Moment(48 * HOUR));
    let grid = Grid::Listed((0..48).map(|hour| Moment(hour * HOUR)).collect());
    let mut request = Request::simple(Seconds::hours(1), range, grid);
    request.days = vec![Day::unused(day(0)), Day::unused(day(1))];
    request.weights.wait_second = 1;
    search(&snapshot, &request, SearchOptions::default(), &mut Workspace::default()).unwrap()
}

fn hours(slots: &[Slot]) -> Vec<i64> {
    slots.iter().map(|slot| slot.start.0 / HOUR).collect()
}

#[test]
fn two_offers_lie_on_two_days() {
    // Earlier is better here, so 8:00 is best and the best on the other day is 8:00 as well.
    assert_eq!(hours(&diverse(&slots(), 2)), [8, 32]);
}

#[test]
fn six_offers_cover_each_part_of_each_day() {
    // Nine starts a day, 8 to 16, from 8:00 to 16:00:01: thirds begin at 8:00, 10:40 and 13:20.
    assert_eq!(hours(&diverse(&slots(), 6)), [8, 11, 14, 32, 35, 38]);
}

#[test]
fn more_offers_than_slots_are_all_slots() {
    let slots = slots();
    assert_eq!(diverse(&slots, 100), slots);
    assert!(diverse(&slots, 0).is_empty());
}

#[test]
fn nearest_looks_to_both_sides_and_prefers_the_earlier() {
    let slots = slots();
    // Wish at 20:00 on the first day: 16:00 is 4 hours away, 15:00 five, 8:00 of the next day twelve.
    assert_eq!(hours(&nearest(&slots, Moment(20 * HOUR), 2)), [16, 15]);
    // Midnight is 8 hours from both 16:00 and 8:00.
    assert_eq!(hours(&nearest(&slots, Moment(24 * HOUR), 2)), [16, 32]);
}
