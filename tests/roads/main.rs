//! Tests of `roundsman-roads` on a real region and on small maps made for one question each.

mod dijkstra;
mod exact;
mod golden;
mod many;
mod region;
