//! Turn restrictions as the map states them: relations of ways with a node or ways between them.

use osmpbf::{RelMemberType, Relation};

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
pub(crate) fn read(relation: &Relation<'_>) -> Option<Restriction> {
    let tags = Tags::new(relation.tags());
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
    for member in relation.members() {
        match (member.role().ok()?, member.member_type) {
            ("from", RelMemberType::Way) => from.push(member.member_id),
            ("to", RelMemberType::Way) => to.push(member.member_id),
            ("via", RelMemberType::Way) => via_ways.push(member.member_id),
            ("via", RelMemberType::Node) => via_node = Some(member.member_id),
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
