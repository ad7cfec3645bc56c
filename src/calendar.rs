//! Civil time: when people work, when visits may start and which moments are on the grid. Pure.
//!
//! Everything is reckoned in the IANA zones that people named; the zone of the server does not
//! matter. Spans are half-open and in UTC.

pub mod bounds;
pub mod dates;
pub mod grid;
pub mod hours;
pub mod ics;
pub mod quiet;
pub mod shifts;
pub mod spans;
pub mod zones;
