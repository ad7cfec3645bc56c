//! Turn restrictions as the map states them: relations of ways with a node or ways between them.

use crate::import::pbf::block::{Member, MemberKind};
use crate::network::BanKind;
use crate::profile::tags::Tags;

/// Where a restriction hinges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Via {
    /// At this node.
    Node(i64),
    /// Along these ways.
    Ways(Vec<i64>),
}

/// One restriction with the identities of the map.
#[derive(Debug, Clone)]
pub(crate) struct Restriction {
    pub(crate) kind: BanKind,
    pub(crate) from: Vec<i64>,
    pub(crate) via: Via,
    pub(crate) to: Vec<i64>,
}

/// Keys that restrict cars, the most specific first. Restrictions at certain hours only (`:conditional`) are left
/// out: the prepared graph knows no clock.
const KEYS: [&str; 4] =
    ["restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"];

/// Reads a relation; `None` if it restricts no car or is incomplete.
pub(crate) fn read(members: &[Member<'_>], tags: &Tags<'_>) -> Option<Restriction> {
    if !tags.is("type", "restriction") {
        return None;
    }
    let value = tags.first(&KEYS)?;
    let is_exempt = |vehicle: &str| matches!(vehicle.trim(), "motorcar" | "motor_vehicle");
    if tags.get("except").is_some_and(|list| list.split(';').any(is_exempt)) {
        return None;
    }
    let kind = if value.starts_with("no_") {
        BanKind::No
    } else if value.starts_with("only_") {
        BanKind::Only
    } else {
        return None;
    };
    let (mut from, mut to, mut via_ways, mut via_node) = (vec![], vec![], vec![], None);
    for member in members {
        match (member.role, member.kind) {
            ("from", MemberKind::Way) => from.push(member.id),
            ("to", MemberKind::Way) => to.push(member.id),
            ("via", MemberKind::Way) => via_ways.push(member.id),
            ("via", MemberKind::Node) => via_node = Some(member.id),
            _ => {}
        }
    }
    let via = match via_node {
        Some(node) => Via::Node(node),
        None if !via_ways.is_empty() => Via::Ways(via_ways),
        None => return None,
    };
    (!from.is_empty() && !to.is_empty()).then_some(Restriction { kind, from, via, to })
}
