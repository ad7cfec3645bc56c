//! In which order removed visits go back.

use super::{Chance, Routes};

/// An order of insertion.
///
/// Source: Christiaens and Vanden Berghe (2020), section 5.3, with the orders for time windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// At random.
    Random,
    /// The largest load, or whatever is hardest to place, first.
    Demand,
    /// The farthest from where routes begin first.
    Far,
    /// The closest to where routes begin first.
    Close,
    /// The narrowest time window first.
    Narrow,
    /// The window that opens first.
    Earliest,
    /// The window that closes last first.
    Latest,
}

/// Each order and how often it is drawn, of [`WEIGHTS`] in all.
const ORDERS: [(Order, usize); 7] = [
    (Order::Random, 4),
    (Order::Demand, 4),
    (Order::Far, 2),
    (Order::Close, 1),
    (Order::Narrow, 2),
    (Order::Earliest, 2),
    (Order::Latest, 2),
];
const WEIGHTS: usize = 17;

/// Puts `visits` into an order drawn at random; ties are in random order too.
pub(super) fn arrange<R: Routes>(routes: &R, visits: &mut [u32], chance: &mut Chance) {
    chance.shuffle(visits);
    let mut draw = chance.below(WEIGHTS);
    for (order, weight) in ORDERS {
        if draw < weight {
            if order != Order::Random {
                visits.sort_by_key(|&visit| routes.rank(order, visit));
            }
            return;
        }
        draw -= weight;
    }
}
