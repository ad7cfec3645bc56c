//! Routes met on the way, to choose from in the end.

use std::collections::HashMap;

use super::exact::Column;

/// Routes found by searches, each set of visits once per kind of vehicle with its cheapest order.
///
/// Memory: at most `limit` routes; when there are more, those that have been in no good plan for
/// longest are dropped.
#[derive(Debug, Clone)]
pub struct Pool {
    limit: usize,
    /// Index in `columns` by hash of kind and visits.
    by_hash: HashMap<u64, usize>,
    columns: Vec<Pooled>,
    age: u64,
}

#[derive(Debug, Clone)]
struct Pooled {
    column: Column,
    seen: u64,
}

impl Pool {
    /// An empty pool for so many routes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), by_hash: HashMap::new(), columns: Vec::new(), age: 0 }
    }

    /// Takes note of a route of a good plan.
    ///
    /// * `kind`: vehicles of the same kind could drive it at the same cost.
    /// * `visits`: in order; not empty.
    pub fn add(&mut self, kind: u32, visits: &[u32], cost: i64) {
        self.age += 1;
        let hash = hash(kind, visits);
        if let Some(&index) = self.by_hash.get(&hash) {
            let known = &mut self.columns[index];
            known.seen = self.age;
            // Two sets with the same hash: the first stays, the other is only not offered.
            if cost < known.column.cost
                && known.column.kind == kind
                && same(&known.column.visits, visits)
            {
                known.column.cost = cost;
                known.column.visits = visits.to_vec();
            }
            return;
        }
        if self.columns.len() >= self.limit + self.limit / 2 {
            self.thin_out();
        }
        self.by_hash.insert(hash, self.columns.len());
        let column = Column { kind, visits: visits.to_vec(), cost };
        self.columns.push(Pooled { column, seen: self.age });
    }

    /// How many routes there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Adds all routes of another pool.
    pub fn extend(&mut self, other: &Self) {
        for Pooled { column, .. } in &other.columns {
            self.add(column.kind, &column.visits, column.cost);
        }
    }

    /// The routes as columns of a set partitioning, the latest first.
    pub fn columns(&self) -> Vec<Column> {
        let mut sorted: Vec<&Pooled> = self.columns.iter().collect();
        sorted.sort_by_key(|pooled| std::cmp::Reverse(pooled.seen));
        sorted.into_iter().take(self.limit).map(|pooled| pooled.column.clone()).collect()
    }

    fn thin_out(&mut self) {
        self.columns.sort_by_key(|pooled| std::cmp::Reverse(pooled.seen));
        self.columns.truncate(self.limit);
        self.by_hash = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, Pooled { column, .. })| (hash(column.kind, &column.visits), index))
            .collect();
    }
}

/// A hash of a kind and a set of visits, whatever their order.
fn hash(kind: u32, visits: &[u32]) -> u64 {
    let mixed = |number: u32| super::Chance::new(u64::from(number)).bits();
    visits.iter().fold(mixed(kind), |sum, &visit| sum.wrapping_add(mixed(visit).rotate_left(7)))
}

/// Whether two lists of different visits hold the same ones.
fn same(one: &[u32], other: &[u32]) -> bool {
    let sorted = |list: &[u32]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}
