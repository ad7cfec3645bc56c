//! Why a model was refused: every fault with the position, the value and what is allowed.

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::optimize::model::{Break, Link, Model, Shift, Visit, Window};
use crate::problem::Leg;
use crate::units::{Moment, PlaceIdx, Seconds, VisitIdx};

/// One fault of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// An index points at nothing.
    #[error("{what} {at} refers to {to} {value}, but there are only {count}")]
    Unknown {
        /// What refers.
        what: &'static str,
        /// Its position.
        at: usize,
        /// To what.
        to: &'static str,
        /// The index.
        value: usize,
        /// How many there are.
        count: usize,
    },
    /// A list that must be empty or of a certain length is neither.
    #[error("{what} {at} lists {value} {of}; expected {expected}")]
    WrongLength {
        /// What holds the list.
        what: &'static str,
        /// Its position.
        at: usize,
        /// What is listed.
        of: &'static str,
        /// How many.
        value: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A span ends before it starts.
    #[error("{what} {at} ends at {until:?}, before it starts at {from:?}")]
    EndsBeforeItStarts {
        /// What.
        what: &'static str,
        /// Its position.
        at: usize,
        /// Start.
        from: Moment,
        /// End.
        until: Moment,
    },
    /// Spans overlap or are out of order.
    #[error("{what} {at} has windows that overlap or are out of order")]
    Unordered {
        /// What.
        what: &'static str,
        /// Its position.
        at: usize,
    },
    /// A number is outside its range.
    #[error("{name} of {what} {at} is {value}; allowed are {least} to {most}")]
    OutOfRange {
        /// What.
        what: &'static str,
        /// Its position.
        at: usize,
        /// Which number.
        name: &'static str,
        /// The number.
        value: i64,
        /// Least allowed.
        least: i64,
        /// Most allowed.
        most: i64,
    },
    /// Visits that must wait for each other in a circle.
    #[error("visits wait for each other in a circle: {visits:?}")]
    Cycle {
        /// The circle, each before the next and the last before the first.
        visits: Vec<VisitIdx>,
    },
    /// A link from a visit to itself.
    #[error("link {at} binds visit {visit:?} to itself")]
    SelfLink {
        /// Position of the link.
        at: usize,
        /// The visit.
        visit: VisitIdx,
    },
}

/// Every fault of a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct ModelFaults(pub Vec<ModelFault>);

/// Largest magnitude of a moment or length in a model, relative to its earliest shift: two years.
pub(crate) const REACH: i64 = Leg::SECONDS_MAX as i64;

pub(super) fn check(model: &Model) -> Result<(), ModelFaults> {
    let mut found = Check { model, faults: Vec::new() };
    found.lengths();
    for (at, shift) in model.shifts.iter().enumerate() {
        found.shift(at, shift);
    }
    for (at, visit) in model.visits.iter().enumerate() {
        found.visit(at, visit);
    }
    found.links();
    found.currents();
    if found.faults.is_empty() { Ok(()) } else { Err(ModelFaults(found.faults)) }
}

struct Check<'a> {
    model: &'a Model,
    faults: Vec<ModelFault>,
}

