//! Between the nouns of dispatchers and the dense numbers of the solver: translate, run, interpret,
//! and say why in sentences. Pure: no clock, no store, no network.

pub mod catalogue;
pub mod combine;
pub mod days;
pub mod legs;
pub mod places;
pub mod roster;
pub mod times;
