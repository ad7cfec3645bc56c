//! Every format behind one face: read a text, get a case, write what was found.

use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::formats::planar::Rounding;
use crate::formats::{BYTES_MAX, hhcrsp, routes, solomon, trsp, uhhc, vrplib};
use crate::optimize::Solution;

/// A format that problems come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Solomon's text format.
    Solomon,
    /// VRPLIB.
    Vrplib,
    /// Technicians with tools and spare parts.
    Trsp,
    /// Home health care with pairs of services.
    Hhcrsp,
    /// Unified home health care.
    Uhhc,
}

/// A problem as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    format: Format,
    case: Case,
}

impl Document {
    /// Reads a problem.
    ///
    /// * `rounding`: for coordinates on a plane; `None` = what is usual in the format.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn read(format: Format, text: &str, rounding: Option<Rounding>) -> Result<Self, Faults> {
        if text.len() > BYTES_MAX {
            let message = format!("{} bytes; at most {BYTES_MAX}", text.len());
            return Err(Faults::one("document", message));
        }
        let case = match format {
            Format::Solomon => solomon::read(text, rounding.unwrap_or(Rounding::Dimacs)),
            Format::Vrplib => vrplib::read(text, rounding),
            Format::Trsp => trsp::read(text),
            Format::Hhcrsp => hhcrsp::read(text),
            Format::Uhhc => uhhc::read(text),
        }?;
        Ok(Self { format, case })
    }

    /// Which format it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The problem.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// The problem, to fill in its drives or a plan to start from.
    pub fn case_mut(&mut self) -> &mut Case {
        &mut self.case
    }

    /// The plan as the format has it.
    pub fn write(&self, solution: &Solution) -> String {
        match self.format {
            Format::Solomon | Format::Vrplib => routes::write(&self.case, solution),
            Format::Trsp => routes::write_by_shift(&self.case, solution),
            Format::Hhcrsp => hhcrsp::write(&self.case, solution),
            Format::Uhhc => uhhc::write(&self.case, solution),
        }
    }

    /// The plan as route lines.
    pub fn write_routes(&self, solution: &Solution) -> String {
        match self.format {
            Format::Trsp => routes::write_by_shift(&self.case, solution),
            _ => routes::write(&self.case, solution),
        }
    }
}
