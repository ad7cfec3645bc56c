//! When the steps of a given route start, so that as few seconds as possible fall outside windows.
//!
//! Starts are bound by differences only: in an optimal plan each of them hangs by drives, stays and
//! breaks without a gap on the bound of some window, or on a start that was asked for. So a dynamic
//! program over those moments is exact, also with several windows at a step.

/// A step with what binds its start.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Seconds from its start until whoever is there leaves.
    pub stay: i64,
    /// Seconds of the drive from the last place to here; breaks are taken on the way.
    pub drive: i64,
    pub is_break: bool,
    /// When it should start, ascending; empty = whenever.
    pub windows: Vec<(i64, i64)>,
    /// When it has to start as asked for: first and last moment; from 0 to [`FOREVER`].
    pub asked: (i64, i64),
}

/// What a second beyond what was asked for weighs against one outside a window.
const ASKED: i64 = 1 << 24;
/// Larger than any cost.
const NEVER: i64 = i64::MAX / 4;
/// Later than any moment.
pub(super) const FOREVER: i64 = 1 << 40;

impl Step {
    fn cost(&self, start: i64) -> i64 {
        let away = |(from, to): (i64, i64)| (from - start).max(start - to).max(0);
        let missed = self.windows.iter().map(|&window| away(window)).min().unwrap_or(0);
        missed + away(self.asked) * ASKED
    }

    /// Bounds of its windows and of what was asked for.
    fn anchors(&self) -> impl Iterator<Item = i64> + '_ {
        let spans = self.windows.iter().chain([&self.asked]);
        spans.flat_map(|&(from, to)| [from, to]).filter(|moment| (0..FOREVER).contains(moment))
    }

    /// Last start up to a moment that costs no more than this one.
    fn last_as_good(&self, start: i64, until: i64) -> i64 {
        let closes = self.windows.iter().map(|window| window.1).chain([self.asked.1]);
        let later = closes.chain([until]).filter(|later| (start..=until).contains(later));
        let cost = self.cost(start);
        later.filter(|later| self.cost(*later) <= cost).max().unwrap_or(start)
    }
}

/// The start of each step: the fewest seconds missed in all, then as early as that allows, then
/// with as little waiting as possible.
///
/// The first step is the start of the route, the last one its end.
pub(super) fn choose(steps: &[Step]) -> Vec<i64> {
    let moments = moments(steps);
    let mut starts = Table::fill(steps, &moments).trace(steps, &moments);
    later(steps, &mut starts);
    starts
}

/// Moments at which each step may have to start.
fn moments(steps: &[Step]) -> Vec<Vec<i64>> {
    // Without any gap, counted from the start: each step as early, and as late, as what is around it
    // lets it.
    let mut offsets: Vec<[i64; 2]> = Vec::with_capacity(steps.len());
    let mut left = 0;
    let mut at = 0;
    while at < steps.len() {
        let breaks = steps[at..].iter().take_while(|step| step.is_break).count();
        let Some(place) = steps.get(at + breaks) else { break };
        let rested: i64 = steps[at..at + breaks].iter().map(|step| step.stay).sum();
        let (mut early, mut late) = (left, left + place.drive);
        for pause in &steps[at..at + breaks] {
            offsets.push([early, late]);
            early += pause.stay;
            late += pause.stay;
        }
        let arrival = left + place.drive + rested;
        offsets.push([arrival, arrival]);
        left = arrival + place.stay;
        at += breaks + 1;
    }
    let mut starts: Vec<i64> = vec![0];
    for (step, offsets) in steps.iter().zip(&offsets) {
        starts.extend(step.anchors().flat_map(|moment| offsets.map(|offset| moment - offset)));
    }
    starts.sort_unstable();
    starts.dedup();
    let of = |offsets: &[i64; 2]| {
        let mut all: Vec<i64> =
            starts.iter().flat_map(|start| offsets.map(|offset| start + offset)).collect();
        all.sort_unstable();
        all.dedup();
        all.retain(|moment| *moment >= 0);
        all
    };
    offsets.iter().map(of).collect()
}

/// The least cost of all steps up to each, by its moment; and where that comes from.
struct Table {
    /// By step and moment: cost, and positions of the moments of the steps since the last place.
    rows: Vec<Vec<(i64, Vec<usize>)>>,
    /// Positions of the steps with a place.
    places: Vec<usize>,
}

