//! The instance: one depot, technicians with homes and stocks, requests.

use crate::formats::cases::{Case, Names};
use crate::formats::decimals;
use crate::formats::faults::Faults;
use crate::formats::planar;
use crate::formats::trsp::{TICKS, TICKS_DECIMAL};
use crate::optimize::Model;
use crate::optimize::model::{Matrix, Shift, ShiftRates, Visit, Weights, Window};
use crate::problem::{HeldSkill, Leg, SkillNeed, Technician};
use crate::units::{EquipmentIdx, Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx};

/// Reads an instance: the counts (crew, skills, tools, parts) on the line after `CREW COUNT`, then a
/// line each for the depot 0, the technicians and the requests.
///
/// A technician's skills must cover a request's; a tool is carried, or fetched at the depot; parts
/// are used up; one stop at the depot gives every tool and all the parts wanted. Cost is the time
/// from the latest departure to the return, over all tours.
///
/// # Errors
/// Every line that cannot be understood, and what is missing.
///
/// Source: Pillac, Guéret, Medaglia (2013), "A parallel matheuristic for the technician routing and
/// scheduling problem".
pub fn read(text: &str) -> Result<Case, Faults> {
    let mut faults = Faults::default();
    let mut counts = None;
    let mut nodes: Vec<Node> = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let at = format!("line {number}");
        if line.starts_with("CREW COUNT") {
            let fields = lines.next().map(|(_, line)| line.split_whitespace());
            let fields: Option<Vec<usize>> =
                fields.and_then(|fields| fields.map(|field| field.parse().ok()).collect());
            counts = fields.filter(|fields| fields.len() == 4);
        } else if line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && counts.is_some() {
            match node(line) {
                Ok(node) if node.id == nodes.len() => nodes.push(node),
                Ok(node) => faults.add(at, format!("id {}; expected {}", node.id, nodes.len())),
                Err(message) => faults.add(at, message),
            }
        }
    }
    let Some(counts) = counts else {
        faults.add("document", "no line of four counts after CREW COUNT");
        return Err(faults);
    };
    let (crew, parts) = (counts[0], counts[3]);
    if nodes.len() <= crew + 1 && faults.0.is_empty() {
        faults.add("document", format!("{} lines for {crew} technicians", nodes.len()));
    }
    for node in &nodes {
        if node.id > 0 && node.parts.len() != parts {
            let count = node.parts.len();
            faults.add(format!("id {}", node.id), format!("{count} parts; expected {parts}"));
        }
    }
    faults.or(())?;
    let points: Vec<(f64, f64)> = nodes.iter().map(|node| node.point).collect();
    match legs(&points).and_then(|legs| Matrix::new(points.len(), legs)) {
        Some(matrix) => Ok(case(&nodes, crew, parts, matrix)),
        None => Err(Faults::one("document", "coordinates too far apart")),
    }
}

/// A line of the instance, times in ticks.
struct Node {
    id: usize,
    point: (f64, f64),
    window: (i64, i64),
    service: i64,
    skills: Vec<u32>,
    tools: Vec<u32>,
    parts: Vec<i64>,
}

fn node(line: &str) -> Result<Node, String> {
    let (head, lists) = line.split_once('[').ok_or("no list of skills")?;
    let fields: Vec<&str> = head.split_whitespace().collect();
    let [id, rest @ ..] = fields.as_slice() else { return Err("no id".to_owned()) };
    let id = id.parse().map_err(|_| format!("id {id:?}"))?;
    let number = |field: &&str| {
        let value = field.parse().ok().filter(|value: &f64| value.is_finite());
        value.ok_or_else(|| format!("{field:?} is no number"))
    };
    let numbers = rest.iter().map(number).collect::<Result<Vec<f64>, String>>()?;
    let [x, y, open, close, service] = numbers[..] else {
        return Err(format!("{} numbers after the id; expected 5", numbers.len()));
    };
    let ticks = |value: f64| {
        let ticks = decimals::round(value * TICKS_DECIMAL).filter(|ticks| *ticks >= 0);
        ticks.ok_or_else(|| format!("{value} is no time"))
    };
    let window = (ticks(open)?, ticks(close)?);
    if window.1 < window.0 {
        return Err(format!("the window closes at {close}, before it opens at {open}"));
    }
    let mut lists = lists.split('[').map(|list| list.split(']').next().unwrap_or("").trim());
    let (skills, tools) = (list(lists.next())?, list(lists.next())?);
    let parts = list(lists.next())?.into_iter().map(i64::from).collect();
    Ok(Node { id, point: (x, y), window, service: ticks(service)?, skills, tools, parts })
}

