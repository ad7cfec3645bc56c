//! Solomon's and Gehring and Homberger's text format: vehicle routing with time windows.

use crate::formats::cases::Case;
use crate::formats::decimals;
use crate::formats::faults::Faults;
use crate::formats::planar::Rounding;
use crate::formats::tables::{Customer, Fleet};
use crate::formats::{PLACES_MAX, VISITS_MAX};

/// Reads an instance: a line of vehicles and capacity, then a line per customer with number,
/// coordinates, demand, ready time, due date and service time; the first one is the depot.
///
/// Lines that do not begin with a number are headings. The visit names are the customer numbers.
///
/// # Errors
/// Every line with a faulty number, and what is missing.
///
/// Source: Solomon (1987), "Algorithms for the vehicle routing and scheduling problems with time
/// window constraints".
pub fn read(text: &str, rounding: Rounding) -> Result<Case, Faults> {
    let mut reader = Reader::new(rounding);
    for (number, line) in (1..).zip(text.lines()) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        // Headings have words; a customer's line begins with digits even if something in it is wrong.
        if fields.first().is_some_and(|first| first.starts_with(|c: char| c.is_ascii_digit())) {
            reader.line(&format!("line {number}"), &fields);
        }
    }
    reader.finish()
}

struct Reader {
    rounding: Rounding,
    fleet: Option<(usize, i64)>,
    points: Vec<(f64, f64)>,
    customers: Vec<Customer>,
    faults: Faults,
}

impl Reader {
    fn new(rounding: Rounding) -> Self {
        let faults = Faults::default();
        Self { rounding, fleet: None, points: Vec::new(), customers: Vec::new(), faults }
    }

    fn line(&mut self, at: &str, fields: &[&str]) {
        match fields.len() {
            2 if self.fleet.is_none() => {
                let vehicles = self.number(at, "number of vehicles", fields[0], 1);
                let capacity = self.number(at, "capacity", fields[1], 1);
                if let (Some(vehicles), Some(capacity)) = (vehicles, capacity) {
                    match usize::try_from(vehicles).ok().filter(|count| *count <= VISITS_MAX) {
                        Some(vehicles) => self.fleet = Some((vehicles, capacity)),
                        None => self.faults.add(at, format!("{vehicles} vehicles are too many")),
                    }
                }
            }
            7 => self.customer(at, fields),
            count => self.faults.add(at, format!("{count} numbers; expected 7 for a customer")),
        }
    }

    fn customer(&mut self, at: &str, fields: &[&str]) {
        let number = self.number(at, "customer number", fields[0], 1);
        if let Some(number) = number
            && usize::try_from(number).ok() != Some(self.customers.len())
        {
            let expected = self.customers.len();
            self.faults.add(at, format!("customer {number}, where {expected} was expected"));
        }
        let x = self.decimal(at, "x", fields[1]);
        let y = self.decimal(at, "y", fields[2]);
        let scale = self.rounding.scale();
        let demand = self.number(at, "demand", fields[3], 1).unwrap_or(0);
        let ready = self.number(at, "ready time", fields[4], scale).unwrap_or(0);
        let due = self.number(at, "due date", fields[5], scale).unwrap_or(ready);
        let service = self.number(at, "service time", fields[6], scale).unwrap_or(0);
        if due < ready {
            let (ready, due) = (fields[4], fields[5]);
            self.faults.add(at, format!("due date {due} is before the ready time {ready}"));
        }
        self.points.push((x, y));
        self.customers.push(Customer { demand, service, window: Some((ready, due)) });
    }

    fn decimal(&mut self, at: &str, name: &str, field: &str) -> f64 {
        let value = field.parse().ok().filter(|value: &f64| value.is_finite());
        value.unwrap_or_else(|| {
            self.faults.add(at, format!("{name} is {field:?}; expected a number"));
            0.0
        })
    }

    /// A number at least 0, in ticks.
    fn number(&mut self, at: &str, name: &str, field: &str, scale: i64) -> Option<i64> {
        let scale = u32::try_from(scale).map_or(1.0, f64::from);
        let value = field.parse().ok().and_then(|value: f64| decimals::round(value * scale));
        let value = value.filter(|value| *value >= 0);
        if value.is_none() {
            self.faults.add(at, format!("{name} is {field:?}; expected a number from 0"));
        }
        value
    }

    fn finish(mut self) -> Result<Case, Faults> {
        if self.fleet.is_none() {
            self.faults.add("document", "no line with the number of vehicles and their capacity");
        }
        if self.customers.len() < 2 {
            self.faults.add("document", "no depot and customer");
        }
        if self.customers.len() > PLACES_MAX {
            let count = self.customers.len();
            self.faults.add("document", format!("{count} places; at most {PLACES_MAX}"));
        }
        self.faults.or(())?;
        let Some(legs) = self.rounding.legs(&self.points) else {
            return Err(Faults::one("document", "coordinates too far apart"));
        };
        let (vehicles, capacity) = self.fleet.unwrap_or_default();
        let (customers, rounding) = (self.customers, self.rounding);
        Fleet { vehicles, capacity: Some(capacity), customers, legs, rounding }.case()
    }
}