impl Table {
    fn fill(steps: &[Step], moments: &[Vec<i64>]) -> Self {
        let places: Vec<usize> = (0..steps.len()).filter(|&at| !steps[at].is_break).collect();
        let first = moments[0].iter().map(|&start| (steps[0].cost(start), Vec::new())).collect();
        let mut rows: Vec<Vec<(i64, Vec<usize>)>> = vec![first];
        for pair in places.windows(2) {
            let row = way(steps, moments, (pair[0], pair[1]), &rows[rows.len() - 1]);
            rows.push(row);
        }
        Self { rows, places }
    }

    fn trace(&self, steps: &[Step], moments: &[Vec<i64>]) -> Vec<i64> {
        let mut starts = vec![0; steps.len()];
        let last = &self.rows[self.rows.len() - 1];
        let mut at = (0..last.len()).min_by_key(|&at| (last[at].0, at)).unwrap_or(0);
        for (number, row) in self.rows.iter().enumerate().rev() {
            let place = self.places[number];
            starts[place] = moments[place].get(at).copied().unwrap_or(0);
            let Some((before, breaks)) = row.get(at).and_then(|(_, from)| from.split_first())
            else {
                break;
            };
            for (step, &moment) in (self.places[number - 1] + 1..place).zip(breaks) {
                starts[step] = moments[step][moment];
            }
            at = *before;
        }
        starts
    }
}

/// The row of the place `to`, from that of the place `from` with breaks in between.
fn way(
    steps: &[Step],
    moments: &[Vec<i64>],
    (from, to): (usize, usize),
    before: &[(i64, Vec<usize>)],
) -> Vec<(i64, Vec<usize>)> {
    let mut row = vec![(NEVER, Vec::new()); moments[to].len()];
    let rested: i64 = steps[from + 1..to].iter().map(|step| step.stay).sum();
    let mut best = NEVER;
    for (at, (cost, _)) in before.iter().enumerate() {
        // A later start is of use only if it costs less.
        if *cost >= best {
            continue;
        }
        best = *cost;
        let left = moments[from][at] + steps[from].stay;
        // Cheapest ways to have taken the breaks so far, by when the last one ends.
        let mut ways: Vec<(i64, i64, Vec<usize>)> = vec![(left, *cost, vec![at])];
        for step in from + 1..to {
            ways = rest(&steps[step], &moments[step], &ways);
        }
        let ready = left + steps[to].drive + rested;
        let mut way = 0;
        for (moment, slot) in moments[to].iter().zip(&mut row) {
            while way + 1 < ways.len() && ways[way + 1].0 <= *moment {
                way += 1;
            }
            let Some((free, cost, path)) = ways.get(way) else { break };
            if *moment < ready || *moment < *free {
                continue;
            }
            let cost = cost + steps[to].cost(*moment);
            if cost < slot.0 {
                *slot = (cost, path.clone());
            }
        }
    }
    row
}

/// Takes one more break after each way: only what ends later and costs less is kept.
fn rest(
    step: &Step,
    moments: &[i64],
    ways: &[(i64, i64, Vec<usize>)],
) -> Vec<(i64, i64, Vec<usize>)> {
    let mut found: Vec<(i64, i64, Vec<usize>)> = Vec::new();
    let mut way = 0;
    for (at, &moment) in moments.iter().enumerate() {
        while way + 1 < ways.len() && ways[way + 1].0 <= moment {
            way += 1;
        }
        let Some((free, cost, path)) = ways.get(way) else { break };
        let cost = cost + step.cost(moment);
        if *free <= moment && found.last().is_none_or(|last| cost < last.1) {
            let path = path.iter().copied().chain([at]).collect();
            found.push((moment + step.stay, cost, path));
        }
    }
    found
}

/// Moves starts later, from the last to the first, where that costs nothing; the end stays.
pub(super) fn later(steps: &[Step], starts: &mut [i64]) {
    let (mut ready, mut next) = (FOREVER, FOREVER);
    for at in (0..steps.len()).rev() {
        let step = &steps[at];
        if at + 1 < steps.len() {
            let latest = if step.is_break { next - step.stay } else { next.min(ready) - step.stay };
            starts[at] = step.last_as_good(starts[at], latest);
        }
        if step.is_break {
            // The place after it is reached by driving for the rest of the time.
            ready -= step.stay;
        } else {
            ready = starts[at] - step.drive;
        }
        next = starts[at];
    }
}
