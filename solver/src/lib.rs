//! Feasibility, slots, assignment and optimization of field-service plans. Pure: no clock, no files, no network, no global random source.
