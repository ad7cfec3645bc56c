//! Who may drive where: access tags, one-way tags, barriers and what they cost.
//!
//! Lists and seconds: OSRM car profile (BSD 2-Clause).

use crate::profile::tags::Tags;

/// Extra seconds for entering a road that is open to its residents, customers or deliveries only.
pub(crate) const RESTRICTED_S: f32 = 30.0;
/// Seconds to open and pass a gate.
const GATE_S: f32 = 60.0;
/// Seconds lost at traffic lights, averaged over red and green.
const SIGNAL_S: f32 = 2.0;
/// Seconds lost at a stop sign.
const STOP_S: f32 = 2.0;
/// Seconds lost at a give-way sign.
const GIVE_WAY_S: f32 = 1.0;

/// Keys that say who may drive, the most specific first.
const ACCESS_KEYS: [&str; 4] = ["motorcar", "motor_vehicle", "vehicle", "access"];
/// Keys that say in which direction, the most specific first.
const ONEWAY_KEYS: [&str; 4] =
    ["oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"];

/// May a car use this way?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Open,
    /// Only people with business there: usable, but not as a short cut.
    Restricted,
    /// Nobody in a car.
    Closed,
}

/// Reads the access of a way with `highway` value `highway`.
pub(crate) fn access(tags: &Tags<'_>, highway: &str) -> Access {
    if tags.is("area", "yes")
        || tags.is("impassable", "yes")
        || tags.is("service", "emergency_access")
        || tags.is("oneway", "reversible")
    {
        return Access::Closed;
    }
    let Some(value) = tags.first(&ACCESS_KEYS) else { return Access::Open };
    match value {
        "no" | "agricultural" | "forestry" | "emergency" | "psv" | "taxi" | "bus" | "foot"
        | "military" | "official" | "restricted" => Access::Closed,
        "private" if highway == "service" => Access::Closed,
        "private" | "customers" | "destination" | "delivery" | "permit" | "residents"
        | "unknown" => Access::Restricted,
        _ => Access::Open,
    }
}

/// In which directions a way may be driven: along its nodes, against them.
pub(crate) fn directions(tags: &Tags<'_>, highway: &str) -> [bool; 2] {
    match tags.first(&ONEWAY_KEYS) {
        Some("yes" | "1" | "true") => [true, false],
        Some("-1" | "reverse") => [false, true],
        Some("no" | "0" | "false") => [true, true],
        _ => [true, !is_roundabout(tags) && highway != "motorway"],
    }
}

/// Whether the way is part of a roundabout.
pub(crate) fn is_roundabout(tags: &Tags<'_>) -> bool {
    matches!(tags.get("junction"), Some("roundabout" | "circular"))
}

/// What a node on a road does to traffic.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Obstacle {
    /// Seconds lost when passing.
    pub(crate) penalty_s: f32,
    /// Nobody passes.
    pub(crate) blocked: bool,
}

/// Reads the tags of a node.
pub(crate) fn obstacle<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Obstacle {
    let mut signs_s = 0.0;
    let mut gate_s = 0.0;
    let mut blocked = false;
    let mut allowed = None;
    for (key, value) in tags {
        match (key, value) {
            ("highway", "traffic_signals") => signs_s += SIGNAL_S,
            ("highway", "stop") => signs_s += STOP_S,
            ("highway", "give_way") => signs_s += GIVE_WAY_S,
            ("barrier", "gate" | "lift_gate") => gate_s = GATE_S,
            (
                "barrier",
                "cattle_grid" | "border_control" | "toll_booth" | "sally_port" | "no" | "entrance"
                | "height_restrictor" | "arch" | "kerb",
            ) => {}
            ("barrier", _) => blocked = true,
            ("access" | "motor_vehicle" | "vehicle" | "motorcar", _) => {
                // The most specific key decides; ACCESS_KEYS is ordered.
                let rank = ACCESS_KEYS.iter().position(|known| *known == key);
                if allowed.is_none_or(|(best, _)| rank < best) {
                    allowed = Some((rank, value != "no"));
                }
            }
            _ => {}
        }
    }
    match allowed {
        Some((_, true)) => Obstacle { penalty_s: signs_s, blocked: false },
        Some((_, false)) => Obstacle { penalty_s: signs_s, blocked: true },
        None => Obstacle { penalty_s: signs_s + gate_s, blocked },
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, access, directions, obstacle};
    use crate::profile::tags::Tags;

    #[test]
    fn the_most_specific_access_tag_wins() {
        let tags = Tags::new([("access", "no"), ("motorcar", "yes")].into_iter());
        assert_eq!(access(&tags, "residential"), Access::Open);
        let tags = Tags::new([("access", "private")].into_iter());
        assert_eq!(access(&tags, "residential"), Access::Restricted);
        assert_eq!(access(&tags, "service"), Access::Closed);
    }

    #[test]
    fn roundabouts_and_motorways_are_one_way_unless_tagged_otherwise() {
        let roundabout = Tags::new([("junction", "roundabout")].into_iter());
        assert_eq!(directions(&roundabout, "tertiary"), [true, false]);
        let both = Tags::new([("oneway", "no")].into_iter());
        assert_eq!(directions(&both, "motorway"), [true, true]);
        let against = Tags::new([("oneway", "-1")].into_iter());
        assert_eq!(directions(&against, "primary"), [false, true]);
    }

    #[test]
    fn a_bollard_blocks_unless_cars_are_allowed() {
        assert!(obstacle([("barrier", "bollard")].into_iter()).blocked);
        assert!(!obstacle([("barrier", "bollard"), ("motorcar", "yes")].into_iter()).blocked);
        let gate = obstacle([("barrier", "gate")].into_iter());
        assert!(!gate.blocked && gate.penalty_s > 0.0);
        assert!(obstacle([("barrier", "gate"), ("access", "no")].into_iter()).blocked);
    }
}
