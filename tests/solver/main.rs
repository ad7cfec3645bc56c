//! Behaviour and laws of the solver. One binary; one file per subject.

#![expect(
    unreachable_pub,
    reason = "modules of a test binary are private; `pub` marks what is shared"
)]

mod chance;
mod constraints;
mod crews;
mod explain;
mod placing;
mod plans;
mod slot_cases;
mod starts;
