//! Links as lists per visit.

use crate::optimize::model::Link;
use crate::optimize::rich::data::{Data, OUT, Tie, index, narrow};

impl Data<'_> {
    pub(super) fn add_ties(&mut self) {
        for &link in &self.model.links {
            let (one, other) = link.visits();
            let (first, second) = match link {
                Link::Gap { min, max, .. } => {
                    let (min, max) = (narrow(min.0), max.map_or(OUT, |max| narrow(max.0)));
                    (Tie::BeforeEnd(min, max), Tie::AfterEnd(min, max))
                }
                Link::Starts { min, max, .. } => {
                    let (min, max) = (narrow(min.0), max.map_or(OUT, |max| narrow(max.0)));
                    (Tie::BeforeStart(min, max), Tie::AfterStart(min, max))
                }
                Link::SameTechnicians { .. } => (Tie::Same, Tie::Same),
                Link::DifferentTechnicians { .. } => (Tie::Different, Tie::Different),
                Link::Shipment { .. } => (Tie::Pickup, Tie::Dropoff),
                Link::Both { .. } => (Tie::Both, Tie::Both),
            };
            self.ties[one.at()].push((other.0, first));
            self.ties[other.at()].push((one.0, second));
            if matches!(link, Link::Gap { .. } | Link::Starts { .. }) {
                self.jobs[one.at()].coupled = true;
                self.jobs[other.at()].coupled = true;
                self.coupled = true;
            }
        }
        self.ties.resize(self.jobs.len(), Vec::new());
        self.add_bundles();
    }

    fn add_bundles(&mut self) {
        self.bundles = vec![Vec::new(); self.jobs.len()];
        for job in 0..index(self.jobs.len()) {
            if !self.bundles[job as usize].is_empty() {
                continue;
            }
            let mut bundle = vec![job];
            let mut at = 0;
            while let Some(&member) = bundle.get(at) {
                for &(other, tie) in &self.ties[member as usize] {
                    let together = matches!(tie, Tie::Both | Tie::Pickup | Tie::Dropoff);
                    if together && !bundle.contains(&other) {
                        bundle.push(other);
                    }
                }
                at += 1;
            }
            bundle.sort_unstable();
            for &member in &bundle {
                self.bundles[member as usize].clone_from(&bundle);
            }
        }
    }
}
