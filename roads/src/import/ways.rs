//! Drivable ways: which they are, how fast, in which direction.

use crate::network::Kind;
use crate::profile::access::{Access, access, directions, is_roundabout};
use crate::profile::tags::Tags;
use crate::profile::{Profile, RoadClass, speeds};

/// A road or ferry line a car may use.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) id: i64,
    /// Indices into [`Nodes`](super::nodes::Nodes), in the way's order.
    pub(crate) nodes: Vec<u32>,
    pub(crate) rules: WayRules,
}

/// What the tags of a way say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WayRules {
    /// Along and against the nodes; 0 where nobody drives.
    pub(crate) kmh: [f32; 2],
    /// Seconds for the whole way, whatever its length; ferries with a timetable have it.
    pub(crate) duration_s: Option<f32>,
    pub(crate) kind: Kind,
}

/// Reads the tags of a way; `None` if no car uses it.
pub(crate) fn rules(tags: &Tags<'_>, profile: &Profile) -> Option<WayRules> {
    if tags.is("route", "ferry") {
        return ferry(tags, profile);
    }
    let highway = tags.get("highway")?;
    let (class, class_kmh) = speeds::by_highway(highway)?;
    let access = access(tags, highway);
    if access == Access::Closed {
        return None;
    }
    let factor = profile.class_factor(class);
    let mut kmh = speeds::both_ways(tags, class_kmh).map(|kmh| kmh * factor);
    close_one_ways(&mut kmh, directions(tags, highway));
    let restricted = access == Access::Restricted;
    let kind = Kind { restricted, roundabout: is_roundabout(tags), ferry: false };
    Some(WayRules { kmh, duration_s: None, kind })
}

/// A ferry line takes its timetable's duration, or a low speed that stands for waiting too.
fn ferry(tags: &Tags<'_>, profile: &Profile) -> Option<WayRules> {
    if access(tags, "ferry") == Access::Closed {
        return None;
    }
    let factor = profile.class_factor(RoadClass::Ferry);
    let mut kmh = [speeds::FERRY_KMH * factor; 2];
    close_one_ways(&mut kmh, directions(tags, "ferry"));
    let duration_s = tags.get("duration").and_then(speeds::duration_s).map(|s| s / factor);
    let kind = Kind { restricted: false, roundabout: false, ferry: true };
    Some(WayRules { kmh, duration_s, kind })
}

fn close_one_ways(kmh: &mut [f32; 2], open: [bool; 2]) {
    for (kmh, open) in kmh.iter_mut().zip(open) {
        if !open {
            *kmh = 0.0;
        }
    }
}
