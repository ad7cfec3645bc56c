//! The live plan at one moment: technicians, their prepared shifts, and equipment pools.

use std::collections::HashMap;
use std::sync::Arc;

use crate::problem::{Pool, ProblemError, ProblemErrors, Technician, Usage};
use crate::schedule::PreparedShift;
use crate::units::{ShiftIdx, TechnicianIdx};

/// One shift of the live plan.
#[derive(Debug, Clone)]
pub struct ShiftEntry {
    /// Whose shift.
    pub technician: TechnicianIdx,
    /// The shift with its passes; shared, so that a cache can keep it between requests.
    pub shift: Arc<PreparedShift>,
    /// What the technician does in other shifts of the same day and week.
    pub elsewhere: Usage,
}

/// Everything a search reads. Cheap to build: shifts are shared, not copied.
#[derive(Debug, Clone)]
pub struct Snapshot {
    technicians: Vec<Technician>,
    entries: Vec<ShiftEntry>,
    /// Positions in `entries`, by technician, then by start: `order[first[t]..first[t + 1]]`.
    order: Vec<u32>,
    first: Vec<u32>,
    /// Technicians in order of their keys.
    by_key: Vec<TechnicianIdx>,
    pools: Vec<Pool>,
    place_count: usize,
}

impl Snapshot {
    /// Most technicians or shifts.
    pub const ROWS_MAX: usize = 1 << 24;

    /// Gathers a plan.
    ///
    /// * `entries`: any order; shifts of one technician should not overlap.
    ///
    /// Cost: O(s log s) for `s` shifts.
    ///
    /// # Errors
    /// All of: entries of unknown technicians, two technicians with one key, too many rows.
    pub fn new(
        technicians: Vec<Technician>,
        entries: Vec<ShiftEntry>,
        pools: Vec<Pool>,
    ) -> Result<Self, ProblemErrors> {
        ProblemErrors::none_of(faults(&technicians, &entries))?;
        let mut order: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|&at| {
            let entry = &entries[at as usize];
            let shift = entry.shift.shift();
            (entry.technician, shift.start, shift.end)
        });
        let mut first = vec![0_u32; technicians.len() + 1];
        for entry in &entries {
            first[entry.technician.at() + 1] += 1;
        }
        for at in 1..first.len() {
            first[at] += first[at - 1];
        }
        let place_count = entries.iter().map(|e| e.shift.place_count()).max().unwrap_or(0);
        let count = u32::try_from(technicians.len()).unwrap_or(u32::MAX);
        let mut by_key: Vec<TechnicianIdx> = (0..count).map(TechnicianIdx).collect();
        by_key.sort_unstable_by_key(|at| technicians[at.at()].key);
        Ok(Self { technicians, entries, order, first, by_key, pools, place_count })
    }

    /// The technicians, by index.
    pub fn technicians(&self) -> &[Technician] {
        &self.technicians
    }

    /// One technician.
    pub fn technician(&self, technician: TechnicianIdx) -> &Technician {
        &self.technicians[technician.at()]
    }

    /// The shifts, by index, in the order given.
    pub fn entries(&self) -> &[ShiftEntry] {
        &self.entries
    }

    /// One shift.
    pub fn entry(&self, shift: ShiftIdx) -> &ShiftEntry {
        &self.entries[shift.at()]
    }

    /// The shifts of a technician in order of start.
    pub fn shifts_of(
        &self,
        technician: TechnicianIdx,
    ) -> impl DoubleEndedIterator<Item = (ShiftIdx, &ShiftEntry)> {
        let (from, until) = (self.first[technician.at()], self.first[technician.at() + 1]);
        self.order[from as usize..until as usize]
            .iter()
            .map(|&at| (ShiftIdx(at), &self.entries[at as usize]))
    }

    /// Technicians in order of their keys.
    pub(crate) fn by_key(&self) -> &[TechnicianIdx] {
        &self.by_key
    }

    /// The equipment pools, by index.
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// One more than the largest place any shift uses: the least length of travel rows.
    pub fn place_count(&self) -> usize {
        self.place_count
    }
}

fn faults(technicians: &[Technician], entries: &[ShiftEntry]) -> Vec<ProblemError> {
    let mut faults = Vec::new();
    for (what, count) in [("technicians", technicians.len()), ("shifts", entries.len())] {
        if count > Snapshot::ROWS_MAX {
            faults.push(ProblemError::TooMany { what, count, max: Snapshot::ROWS_MAX });
        }
    }
    let mut keys = HashMap::with_capacity(technicians.len());
    for (at, technician) in (0_u32..).zip(technicians) {
        if let Some(first) = keys.insert(technician.key, TechnicianIdx(at)) {
            let (second, key) = (TechnicianIdx(at), technician.key);
            faults.push(ProblemError::SameKey { first, second, key });
        }
    }
    let count = technicians.len();
    for entry in entries.iter().filter(|entry| entry.technician.at() >= count) {
        let technician = entry.technician;
        faults.push(ProblemError::UnknownTechnician { what: "a shift", technician, count });
    }
    faults
}
