//! The input of the solver: what people can do, where they are, what is asked; checked in constructors, then trusted.

mod checks;
mod errors;
mod legs;
mod pools;
mod requests;
mod shifts;
mod snapshots;
mod technicians;

pub use errors::{ProblemError, ProblemErrors};
pub use legs::{Leg, TravelRows};
pub use pools::{Pool, PoolUse};
pub use requests::{
    Bounds, Day, Grid, Limits, PoolNeed, Request, Role, SkillNeed, Weights, Wishes,
};
pub use shifts::{Pause, Shift, Stop, StopKind, Usage};
pub use snapshots::{ShiftEntry, Snapshot};
pub use technicians::{Caps, Coverage, HeldSkill, HeldZone, Technician, ZoneLevel};
