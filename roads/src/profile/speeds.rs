//! How fast a car drives: by road class, signed limit, surface, smoothness and track type.
//!
//! Tables: OSRM car profile (BSD 2-Clause). Speeds are kilometres per hour.

use super::RoadClass;
use crate::profile::tags::Tags;

/// Share of a signed limit that is reached on average.
const LIMIT_SHARE: f32 = 0.8;
/// Speed of a ferry without a `duration`; low, because it stands for waiting and boarding too.
pub(crate) const FERRY_KMH: f32 = 5.0;
/// No cap.
const FREE: f32 = f32::INFINITY;

/// Class and speed without a signed limit for a value of `highway`; `None` if cars do not use it.
pub(crate) fn by_highway(highway: &str) -> Option<(RoadClass, f32)> {
    Some(match highway {
        "motorway" => (RoadClass::Motorway, 90.0),
        "motorway_link" => (RoadClass::Motorway, 45.0),
        "trunk" => (RoadClass::Trunk, 85.0),
        "trunk_link" => (RoadClass::Trunk, 40.0),
        "primary" => (RoadClass::Primary, 65.0),
        "primary_link" => (RoadClass::Primary, 30.0),
        "secondary" => (RoadClass::Secondary, 55.0),
        "secondary_link" => (RoadClass::Secondary, 25.0),
        "tertiary" => (RoadClass::Tertiary, 40.0),
        "tertiary_link" => (RoadClass::Tertiary, 20.0),
        "unclassified" => (RoadClass::Unclassified, 25.0),
        "residential" => (RoadClass::Residential, 25.0),
        "road" => (RoadClass::Residential, 20.0),
        "living_street" => (RoadClass::LivingStreet, 10.0),
        "service" => (RoadClass::Service, 15.0),
        _ => return None,
    })
}

/// Speed along and against the nodes of a way, from the class speed and the tags.
pub(crate) fn both_ways(tags: &Tags<'_>, class_kmh: f32) -> [f32; 2] {
    let cap = cap(tags);
    let general = tags.first(&["maxspeed:advisory", "maxspeed"]).and_then(limit);
    ["maxspeed:forward", "maxspeed:backward"].map(|key| {
        let signed = tags.get(key).and_then(limit).or(general);
        signed.map_or(class_kmh, |limit| limit * LIMIT_SHARE).min(cap)
    })
}

/// A signed limit in km/h; `None` for what is not understood.
fn limit(value: &str) -> Option<f32> {
    let value = value.trim();
    if value == "none" {
        return Some(140.0);
    }
    if let Some(miles) = value.strip_suffix("mph") {
        return miles.trim().parse().ok().map(|miles: f32| miles * 1.609);
    }
    let number = value.strip_suffix("km/h").unwrap_or(value).trim();
    if let Ok(kmh) = number.parse::<f32>() {
        return (kmh > 0.0 && kmh.is_finite()).then_some(kmh);
    }
    // "IS:urban" and the like: the kind of road after the country.
    match value.rsplit(':').next() {
        Some("urban") => Some(50.0),
        Some("rural") => Some(90.0),
        Some("trunk") => Some(110.0),
        Some("motorway") => Some(130.0),
        _ => None,
    }
}

/// What the ground allows at most.
fn cap(tags: &Tags<'_>) -> f32 {
    let surface = tags.get("surface").map_or(FREE, surface);
    let smoothness = tags.get("smoothness").map_or(FREE, smoothness);
    let tracktype = tags.get("tracktype").map_or(FREE, tracktype);
    surface.min(smoothness).min(tracktype)
}

fn surface(value: &str) -> f32 {
    match value {
        "cement" | "compacted" | "fine_gravel" => 80.0,
        "paving_stones" | "metal" | "bricks" => 60.0,
        "grass" | "wood" | "sett" | "grass_paver" | "gravel" | "unpaved" | "ground" | "dirt"
        | "pebblestone" | "tartan" => 40.0,
        "cobblestone" | "clay" => 30.0,
        "earth" | "stone" | "rocky" | "sand" => 20.0,
        "mud" => 10.0,
        _ => FREE,
    }
}

fn smoothness(value: &str) -> f32 {
    match value {
        "intermediate" => 80.0,
        "bad" => 40.0,
        "very_bad" => 20.0,
        "horrible" => 10.0,
        _ => FREE,
    }
}

fn tracktype(value: &str) -> f32 {
    match value {
        "grade1" => 60.0,
        "grade2" => 40.0,
        "grade3" => 30.0,
        "grade4" => 25.0,
        "grade5" => 20.0,
        _ => FREE,
    }
}

/// Seconds of a ferry's `duration`: "HH:MM", "HH:MM:SS", "PT1H30M" or plain minutes.
pub(crate) fn duration_s(value: &str) -> Option<f32> {
    let value = value.trim();
    if let Some(period) = value.strip_prefix("PT") {
        return iso_period_s(period);
    }
    let mut parts = Vec::new();
    for part in value.split(':') {
        parts.push(part.trim().parse::<f32>().ok().filter(|number| *number >= 0.0)?);
    }
    let seconds = match parts[..] {
        [minutes] => minutes * 60.0,
        [hours, minutes] => hours * 3600.0 + minutes * 60.0,
        [hours, minutes, seconds] => hours * 3600.0 + minutes * 60.0 + seconds,
        _ => return None,
    };
    (seconds > 0.0 && seconds.is_finite()).then_some(seconds)
}

/// Seconds of what follows `PT` in an ISO 8601 period.
fn iso_period_s(period: &str) -> Option<f32> {
    let mut seconds = 0.0;
    let mut rest = period;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let number: f32 = rest[..unit_at].parse().ok()?;
        seconds += number
            * match &rest[unit_at..=unit_at] {
                "H" => 3600.0,
                "M" => 60.0,
                "S" => 1.0,
                _ => return None,
            };
        rest = &rest[unit_at + 1..];
    }
    (seconds > 0.0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::{both_ways, duration_s, limit};
    use crate::profile::tags::Tags;

    fn close(found: Option<f32>, expected: f32) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 0.01)
    }

    #[test]
    fn limits_are_read_in_every_common_spelling() {
        assert!(close(limit("50"), 50.0));
        assert!(close(limit("30 mph"), 48.27));
        assert!(close(limit("IS:rural"), 90.0));
        assert_eq!(limit("signals"), None);
        assert_eq!(limit("0"), None);
    }

    #[test]
    fn the_surface_caps_the_limit_and_directions_may_differ() {
        let tags = Tags::new(
            [("maxspeed", "90"), ("maxspeed:backward", "30"), ("surface", "gravel")].into_iter(),
        );
        // 90 * 0.8 = 72 is capped at 40; 30 * 0.8 = 24 is not.
        let [forward, backward] = both_ways(&tags, 25.0);
        assert!((forward - 40.0).abs() < 0.01 && (backward - 24.0).abs() < 0.01);
    }

    #[test]
    fn ferry_durations_are_read_in_every_common_spelling() {
        assert!(close(duration_s("00:35"), 2100.0));
        assert!(close(duration_s("2:45"), 9900.0));
        assert!(close(duration_s("PT1H30M"), 5400.0));
        assert!(close(duration_s("40"), 2400.0));
        assert_eq!(duration_s("soon"), None);
        assert_eq!(duration_s(""), None);
    }
}
