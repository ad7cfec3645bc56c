//! What dispatchers talk about: nouns, rules, errors, ids. No I/O, no SQL, no HTTP.
//!
//! Catalogue nouns (services, technicians, zones, ...) have one shape for the wire and the domain:
//! their serde form is what clients send and what the store keeps, beside the columns it needs.
//! Visits, assignments, holds and bookings have rows and bodies of their own.

pub mod absences;
pub mod actors;
pub mod audit;
pub mod booking_pages;
pub mod bookings;
pub mod calendars;
pub mod codes;
pub mod customers;
pub mod drafts;
pub mod equipment;
pub mod error;
pub mod exchange;
pub mod faults;
pub mod hours;
pub mod id;
pub mod jobs;
pub mod locations;
pub mod members;
pub mod messages;
pub mod networks;
pub mod optimizations;
pub mod organizations;
pub mod packages;
pub mod places;
pub mod plans;
pub mod policies;
pub mod proposals;
pub mod questions;
pub mod records;
pub mod replanning;
pub mod scores;
pub mod services;
pub mod shifts;
pub mod sites;
pub mod skills;
pub mod slots;
pub mod teams;
pub mod technicians;
pub mod travel;
pub mod uploads;
pub mod visit_notes;
pub mod visits;
pub mod waitlist_entries;
pub mod zones;
