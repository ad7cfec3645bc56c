//! One source, one target.

use crate::ch::upward::meet;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::units::{Leg, UNREACHED};

impl Roads {
    /// Time and length of the quickest drive; `None` if there is none.
    ///
    /// Among equally quick drives (to a tenth of a second) the shortest counts. Cost: some ten microseconds.
    pub fn leg(&self, from: &Snap, to: &Snap) -> Option<Leg> {
        Leg::from_cost(self.cost(from, to))
    }

    /// [`Roads::leg`] before rounding: packed tenths of a second and decimetres.
    pub(crate) fn cost(&self, from: &Snap, to: &Snap) -> u64 {
        let across = self.with_search(|up| {
            self.with_search(|down| {
                up.run(self.ch.out.view(), &self.on(from));
                down.run(self.ch.into.view(), &self.before(to));
                meet(up, down)
            })
        });
        let direct = self.graph.direct(from, to);
        across.map_or(UNREACHED, |(cost, _)| cost).min(direct)
    }
}
