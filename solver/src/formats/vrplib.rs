//! The VRPLIB format of CVRPLIB and TSPLIB: vehicle routing with capacities and time windows.

mod sections;

use crate::formats::cases::Case;
use crate::formats::decimals;
use crate::formats::faults::Faults;
use crate::formats::planar::{self, Rounding};
use crate::formats::tables::{Customer, Fleet};
use crate::formats::{PLACES_MAX, VISITS_MAX};
use crate::problem::Leg;
use sections::{Row, Sections};

/// Reads an instance of type CVRP or VRPTW with one depot, the first node.
///
/// Understood: `DIMENSION`, `CAPACITY`, `VEHICLES`, `SERVICE_TIME`, `EDGE_WEIGHT_TYPE` (`EUC_2D`,
/// or `EXPLICIT` as `FULL_MATRIX`, `LOWER_ROW`, `LOWER_DIAG_ROW`, `UPPER_ROW` or `UPPER_DIAG_ROW`)
/// and the sections `NODE_COORD`, `EDGE_WEIGHT`, `DEMAND`, `TIME_WINDOW`, `SERVICE_TIME`, `DEPOT`.
/// Visits are called by their node less one, as solution files of this format do.
///
/// * `rounding`: `None` = [`Rounding::Dimacs`] with time windows, else [`Rounding::Nearest`].
///
/// # Errors
/// Every faulty line, and what is missing.
pub fn read(text: &str, rounding: Option<Rounding>) -> Result<Case, Faults> {
    let mut faults = Faults::default();
    let sections = Sections::read(text, &mut faults);
    let nodes = sections.dimension(&mut faults);
    if !(2..=PLACES_MAX).contains(&nodes) {
        faults.add("DIMENSION", format!("{nodes} nodes; allowed are 2 to {PLACES_MAX}"));
        return Err(faults);
    }
    let usual = if sections.has("TIME_WINDOW") { Rounding::Dimacs } else { Rounding::Nearest };
    let rounding = rounding.unwrap_or(usual);
    let mut reader = Reader { sections: &sections, nodes, rounding, faults };
    let customers = reader.customers();
    reader.depot();
    let legs = reader.legs();
    let capacity = reader.header("CAPACITY", 1);
    let vehicles = reader.header("VEHICLES", 1).map_or(nodes - 1, |count| {
        usize::try_from(count).unwrap_or(usize::MAX).clamp(1, VISITS_MAX)
    });
    let faults = reader.faults;
    faults.or(())?;
    Fleet { vehicles, capacity, customers, legs, rounding }.case()
}

struct Reader<'a> {
    sections: &'a Sections<'a>,
    nodes: usize,
    rounding: Rounding,
    faults: Faults,
}