impl Check<'_> {
    fn index(&mut self, what: &'static str, at: usize, to: &'static str, pair: (usize, usize)) {
        let (value, count) = pair;
        if value >= count {
            self.faults.push(ModelFault::Unknown { what, at, to, value, count });
        }
    }

    fn length(&mut self, what: &'static str, at: usize, of: &'static str, pair: (usize, usize)) {
        let (value, expected) = pair;
        if value != 0 && value != expected {
            self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
        }
    }

    fn range(&mut self, what: &'static str, at: usize, name: &'static str, value: i64) {
        if !(0..=REACH).contains(&value) {
            let (least, most) = (0, REACH);
            self.faults.push(ModelFault::OutOfRange { what, at, name, value, least, most });
        }
    }

    fn place(&mut self, what: &'static str, at: usize, place: Option<PlaceIdx>) {
        if let Some(place) = place {
            self.index(what, at, "place", (place.at(), self.model.place_count()));
        }
    }

    fn lengths(&mut self) {
        let model = self.model;
        let people = model.technicians.len();
        self.length("the model", 0, "technicians' histories", (model.history.len(), people));
        self.length("the model", 0, "technicians' shares", (model.shares.len(), people));
        self.length("the model", 0, "current plans", (model.current.len(), model.visits.len()));
        for (at, matrix) in model.matrices.iter().enumerate() {
            let (value, expected) = (matrix.place_count(), model.place_count());
            if value != expected {
                let (what, of) = ("matrix", "places");
                self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
            }
        }
        for (at, pace) in model.paces.iter().enumerate() {
            self.index("pace", at, "technician", (pace.technician.at(), people));
            self.range("pace", at, "per cent", i64::from(pace.percent));
        }
    }

    fn shift(&mut self, at: usize, shift: &Shift) {
        let model = self.model;
        self.index("shift", at, "technician", (shift.technician.at(), model.technicians.len()));
        self.index("shift", at, "matrix", (shift.profile, model.matrices.len().max(1)));
        self.place("shift", at, shift.start_place);
        self.place("shift", at, shift.end_place);
        for &depot in &shift.depots {
            self.place("shift", at, Some(depot));
        }
        if shift.end < shift.start {
            let (from, until) = (shift.start, shift.end);
            let what = "shift";
            self.faults.push(ModelFault::EndsBeforeItStarts { what, at, from, until });
        }
        let origin = model.shifts.iter().map(|shift| shift.start).min().unwrap_or(shift.start);
        self.range("shift", at, "start after the first shift", (shift.start - origin).0);
        self.range("shift", at, "length", (shift.end - shift.start).0.max(0));
        self.range("shift", at, "overtime", shift.overtime_limit.0);
        self.range("shift", at, "time at a depot", shift.depot_duration.0);
        self.range("shift", at, "per cent of driving time", i64::from(shift.drive_percent));
        self.length("shift", at, "capacities", (shift.capacity.len(), model.loads.len()));
        self.length("shift", at, "stocks", (shift.stock.len(), model.loads.len()));
        for pause in &shift.breaks {
            self.pause(at, pause);
        }
    }

    fn pause(&mut self, at: usize, pause: &Break) {
        self.place("break of shift", at, pause.place);
        self.range("break of shift", at, "length", pause.duration.0);
        if pause.starts.is_empty() {
            let (what, of, value, expected) = ("break of shift", "starts", 0, 1);
            self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
        }
        for &(from, until) in pause.starts.iter().filter(|(from, until)| until < from) {
            let what = "break of shift";
            self.faults.push(ModelFault::EndsBeforeItStarts { what, at, from, until });
        }
        if pause.starts.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
            self.faults.push(ModelFault::Unordered { what: "break of shift", at });
        }
    }

    fn visit(&mut self, at: usize, visit: &Visit) {
        let model = self.model;
        self.place("visit", at, visit.place);
        let lengths = [
            ("service", visit.duration),
            ("setup", visit.setup),
            ("exit", visit.exit),
            ("pad before", visit.pad_before),
            ("pad after", visit.pad_after),
        ];
        for (name, Seconds(value)) in lengths {
            self.range("visit", at, name, value);
        }
        self.windows(at, &visit.windows);
        let kinds = model.loads.len();
        for list in [&visit.delivery, &visit.pickup, &visit.transfer, &visit.parts] {
            self.length("visit", at, "loads", (list.len(), kinds));
        }
        for need in &visit.pools {
            self.index("visit", at, "pool", (need.pool.at(), model.pools.len()));
        }
        let crew = visit.crew.len();
        if crew == 0 || crew > Visit::CREW_MAX {
            let value = i64::try_from(crew).unwrap_or(i64::MAX);
            let (what, name, least, most) = ("visit", "crew", 1, 8);
            self.faults.push(ModelFault::OutOfRange { what, at, name, value, least, most });
        }
        let wishes = &visit.wishes;
        let named = wishes.only.iter().flatten().chain(&wishes.required).chain(&wishes.excluded);
        let named = named.chain(wishes.preferred.iter().map(|(who, _)| who)).chain(&visit.usual);
        for who in named {
            self.index("visit", at, "technician", (who.at(), model.technicians.len()));
        }
    }

    fn windows(&mut self, at: usize, windows: &[Window]) {
        for window in windows.iter().filter(|window| window.latest < window.earliest) {
            let (what, from, until) = ("window of visit", window.earliest, window.latest);
            self.faults.push(ModelFault::EndsBeforeItStarts { what, at, from, until });
        }
        if windows.windows(2).any(|pair| pair[1].earliest <= pair[0].latest) {
            self.faults.push(ModelFault::Unordered { what: "visit", at });
        }
    }

    fn links(&mut self) {
        let count = self.model.visits.len();
        let before = self.faults.len();
        for (at, link) in self.model.links.iter().enumerate() {
            let (first, second) = link.visits();
            self.index("link", at, "visit", (first.at(), count));
            self.index("link", at, "visit", (second.at(), count));
            if first == second {
                self.faults.push(ModelFault::SelfLink { at, visit: first });
            }
            if let Link::Gap { min, max, .. } | Link::Starts { min, max, .. } = link {
                self.range("link", at, "least gap", min.0);
                if let Some(max) = max.filter(|max| max < min) {
                    let (what, from, until) = ("gap of link", Moment(min.0), Moment(max.0));
                    self.faults.push(ModelFault::EndsBeforeItStarts { what, at, from, until });
                }
            }
        }
        if self.faults.len() == before {
            self.cycles();
        }
    }

    fn cycles(&mut self) {
        let mut graph = DiGraph::<(), ()>::new();
        let nodes: Vec<_> = self.model.visits.iter().map(|_| graph.add_node(())).collect();
        for link in &self.model.links {
            let orders = match link {
                Link::Gap { .. } | Link::Shipment { .. } => true,
                Link::Starts { min, .. } => min.0 > 0,
                _ => false,
            };
            if orders {
                let (first, second) = link.visits();
                graph.add_edge(nodes[first.at()], nodes[second.at()], ());
            }
        }
        for component in tarjan_scc(&graph).into_iter().filter(|found| found.len() > 1) {
            // Tarjan lists a component against its edges.
            let visits = component.iter().rev();
            let visits = visits
                .map(|node| VisitIdx(u32::try_from(node.index()).unwrap_or(u32::MAX)))
                .collect();
            self.faults.push(ModelFault::Cycle { visits });
        }
    }

    fn currents(&mut self) {
        let shifts = self.model.shifts.len();
        for (at, current) in self.model.current.iter().enumerate() {
            let Some(current) = current else { continue };
            for shift in &current.shifts {
                self.index("current plan of visit", at, "shift", (shift.at(), shifts));
            }
            if let Some(visit) = self.model.visits.get(at)
                && current.shifts.len() != visit.crew.len()
            {
                let (what, of) = ("current plan of visit", "shifts");
                let (value, expected) = (current.shifts.len(), visit.crew.len());
                self.faults.push(ModelFault::WrongLength { what, at, of, value, expected });
            }
        }
    }
}
