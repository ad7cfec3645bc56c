//! One route as driven: where it goes, what each drive and stay takes, which breaks lie on the way.

use crate::check::plans::lookup::{Drive, drive, onsite, ready_at};
use crate::optimize::Model;
use crate::optimize::model::{Break, Shift};
use crate::optimize::solution::{Route, RouteStop, StopKind};
use crate::units::{Moment, PlaceIdx, Seconds, VisitIdx};

/// One stay on site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stay {
    /// Position in the route's stops.
    pub(crate) stop: usize,
    pub(crate) visit: VisitIdx,
    pub(crate) role: usize,
    pub(crate) onsite: Seconds,
}

/// The way from one place to the next, with the breaks taken on it.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// Stop it leaves; `None` = the start place.
    pub(crate) from: Option<usize>,
    /// Stop it leads to; `None` = the end place.
    pub(crate) to: Option<usize>,
    pub(crate) drive: Drive,
    /// Stops that are breaks taken on the way.
    pub(crate) breaks: Vec<usize>,
}

/// A route as driven.
pub(crate) struct Trip<'a> {
    pub(crate) route: &'a Route,
    pub(crate) shift: &'a Shift,
    /// Number of leading stops that are breaks begun before the departure.
    pub(crate) first: usize,
    /// One past the last stop before the return; breaks that end after it follow.
    pub(crate) last: usize,
    /// All ways, the last one home.
    pub(crate) ways: Vec<Stretch>,
    /// All stays, in order.
    pub(crate) stays: Vec<Stay>,
}

impl<'a> Trip<'a> {
    /// Reads a route whose indexes all point at something.
    pub(crate) fn read(model: &'a Model, route: &'a Route) -> Self {
        let shift = &model.shifts[route.shift.at()];
        let stops = &route.stops;
        let is_break = |stop: &&RouteStop| matches!(stop.kind, StopKind::Break { .. });
        let early = |stop: &&RouteStop| is_break(stop) && stop.start < route.departure;
        let first = stops.iter().take_while(early).count();
        let late = |stop: &&RouteStop| is_break(stop) && stop.end > route.arrival;
        let last = stops.len() - stops[first..].iter().rev().take_while(late).count();
        let mut trip = Self { route, shift, first, last, ways: Vec::new(), stays: Vec::new() };
        trip.drive_all(model);
        trip.stay_all(model);
        trip
    }

    fn drive_all(&mut self, model: &Model) {
        let mut place = self.shift.start_place;
        let mut from = None;
        let mut breaks = Vec::new();
        for stop in self.first..self.last {
            let to = match self.route.stops[stop].kind {
                StopKind::Visit { visit, .. } => model.visits[visit.at()].place,
                StopKind::Depot { place } => Some(place),
                StopKind::Break { index } => {
                    let place = self.shift.breaks[index].place;
                    if place.is_none() {
                        breaks.push(stop);
                        continue;
                    }
                    place
                }
            };
            self.way(model, (from, place), (Some(stop), to), std::mem::take(&mut breaks));
            place = to;
            from = Some(stop);
        }
        self.way(model, (from, place), (None, self.shift.end_place), breaks);
    }

    fn way(
        &mut self,
        model: &Model,
        from: (Option<usize>, Option<PlaceIdx>),
        to: (Option<usize>, Option<PlaceIdx>),
        breaks: Vec<usize>,
    ) {
        let drive = drive(model, self.shift, from.1, to.1);
        self.ways.push(Stretch { from: from.0, to: to.0, drive, breaks });
    }

    fn stay_all(&mut self, model: &Model) {
        let mut before = ready_at(self.shift);
        for (stop, listed) in self.route.stops.iter().enumerate() {
            let StopKind::Visit { visit, role } = listed.kind else { continue };
            let role = usize::from(role);
            let onsite = onsite(model, visit, role, self.shift.technician, before);
            self.stays.push(Stay { stop, visit, role, onsite });
            before = model.visits[visit.at()].place;
        }
    }

    /// The break at a stop, if it is one.
    pub(crate) fn pause(&self, stop: usize) -> Option<(usize, &'a Break)> {
        match self.route.stops[stop].kind {
            StopKind::Break { index } => Some((index, &self.shift.breaks[index])),
            _ => None,
        }
    }

    /// The stay at a stop, if it is one.
    pub(crate) fn stay(&self, stop: usize) -> Option<Stay> {
        self.stays.iter().find(|stay| stay.stop == stop).copied()
    }

    /// How long a stop takes by the model.
    pub(crate) fn length(&self, stop: usize) -> Seconds {
        match self.route.stops[stop].kind {
            StopKind::Visit { .. } => self.stay(stop).map_or(Seconds::ZERO, |stay| stay.onsite),
            StopKind::Break { index } => self.shift.breaks[index].duration,
            StopKind::Depot { .. } => self.shift.depot_duration,
        }
    }

    /// When a stop is over, by its start and the model.
    pub(crate) fn end(&self, stop: usize) -> Moment {
        self.route.stops[stop].start + self.length(stop)
    }

    /// Seconds at the wheel.
    pub(crate) fn driven(&self) -> Seconds {
        Seconds(self.ways.iter().map(|way| way.drive.seconds.0).sum())
    }

    /// Metres driven.
    pub(crate) fn metres(&self) -> i64 {
        self.ways.iter().map(|way| way.drive.metres.0).sum()
    }

    /// Seconds on site.
    pub(crate) fn onsite(&self) -> Seconds {
        Seconds(self.stays.iter().map(|stay| stay.onsite.0).sum())
    }

    /// Seconds of breaks between departure and return that `counts` lets through.
    pub(crate) fn paused(&self, counts: impl Fn(&Break) -> bool) -> Seconds {
        let pauses = (self.first..self.last).filter_map(|stop| self.pause(stop));
        Seconds(pauses.filter(|(_, pause)| counts(pause)).map(|(_, pause)| pause.duration.0).sum())
    }

    /// Number of stops at depots.
    pub(crate) fn depots(&self) -> i64 {
        let is_depot = |stop: &RouteStop| matches!(stop.kind, StopKind::Depot { .. });
        i64::try_from(self.route.stops.iter().filter(|stop| is_depot(stop)).count())
            .unwrap_or(i64::MAX)
    }

    /// Seconds from departure to return without unpaid breaks.
    pub(crate) fn paid(&self) -> Seconds {
        self.route.arrival - self.route.departure - self.paused(|pause| !pause.paid)
    }

    /// Seconds that are neither drive, nor on site, nor break, nor at a depot.
    pub(crate) fn waited(&self) -> Seconds {
        let depots = Seconds(self.depots() * self.shift.depot_duration.0);
        let busy = self.driven() + self.onsite() + self.paused(|_| true) + depots;
        self.route.arrival - self.route.departure - busy
    }
}