impl Reader<'_> {
    /// A header's number in ticks of `scale`, if it is there.
    fn header(&mut self, name: &str, scale: i64) -> Option<i64> {
        let (at, text) = self.sections.header(name)?;
        self.number(&format!("line {at}"), name, text, scale)
    }

    fn number(&mut self, at: &str, name: &str, text: &str, scale: i64) -> Option<i64> {
        let scale = u32::try_from(scale).map_or(1.0, f64::from);
        let value = text.parse().ok().and_then(|value: f64| decimals::round(value * scale));
        let value = value.filter(|value| *value >= 0);
        if value.is_none() {
            self.faults.add(at, format!("{name} is {text:?}; expected a number from 0"));
        }
        value
    }

    /// The rows of a section by node, each with `width` numbers after the node.
    fn rows(&mut self, name: &str, width: usize) -> Vec<Option<Row<'_>>> {
        let mut rows = vec![None; self.nodes];
        let sections = self.sections;
        for row in sections.rows(name) {
            let node = row.fields.first().and_then(|node| node.parse::<usize>().ok());
            let at = format!("line {}", row.at);
            match node.filter(|node| (1..=self.nodes).contains(node)) {
                None => {
                    let (node, last) = (row.fields.first().unwrap_or(&""), self.nodes);
                    self.faults.add(at, format!("node {node:?}; expected 1 to {last}"));
                }
                Some(_) if row.fields.len() != width + 1 => {
                    let count = row.fields.len();
                    self.faults.add(at, format!("{count} numbers; expected {}", width + 1));
                }
                Some(node) if rows[node - 1].is_some() => {
                    self.faults.add(at, format!("node {node} is there twice in {name}_SECTION"));
                }
                Some(node) => rows[node - 1] = Some(row.clone()),
            }
        }
        if sections.has(name) {
            for node in (0..self.nodes).filter(|node| rows[*node].is_none()) {
                let section = format!("{name}_SECTION");
                self.faults.add(section, format!("node {} is missing", node + 1));
            }
        }
        rows
    }

    fn customers(&mut self) -> Vec<Customer> {
        let scale = self.rounding.scale();
        let common = self.header("SERVICE_TIME", scale).unwrap_or(0);
        let mut customers = vec![Customer::default(); self.nodes];
        for customer in customers.iter_mut().skip(1) {
            customer.service = common;
        }
        for (name, width) in [("DEMAND", 1), ("SERVICE_TIME", 1), ("TIME_WINDOW", 2)] {
            let rows: Vec<_> = self.rows(name, width).into_iter().map(own).collect();
            for (node, row) in rows.into_iter().enumerate() {
                let Some((at, fields)) = row else { continue };
                let ticks = if name == "DEMAND" { 1 } else { scale };
                let value = |reader: &mut Self, field: usize| {
                    reader.number(&at, name, &fields[field], ticks).unwrap_or(0)
                };
                match name {
                    "DEMAND" => customers[node].demand = value(self, 1),
                    "SERVICE_TIME" => customers[node].service = value(self, 1),
                    _ => {
                        let (from, to) = (value(self, 1), value(self, 2));
                        customers[node].window = Some((from, to));
                        if to < from {
                            self.faults.add(&at, "the window closes before it opens");
                        }
                    }
                }
            }
        }
        customers
    }

    fn depot(&mut self) {
        for row in self.sections.rows("DEPOT") {
            if row.fields.iter().any(|field| !matches!(*field, "1" | "-1")) {
                let message = "only node 1 can be the depot, and there is one depot";
                self.faults.add(format!("line {}", row.at), message);
            }
        }
    }

    fn legs(&mut self) -> Vec<Leg> {
        let kind = self.sections.header("EDGE_WEIGHT_TYPE").map_or("EUC_2D", |(_, kind)| kind);
        match kind {
            "EUC_2D" => self.planar(),
            "EXPLICIT" => self.explicit(),
            other => {
                let message = format!("{other:?} is not known; EUC_2D and EXPLICIT are");
                self.faults.add("EDGE_WEIGHT_TYPE", message);
                Vec::new()
            }
        }
    }

    fn planar(&mut self) -> Vec<Leg> {
        if !self.sections.has("NODE_COORD") {
            self.faults.add("document", "no NODE_COORD_SECTION");
            return Vec::new();
        }
        let rows: Vec<_> = self.rows("NODE_COORD", 2).into_iter().map(own).collect();
        let mut points = Vec::with_capacity(rows.len());
        for (at, fields) in rows.into_iter().flatten() {
            let mut decimal = |field: &str| {
                let value = field.parse().ok().filter(|value: &f64| value.is_finite());
                value.unwrap_or_else(|| {
                    self.faults.add(&at, format!("{field:?} is no coordinate"));
                    0.0
                })
            };
            points.push((decimal(&fields[1]), decimal(&fields[2])));
        }
        let legs = self.rounding.legs(&points);
        if legs.is_none() {
            self.faults.add("NODE_COORD_SECTION", "coordinates too far apart");
        }
        legs.unwrap_or_default()
    }

    fn explicit(&mut self) -> Vec<Leg> {
        let form =
            self.sections.header("EDGE_WEIGHT_FORMAT").map_or("FULL_MATRIX", |(_, form)| form);
        let nodes = self.nodes;
        let cells: Vec<(usize, usize)> = match form {
            "FULL_MATRIX" => pairs(nodes, |_| (0, nodes)),
            "LOWER_ROW" => pairs(nodes, |row| (0, row)),
            "LOWER_DIAG_ROW" => pairs(nodes, |row| (0, row + 1)),
            "UPPER_ROW" => pairs(nodes, |row| (row + 1, nodes)),
            "UPPER_DIAG_ROW" => pairs(nodes, |row| (row, nodes)),
            other => {
                self.faults.add("EDGE_WEIGHT_FORMAT", format!("{other:?} is not known"));
                return Vec::new();
            }
        };
        let sections = self.sections;
        let fields = sections.rows("EDGE_WEIGHT");
        let fields: Vec<_> = fields
            .iter()
            .flat_map(|row| row.fields.iter().map(move |field| (row.at, *field)))
            .collect();
        if fields.len() != cells.len() {
            let (count, expected) = (fields.len(), cells.len());
            let message = format!("{count} numbers; {form} of {nodes} nodes has {expected}");
            self.faults.add("EDGE_WEIGHT_SECTION", message);
            return Vec::new();
        }
        let mut legs = vec![Leg::ZERO; nodes * nodes];
        for ((line, field), (row, column)) in fields.into_iter().zip(cells) {
            let at = format!("line {line}");
            let Some(ticks) = self.number(&at, "edge weight", field, self.rounding.scale()) else {
                continue;
            };
            let Some(leg) = planar::leg(ticks, ticks) else {
                self.faults.add(at, format!("edge weight {field} is too large"));
                continue;
            };
            legs[row * nodes + column] = leg;
            if form != "FULL_MATRIX" {
                legs[column * nodes + row] = leg;
            }
        }
        legs
    }
}

/// Cells of a triangular or square matrix in the order they are written.
fn pairs(nodes: usize, columns: impl Fn(usize) -> (usize, usize)) -> Vec<(usize, usize)> {
    let row = |row: usize| {
        let (from, to) = columns(row);
        (from..to).map(move |column| (row, column))
    };
    (0..nodes).flat_map(row).collect()
}

/// A row apart from the document, so that its faults can be noted.
fn own(row: Option<Row<'_>>) -> Option<(String, Vec<String>)> {
    row.map(|row| {
        (format!("line {}", row.at), row.fields.iter().map(|field| (*field).to_owned()).collect())
    })
}
