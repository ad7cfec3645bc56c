//! Between the nouns of dispatchers and the dense numbers of the solver: translate, run, interpret,
//! and say why in sentences. Pure: no clock, no store, no network.

pub mod answers;
pub mod catalogue;
pub mod combine;
pub mod days;
pub mod deciding;
pub mod explaining;
pub mod legs;
pub mod openings;
pub mod optimizing;
pub mod places;
pub mod placing;
pub mod plan;
mod positions;
pub mod reading;
pub mod requests;
pub mod roster;
pub mod sentences;
pub mod solving;
pub mod times;
