//! Feasibility, slots, assignment and explanation of field-service plans. Pure: no clock, no files, no network, no global random source.
//!
//! One model, one verdict: slots, holds, bookings, drags on a board and explanations ask the same
//! schedule code, so what is offered can be booked and what is refused has a reason with numbers.
//!
//! | question | ask |
//! |---|---|
//! | What fits into this shift? (computed once, kept until it changes) | [`schedule::PreparedShift`] |
//! | Where could this visit go, with whom, at what cost? | [`slots::search`] |
//! | Which few slots to show; which are nearest to a wish? | [`offers`] |
//! | Who should get it, and why? | [`assign::decide`], [`assign::weights`] |
//! | What does booking it do to the routes? | [`placing::place`], [`placing::apply`] |
//! | Take a visit out; put one somewhere by hand | [`schedule::remove`], [`schedule::insert`] |
//! | When is each stop and each break? | [`schedule::timetable`] |
//! | Which rules does this route break, by how much? | [`constraints::evaluate`] |
//! | A visit takes longer: what happens to the rest of the day? | [`project::project`] |
//! | Why not? What would help? | [`explain::explain`] |
//! | Is this plan sound? (independent, for tests) | [`check`] |
//!
//! Times are whole seconds on one axis ([`units::Moment`]); civil time, zones and daylight saving
//! are the caller's. Travel comes as rows of [`problem::Leg`]. Everything is deterministic:
//! [`problem::Technician::key`] settles ties.
//!
//! # Example
//!
//! One technician works from 8:00 to 17:00, has a visit promised for 10:00 to 11:00 and lunch
//! between 11:30 and 13:30. Where does an hour of work fit, twenty minutes away from everything?
//!
//! ```
//! use std::sync::Arc;
//! use roundsman_solver::explain::{Change, Question, Reason, explain};
//! use roundsman_solver::placing::apply;
//! use roundsman_solver::problem::*;
//! use roundsman_solver::schedule::PreparedShift;
//! use roundsman_solver::slots::{SearchOptions, Workspace, search};
//! use roundsman_solver::units::*;
//!
//! let at = |hour: i64, minute: i64| Moment(hour * 3600 + minute * 60);
//! let (home, site) = (PlaceIdx(0), PlaceIdx(1));
//! let drive = Leg::new(20 * 60, 15_000);
//!
//! let mut shift = Shift::new(at(8, 0), at(17, 0));
//! shift.start_place = Some(home);
//! shift.end_place = Some(home);
//! shift.stops = vec![Stop {
//!     place: Some(site),
//!     leg_in: drive,
//!     latest: at(11, 0), // the promise: it starts from 10:00 to 11:00
//!     ..Stop::exact(at(10, 0), Seconds::hours(1))
//! }];
//! shift.leg_out = drive;
//! shift.pauses = vec![Pause::floating(at(11, 30), at(13, 0), Seconds::minutes(30))];
//!
//! let entry = ShiftEntry {
//!     technician: TechnicianIdx(0),
//!     shift: Arc::new(PreparedShift::new(shift)?),
//!     elsewhere: Usage::default(),
//! };
//! let snapshot = Snapshot::new(vec![Technician::new(1)], vec![entry], vec![])?;
//!
//! let day = Span::new(at(0, 0), at(24, 0));
//! let hours = Grid::Listed((0..24).map(|hour| at(hour, 0)).collect());
//! let mut request = Request::simple(Seconds::hours(1), day, hours);
//! request.travel = Some(TravelRows { to_place: vec![drive; 2], from_place: vec![drive; 2] });
//!
//! let mut workspace = Workspace::default();
//! let slots = search(&snapshot, &request, SearchOptions::default(), &mut workspace)?;
//! // At 9:00 the other visit moves to 10:20, as promised; from 13:00 on the afternoon is free.
//! let starts: Vec<Moment> = slots.iter().map(|slot| slot.start).collect();
//! assert_eq!(starts, [at(9, 0), at(12, 0), at(13, 0), at(14, 0), at(15, 0)]);
//!
//! let placement = apply(&snapshot, &request, slots[0].start, &slots[0].crews[0]).unwrap();
//! assert_eq!(placement.changes[0].1.moved[0].to, at(10, 20));
//!
//! // At 16:00 the way home would end at 17:20.
//! let answer = explain(&snapshot, &request, Question::Start(at(16, 0)))?;
//! let needed = Seconds::minutes(20);
//! assert_eq!(answer.verdicts[0].reason, Some(Reason::Overtime { limit: Seconds::ZERO, needed }));
//! assert_eq!(answer.verdicts[0].change, Some(Change::Seconds { more: needed }));
//! # Ok::<(), ProblemErrors>(())
//! ```

pub mod assign;
pub mod check;
pub mod constraints;
pub mod explain;
pub mod formats;
pub mod offers;
pub mod optimize;
pub mod placing;
pub mod problem;
pub mod project;
pub mod schedule;
pub mod slots;
pub mod units;
