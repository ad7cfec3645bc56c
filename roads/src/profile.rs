//! How a car drives: speeds by road class, surface and limit, access rules, the price of turns.
//!
//! The numbers are those of the car profile of OSRM (`profiles/car.lua`, Project OSRM contributors, BSD 2-Clause
//! licence), so that answers can be compared with it road by road; the code is our own.

pub(crate) mod access;
pub(crate) mod speeds;
pub(crate) mod tags;
pub(crate) mod turns;

use xxhash_rust::xxh3::Xxh3;

use crate::error::RoadsError;
use crate::factors::check_factor;

/// Changes whenever the rules in this module change, so that graphs made with the old rules are not used.
const RULES_VERSION: u32 = 1;

/// Kinds of roads that can be made faster or slower together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of OpenStreetMap's key `highway`")]
pub enum RoadClass {
    Motorway,
    Trunk,
    Primary,
    Secondary,
    Tertiary,
    Unclassified,
    Residential,
    LivingStreet,
    Service,
    Ferry,
}

impl RoadClass {
    /// Every class, in order of importance.
    pub const ALL: [Self; 10] = [
        Self::Motorway,
        Self::Trunk,
        Self::Primary,
        Self::Secondary,
        Self::Tertiary,
        Self::Unclassified,
        Self::Residential,
        Self::LivingStreet,
        Self::Service,
        Self::Ferry,
    ];

    /// The name in settings: that of OpenStreetMap's key `highway`, or `ferry`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::Trunk => "trunk",
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Tertiary => "tertiary",
            Self::Unclassified => "unclassified",
            Self::Residential => "residential",
            Self::LivingStreet => "living_street",
            Self::Service => "service",
            Self::Ferry => "ferry",
        }
    }

    /// The class with this name in settings.
    ///
    /// ```
    /// use roundsman_roads::RoadClass;
    /// assert_eq!(RoadClass::by_name("living_street"), Some(RoadClass::LivingStreet));
    /// assert_eq!(RoadClass::by_name("footway"), None);
    /// ```
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// Settings under which a map is prepared.
///
/// ```
/// use roundsman_roads::{Profile, RoadClass};
/// let careful = Profile::car().with_class_factor(RoadClass::Residential, 0.8)?;
/// assert_ne!(careful.key(), Profile::car().key());
/// # Ok::<(), roundsman_roads::RoadsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    class_factors: [f32; RoadClass::ALL.len()],
    left_hand: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self::car()
    }
}

impl Profile {
    /// A passenger car or small van in free flow, traffic on the right.
    pub fn car() -> Self {
        Self { class_factors: [1.0; RoadClass::ALL.len()], left_hand: false }
    }

    /// The same profile for countries with traffic on the left: right turns cross the oncoming traffic.
    #[must_use]
    pub fn with_left_hand_traffic(mut self) -> Self {
        self.left_hand = true;
        self
    }

    /// Whether traffic keeps to the left.
    pub fn is_left_hand(&self) -> bool {
        self.left_hand
    }

    /// The same profile with the speeds of one road class multiplied by `factor` (0.1 to 3).
    ///
    /// # Errors
    /// [`RoadsError::Factor`] outside that range.
    pub fn with_class_factor(mut self, class: RoadClass, factor: f32) -> Result<Self, RoadsError> {
        check_factor(factor, || format!("{class:?} roads"))?;
        self.class_factors[class as usize] = factor;
        Ok(self)
    }

    /// Speed factor of a road class.
    pub fn class_factor(&self, class: RoadClass) -> f32 {
        self.class_factors[class as usize]
    }

    /// A number that differs between profiles; part of the key of a saved graph.
    pub fn key(&self) -> u64 {
        let mut hash = Xxh3::new();
        hash.update(&RULES_VERSION.to_le_bytes());
        hash.update(&[u8::from(self.left_hand)]);
        for factor in self.class_factors {
            hash.update(&factor.to_le_bytes());
        }
        hash.digest()
    }
}
