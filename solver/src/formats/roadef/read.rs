//! The instance: its numbers, the visits, the technicians.

use super::{BY_PRIORITY, COUNT_MAX, DAY, WHOLE};
use crate::formats::faults::Faults;
use crate::optimize::crews::{CrewProblem, CrewTechnician, CrewVisit, CrewWeights};

/// Reads the texts of `instance`, `interv_list` and `tech_list`, behind one another; each begins
/// with the line of its titles.
///
/// # Errors
/// Every line that cannot be understood, what does not exist, and what is missing.
///
/// Source: Dutot, Laugier, Bustos (2006), "Technicians and interventions scheduling for
/// telecommunications", the subject of the challenge.
pub fn read(text: &str) -> Result<CrewProblem, Faults> {
    let mut reading = Reading::default();
    let mut part = Part::None;
    for (number, line) in (1..).zip(text.lines()) {
        let at = format!("line {number}");
        let Some(word) = line.split_whitespace().next() else { continue };
        let next = match word {
            "name" => Part::Numbers,
            "number" => Part::Visits,
            "tech" => Part::Technicians,
            _ => Part::None,
        };
        if next != Part::None {
            part = next;
            continue;
        }
        let done = match part {
            Part::None => Err("before any line of titles".to_owned()),
            Part::Numbers => reading.numbers(line),
            Part::Visits => reading.visit(line),
            Part::Technicians => reading.technician(line),
        };
        if let Err(message) = done {
            reading.faults.add(at, message);
        }
    }
    reading.end()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Numbers,
    Visits,
    Technicians,
}

/// The line of numbers of an instance.
#[derive(Clone, Copy)]
struct Numbers {
    domains: usize,
    levels: usize,
    technicians: usize,
    visits: usize,
}

#[derive(Default)]
struct Reading {
    numbers: Option<Numbers>,
    problem: CrewProblem,
    faults: Faults,
}

impl Reading {
    fn numbers(&mut self, line: &str) -> Result<(), String> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, domains, levels, technicians, visits, budget] = fields[..] else {
            return Err(format!("{} fields; expected a name and 5 numbers", fields.len()));
        };
        let count = |word: &str| {
            let count = word.parse().ok().filter(|count| *count <= COUNT_MAX);
            count.ok_or_else(|| format!("{word:?} is no number from 0 to {COUNT_MAX}"))
        };
        let numbers = Numbers {
            domains: count(domains)?,
            levels: count(levels)?,
            technicians: count(technicians)?,
            visits: count(visits)?,
        };
        if numbers.domains * numbers.levels > COUNT_MAX {
            return Err(format!("more than {COUNT_MAX} domains times levels"));
        }
        self.problem.budget = amount(budget)?;
        self.numbers = Some(numbers);
        Ok(())
    }

    /// `number time [ before ] priority cost needs..`, needs by domain and level.
    fn visit(&mut self, line: &str) -> Result<(), String> {
        let numbers = self.numbers.ok_or("visits before the numbers of the instance")?;
        let (head, list, tail) = split(line)?;
        let [id, duration] = list_of(head)?[..] else {
            return Err("expected a number and a time before the list".to_owned());
        };
        expect("visit", id, self.problem.visits.len())?;
        let [priority, outsourcing, needs @ ..] = &list_of(tail)?[..] else {
            return Err("expected a priority and a cost behind the list".to_owned());
        };
        let wanted = numbers.domains * numbers.levels;
        if needs.len() != wanted {
            return Err(format!("{} needs; expected {wanted}", needs.len()));
        }
        if !(1..=DAY).contains(&duration) {
            return Err(format!("a time of {duration}; allowed are 1 to {DAY}"));
        }
        let priority = usize::try_from(*priority - 1).ok().filter(|it| *it < BY_PRIORITY.len());
        let priority = priority.ok_or("priorities are 1 to 4")?;
        let needs: Result<Vec<u32>, _> = needs.iter().map(|need| u32::try_from(*need)).collect();
        let needs = needs.map_err(|_| "a need is too large".to_owned())?;
        let by_domain = needs.chunks(numbers.levels.max(1)).map(<[u32]>::to_vec);
        self.problem.visits.push(CrewVisit {
            duration,
            after: indexes(list, numbers.visits, "visit")?,
            priority,
            outsourcing: *outsourcing,
            needs: by_domain.collect(),
        });
        Ok(())
    }

    /// `number levels.. [ days off ]`.
    fn technician(&mut self, line: &str) -> Result<(), String> {
        let numbers = self.numbers.ok_or("technicians before the numbers of the instance")?;
        let (head, list, _) = split(line)?;
        let [id, levels @ ..] = &list_of(head)?[..] else {
            return Err("no number".to_owned());
        };
        expect("technician", *id, self.problem.technicians.len())?;
        if levels.len() != numbers.domains {
            return Err(format!("{} levels; expected {}", levels.len(), numbers.domains));
        }
        let levels: Result<Vec<u32>, _> =
            levels.iter().map(|&level| u32::try_from(level)).collect();
        self.problem.technicians.push(CrewTechnician {
            levels: levels.map_err(|_| "a level is too large".to_owned())?,
            days_off: indexes(list, COUNT_MAX, "day")?,
        });
        Ok(())
    }

    fn end(mut self) -> Result<CrewProblem, Faults> {
        let (visits, technicians) = (self.problem.visits.len(), self.problem.technicians.len());
        match self.numbers {
            None => self.faults.add("document", "no line of numbers behind `name`"),
            Some(numbers) if self.faults.0.is_empty() => {
                if visits != numbers.visits {
                    let message = format!("{visits} visits; expected {}", numbers.visits);
                    self.faults.add("document", message);
                }
                if technicians != numbers.technicians {
                    let expected = numbers.technicians;
                    let message = format!("{technicians} technicians; expected {expected}");
                    self.faults.add("document", message);
                }
            }
            Some(_) => {}
        }
        if self.faults.0.is_empty()
            && let Some(visit) = in_a_ring(&self.problem)
        {
            let message = format!("visit {} must come before itself", visit + 1);
            self.faults.add("document", message);
        }
        self.problem.day_length = DAY;
        self.problem.weights = CrewWeights { by_priority: BY_PRIORITY.to_vec(), whole: WHOLE };
        self.faults.or(self.problem)
    }
}

