//! A model together with the words of the document it came from.

use chrono::DateTime;

use crate::formats::decimals;
use crate::optimize::Model;
use crate::optimize::model::Matrix;
use crate::problem::Leg;
use crate::units::Moment;

/// A place on the Earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    /// Latitude, -90 to 90.
    pub lat: f64,
    /// Longitude, -180 to 180.
    pub lon: f64,
}

/// Where the travel of a case comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Travel {
    /// The document said it: the model is whole.
    Given,
    /// The document only said where things are: one entry per place. The caller reckons the drives
    /// and hands them to [`Case::drive`]; until then the model has no matrix.
    Asked(Vec<Coordinates>),
}

/// What the document calls things, each list by index of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Technicians.
    pub technicians: Vec<String>,
    /// Shifts.
    pub shifts: Vec<String>,
    /// Visits.
    pub visits: Vec<String>,
    /// Places.
    pub places: Vec<String>,
    /// Skills.
    pub skills: Vec<String>,
    /// Equipment that technicians carry.
    pub tools: Vec<String>,
    /// Pools of shared equipment.
    pub pools: Vec<String>,
    /// Zones.
    pub zones: Vec<String>,
}

/// A model with the words to speak about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The question.
    pub model: Model,
    /// What things are called.
    pub names: Names,
    /// Whether the drives are known.
    pub travel: Travel,
    /// Where each place is, if the document said so; empty if it did not.
    pub coordinates: Vec<Option<Coordinates>>,
    /// Grains of cost in one unit of the document's own cost.
    pub cost_scale: i64,
    /// Ticks of the model's clock in one unit of the document's own time.
    pub time_scale: i64,
    /// Whether moments are seconds since 1970 and written as dates.
    pub dates: bool,
}

impl Case {
    /// A case with the travel of its model, no names, and the model's own units.
    pub fn new(model: Model) -> Self {
        Self {
            model,
            names: Names::default(),
            travel: Travel::Given,
            coordinates: Vec::new(),
            cost_scale: 1,
            time_scale: 1,
            dates: false,
        }
    }

    /// Takes the drives between all places, by row, for every profile the shifts use.
    ///
    /// Returns whether there were as many as there are pairs of places.
    #[must_use]
    pub fn drive(&mut self, legs: Vec<Leg>) -> bool {
        let Travel::Asked(places) = &self.travel else { return false };
        let Some(matrix) = Matrix::new(places.len(), legs) else { return false };
        let profiles = self.model.shifts.iter().map(|shift| shift.profile + 1).max().unwrap_or(1);
        self.model.matrices = vec![matrix; profiles];
        self.travel = Travel::Given;
        true
    }

    /// A cost as the document would write it.
    pub fn cost_text(&self, grains: i64) -> String {
        decimals::text(grains, self.cost_scale)
    }

    /// A moment as the document would write it.
    pub fn moment_text(&self, moment: Moment) -> String {
        let date = DateTime::from_timestamp(moment.0, 0).filter(|_| self.dates);
        date.map_or_else(
            || self.time_text(moment.0),
            |date| date.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )
    }

    /// A moment or length as the document would write it.
    pub fn time_text(&self, ticks: i64) -> String {
        decimals::text(ticks, self.time_scale)
    }
}
