//! The road network between import and routing: junctions, pieces of road between them, forbidden paths.

use crate::geo::Fixed;

/// A place where pieces meet, or where a road ends or is blocked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Junction {
    /// Seconds lost when passing.
    pub(crate) penalty_s: f32,
    /// Nobody passes; one may only turn back.
    pub(crate) blocked: bool,
    /// A turn restriction hinges on it.
    pub(crate) pivot: bool,
}

/// What matters about a road besides its speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Open to people with business there only.
    pub(crate) restricted: bool,
    pub(crate) roundabout: bool,
    pub(crate) ferry: bool,
}

/// A stretch of road between two junctions without a choice on the way.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// Junctions at its start and end.
    pub(crate) ends: [u32; 2],
    /// Seconds from start to end and back; infinite where nobody drives.
    pub(crate) seconds: [f32; 2],
    pub(crate) metres: f64,
    /// Its line from start to end, at least two points.
    pub(crate) points: Vec<Fixed>,
    pub(crate) kind: Kind,
}

impl Piece {
    /// Whether it may be driven from start to end (`reverse == false`) or back.
    pub(crate) fn is_open(&self, reverse: bool) -> bool {
        self.seconds[usize::from(reverse)].is_finite()
    }
}

/// One direction of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Directed {
    pub(crate) piece: u32,
    pub(crate) reverse: bool,
}

/// Whether a restriction forbids its path or forbids every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BanKind {
    /// `no_*`: the last step may not follow the ones before.
    No,
    /// `only_*`: only the last step may follow the ones before.
    Only,
}

/// A turn restriction: a path of at least two directed pieces whose last step it rules on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ban {
    pub(crate) kind: BanKind,
    pub(crate) path: Vec<Directed>,
}

/// Everything routing needs from a map.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) junctions: Vec<Junction>,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) bans: Vec<Ban>,
    /// Traffic keeps to the left.
    pub(crate) left_hand: bool,
}

impl Network {
    /// Junction where a directed piece starts.
    pub(crate) fn tail(&self, step: Directed) -> u32 {
        self.pieces[step.piece as usize].ends[usize::from(step.reverse)]
    }

    /// Junction where a directed piece ends.
    pub(crate) fn head(&self, step: Directed) -> u32 {
        self.pieces[step.piece as usize].ends[usize::from(!step.reverse)]
    }
}
