//! Behaviour and laws of the solver. One binary; one file per subject.

#![expect(
    unreachable_pub,
    reason = "modules of a test binary are private; `pub` marks what is shared"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "random cases are small"
)]

mod assign;
mod chance;
mod constraints;
mod crews;
mod day_crews;
mod depots;
mod explain;
mod formats;
mod formats_native;
mod formats_vroom;
mod formats_vroom_random;
mod grids;
mod hybrid;
mod inputs;
mod model_faults;
mod native_random;
mod offers;
mod pairs;
mod placing;
mod plain;
mod plan_checks;
mod plan_reasons;
mod plans;
mod pools;
mod prizes;
mod project;
mod resting;
mod rich_laws;
mod rich_models;
mod slot_cases;
mod starts;
mod tiny_days;
mod tiny_models;
mod tiny_plans;
mod warm_starts;