/// A visit that waits for itself, if there is one.
fn in_a_ring(problem: &CrewProblem) -> Option<usize> {
    let mut waiting: Vec<usize> = problem.visits.iter().map(|visit| visit.after.len()).collect();
    let mut free: Vec<usize> = (0..waiting.len()).filter(|&it| waiting[it] == 0).collect();
    while let Some(done) = free.pop() {
        for (later, visit) in problem.visits.iter().enumerate() {
            let times = visit.after.iter().filter(|&&before| before == done).count();
            if times > 0 {
                waiting[later] -= times;
                if waiting[later] == 0 {
                    free.push(later);
                }
            }
        }
    }
    waiting.iter().position(|&count| count > 0)
}

/// What stands before, in and behind the brackets of a line.
fn split(line: &str) -> Result<(&str, &str, &str), String> {
    let parts = line.split_once('[').and_then(|(head, rest)| {
        let (list, tail) = rest.split_once(']')?;
        Some((head, list, tail))
    });
    parts.ok_or_else(|| "no list in brackets".to_owned())
}

fn list_of(text: &str) -> Result<Vec<i64>, String> {
    text.split_whitespace().map(amount).collect()
}

fn amount(word: &str) -> Result<i64, String> {
    let number = word.parse().ok().filter(|number| (0..=1_000_000_000).contains(number));
    number.ok_or_else(|| format!("{word:?} is no number from 0 to 1000000000"))
}

/// Numbers from 1 as indexes.
fn indexes(text: &str, count: usize, what: &str) -> Result<Vec<usize>, String> {
    let index = |number: i64| {
        let index = usize::try_from(number - 1).ok().filter(|index| *index < count);
        index.ok_or_else(|| format!("there is no {what} {number}"))
    };
    list_of(text)?.into_iter().map(index).collect()
}

fn expect(what: &str, id: i64, had: usize) -> Result<(), String> {
    if usize::try_from(id).is_ok_and(|id| id == had + 1) {
        return Ok(());
    }
    Err(format!("{what} {id}; expected {}", had + 1))
}
