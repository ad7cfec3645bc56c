//! Speed of `roundsman-roads`, one thread; prints medians beside their targets.
fn main() {}