fn list(text: Option<&str>) -> Result<Vec<u32>, String> {
    let text = text.ok_or("three lists expected: skills, tools, parts")?;
    let fields = text.split(',').map(str::trim).filter(|field| !field.is_empty());
    fields.map(|field| field.parse().map_err(|_| format!("{field:?} in a list"))).collect()
}

/// Euclidean, in ticks, rounded up.
fn legs(points: &[(f64, f64)]) -> Option<Vec<Leg>> {
    let leg = |from: (f64, f64), to: (f64, f64)| {
        let (dx, dy) = (from.0 - to.0, from.1 - to.1);
        let ticks = decimals::ceil((dx * dx + dy * dy).sqrt() * TICKS_DECIMAL)?;
        planar::leg(ticks, ticks)
    };
    points.iter().flat_map(|from| points.iter().map(move |to| leg(*from, *to))).collect()
}

fn case(nodes: &[Node], crew: usize, parts: usize, matrix: Matrix) -> Case {
    let (people, requests) = nodes.split_at(crew + 1);
    let people = &people[1..];
    let place = |node: &Node| PlaceIdx(u32::try_from(node.id).unwrap_or(u32::MAX));
    let technician = |node: &Node| Technician {
        skills: node.skills.iter().map(|skill| HeldSkill::lasting(SkillIdx(*skill), 1)).collect(),
        carried: node.tools.iter().map(|tool| EquipmentIdx(*tool)).collect(),
        ..Technician::new(u128::try_from(node.id).unwrap_or(u128::MAX))
    };
    let shift = |(at, node): (u32, &Node)| Shift {
        start_place: Some(place(node)),
        end_place: Some(place(node)),
        stock: node.parts.clone(),
        depots: vec![PlaceIdx(0)],
        depot_duration: Seconds(nodes[0].service),
        depot_stops_max: 1,
        rates: ShiftRates { paid_second: 1, ..ShiftRates::default() },
        ..Shift::new(TechnicianIdx(at), Moment(node.window.0), Moment(node.window.1))
    };
    let visit = |node: &Node| {
        let (from, to) = node.window;
        let need = |skill: &u32| SkillNeed { skill: SkillIdx(*skill), level_min: 1 };
        let mut visit = Visit::new(Some(place(node)), Seconds(node.service));
        visit.crew[0].needs.skills = node.skills.iter().map(need).collect();
        visit.windows = vec![Window::hard(Moment(from), Moment(to))];
        visit.tools = node.tools.iter().map(|tool| EquipmentIdx(*tool)).collect();
        visit.parts.clone_from(&node.parts);
        visit
    };
    let model = Model {
        matrices: vec![matrix],
        technicians: people.iter().map(technician).collect(),
        shifts: (0..).zip(people).map(shift).collect(),
        visits: requests.iter().map(visit).collect(),
        weights: Weights::none(),
        loads: (0..parts).map(|part| format!("part {part}")).collect(),
        ..Model::default()
    };
    let ids = |nodes: &[Node]| nodes.iter().map(|node| node.id.to_string()).collect::<Vec<_>>();
    let names = Names {
        technicians: ids(people),
        shifts: ids(people),
        visits: ids(requests),
        places: ids(nodes),
        ..Names::default()
    };
    Case { names, cost_scale: TICKS, time_scale: TICKS, ..Case::new(model) }
}
