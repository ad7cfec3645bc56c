//! Who joins a crew so that it can do one visit more.

use super::data::{Data, amount};
use crate::optimize::search::Chance;

/// Chooses technicians for a crew, and keeps its lists between questions.
#[derive(Debug, Default)]
pub(super) struct Staffing {
    /// Kinds and how many are still missing.
    missing: Vec<(u32, u32)>,
    /// Those who join.
    pub(super) added: Vec<u32>,
}

impl Staffing {
    /// Whether some of `free` fill what a crew with `able` members lacks for a visit; they are in
    /// [`Self::added`] then, with what they are worth together.
    ///
    /// Takes whoever fills most first, of equals the one with fewer rare skills, with some luck.
    pub(super) fn fill(
        &mut self,
        data: &Data<'_>,
        visit: u32,
        able: &[u32],
        free: &[u32],
        chance: &mut Chance,
    ) -> Option<i64> {
        self.added.clear();
        self.missing.clear();
        for &(kind, count) in &data.needs[visit as usize] {
            let own = able.get(kind as usize).copied().unwrap_or(0);
            if own < count {
                self.missing.push((kind, count - own));
            }
        }
        let mut worth = 0;
        while !self.missing.is_empty() {
            let mut best = (i64::MIN, 0);
            for &who in free {
                if self.added.contains(&who) {
                    continue;
                }
                let row = who as usize * data.kinds;
                let filled =
                    self.missing.iter().filter(|it| data.able[row + it.0 as usize]).count();
                if filled == 0 {
                    continue;
                }
                // A unit of luck is worth a quarter of a technician.
                let luck = amount(chance.below(64));
                let score = amount(filled) * 400 - 2 * data.worth[who as usize] + luck;
                best = best.max((score, i64::from(who)));
            }
            if best.0 == i64::MIN {
                return None;
            }
            let who = u32::try_from(best.1).unwrap_or(0);
            worth += data.worth[who as usize];
            self.added.push(who);
            let row = who as usize * data.kinds;
            for missing in &mut self.missing {
                missing.1 -= u32::from(data.able[row + missing.0 as usize]);
            }
            self.missing.retain(|missing| missing.1 > 0);
        }
        Some(worth)
    }
}
