//! Every format behind one face: read a text, get a case, write what was found.

use crate::formats::cases::Case;
use crate::formats::faults::Faults;
use crate::formats::native;
use crate::formats::planar::Rounding;
use crate::formats::vroom::{self, Vroom};
use crate::formats::{BYTES_MAX, care_plans, hhcrsp, routes, solomon, trsp, uhhc, vrplib};
use crate::optimize::Solution;

/// A format that problems come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Our own JSON.
    Native,
    /// VROOM's JSON.
    Vroom,
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
    /// The problem in VROOM's words, if it came in them.
    vroom: Option<Box<Vroom>>,
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
        let mut in_vroom = None;
        let case = match format {
            Format::Native => native::read(text),
            Format::Vroom => vroom::read(text).map(|(case, vroom)| {
                in_vroom = Some(Box::new(vroom));
                case
            }),
            Format::Solomon => solomon::read(text, rounding.unwrap_or(Rounding::Dimacs)),
            Format::Vrplib => vrplib::read(text, rounding),
            Format::Trsp => trsp::read(text),
            Format::Hhcrsp => hhcrsp::read(text),
            Format::Uhhc => uhhc::read(text),
        }?;
        Ok(Self { format, case, vroom: in_vroom })
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

    /// The problem in VROOM's words, if it came in them.
    pub fn vroom(&self) -> Option<&Vroom> {
        self.vroom.as_deref()
    }

    /// Makes the plan that a VROOM problem brings along the plan in force.
    pub fn start_from_steps(&mut self) {
        if let Some(vroom) = self.vroom.as_deref().filter(|vroom| vroom.has_steps()) {
            vroom.start_from_steps(&mut self.case);
        }
    }

    /// The plan as the format has it.
    ///
    /// * `reasons`: by visit, why it was left out; only formats of JSON carry them.
    pub fn write(&self, solution: &Solution, reasons: &[Vec<String>]) -> String {
        match (self.format, &self.vroom) {
            (Format::Vroom, Some(vroom)) => vroom.write(&self.case, solution, (reasons, None)),
            (Format::Native | Format::Vroom, _) => {
                native::write_plan(&self.case, solution, reasons)
            }
            (Format::Solomon | Format::Vrplib | Format::Trsp, _) => self.write_routes(solution),
            (Format::Hhcrsp, _) => hhcrsp::write(&self.case, solution),
            (Format::Uhhc, _) => uhhc::write(&self.case, solution),
        }
    }

    /// The plan as route lines.
    pub fn write_routes(&self, solution: &Solution) -> String {
        routes::write(&self.case, solution, self.numbers())
    }

    /// A plan as JSON, our own or that of the format, or as route lines.
    ///
    /// # Errors
    /// Every fault of the text.
    pub fn read_plan(&self, text: &str) -> Result<Solution, Faults> {
        if !text.trim_start().starts_with('{') {
            return self.read_routes(text);
        }
        let of_care = matches!(self.format, Format::Hhcrsp | Format::Uhhc);
        if of_care && !text.contains(native::PLAN_FORMAT) {
            return care_plans::read(&self.case, text);
        }
        native::read_plan(&self.case, text)
    }

    /// A plan as route lines, timed.
    ///
    /// # Errors
    /// Every fault of the lines; that there are none, if there is something to do.
    pub fn read_routes(&self, text: &str) -> Result<Solution, Faults> {
        let lines = routes::read(&self.case, text, self.numbers())?;
        if lines.is_empty() && !self.case.model.visits.is_empty() {
            return Err(Faults::one("plan", "neither JSON nor lines such as `Route #1: 4 7 2`"));
        }
        native::read_lines(&self.case, &lines)
    }

    fn numbers(&self) -> routes::Numbers {
        match self.format {
            Format::Solomon | Format::Vrplib => routes::Numbers::InOrder,
            Format::Trsp => routes::Numbers::Name,
            _ => routes::Numbers::Position,
        }
    }
}
