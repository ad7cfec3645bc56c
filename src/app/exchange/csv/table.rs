//! The rows of a table under a header whose columns are known by one of several names.

use std::collections::{BTreeSet, HashMap};

use crate::domain::faults::{Faults, check_characters};

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in our header.
    pub name: &'static str,
    /// Names that other products give it.
    pub aliases: &'static [&'static str],
    /// Whether the table must have it.
    pub required: bool,
    /// What its cells hold.
    pub about: &'static str,
}

/// A column that may be left out.
pub(super) const fn column(
    name: &'static str,
    aliases: &'static [&'static str],
    about: &'static str,
) -> Column {
    Column { name, aliases, required: false, about }
}

/// A column that must be there.
pub(super) const fn required(
    name: &'static str,
    aliases: &'static [&'static str],
    about: &'static str,
) -> Column {
    Column { name, aliases, required: true, about }
}

/// Most rows of one table, so that an import ends within the time of a request.
const ROWS_MAX: usize = 50_000;

/// Columns whose cells may hold several lines.
const LONG_TEXTS: [&str; 3] = ["note", "access_note", ""];

/// A table whose header was understood.
#[derive(Debug)]
pub(super) struct Table {
    /// For each column of the table, the name of ours, if it is one.
    columns: Vec<Option<&'static str>>,
    rows: Vec<csv::StringRecord>,
    /// Numbers of the rows that are not read, because their cells are not where they should be.
    broken: BTreeSet<usize>,
    /// Header cells that name no column of ours.
    pub(super) ignored: Vec<String>,
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table,
    cells: &'a csv::StringRecord,
    /// Its number as a spreadsheet shows it; the header is 1.
    number: usize,
}

impl Table {
    /// Reads the table; none if it is no table with the required columns.
    pub(super) fn read(text: &[u8], known: &'static [Column], faults: &mut Faults) -> Option<Self> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let Ok(text) = std::str::from_utf8(text) else {
            faults.add("file", "", "is not UTF-8; save it as `CSV UTF-8`");
            return None;
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut records = reader.records().filter_map(|record| match record {
            Ok(record) => Some(record),
            Err(error) => {
                faults.add("file", "", format!("cannot be read as CSV: {error}"));
                None
            }
        });
        let header = records.next();
        let rows: Vec<_> = records.collect();
        let Some(header) = header else {
            faults.add("file", "", "is empty; the first line must name the columns");
            return None;
        };
        if rows.len() > ROWS_MAX {
            let message = format!("may have at most {ROWS_MAX} rows; cut it into several files");
            faults.add("file", rows.len(), message);
            return None;
        }
        let mut table = Self::under(&header, rows, known, faults);
        if let Some((row, cell)) = unclosed(text, delimiter(text)) {
            let column = table.columns.get(cell).copied().flatten();
            let column = column.map(|name| format!(", column {name}")).unwrap_or_default();
            let message = "goes on to the end of the file; close its quote";
            faults.add(&format!("row {row}{column}"), "", message);
            table.broken.insert(row);
        }
        table.check_unique(known, faults);
        table.check_shape(faults);
        table.has_required(known, faults).then_some(table)
    }

    fn under(
        header: &csv::StringRecord,
        rows: Vec<csv::StringRecord>,
        known: &'static [Column],
        faults: &mut Faults,
    ) -> Self {
        let mut columns: Vec<Option<&'static str>> = Vec::new();
        let mut ignored = Vec::new();
        for cell in header {
            let wanted = plain(cell);
            let is_it = |column: &&Column| {
                column.name == wanted || column.aliases.iter().any(|alias| *alias == wanted)
            };
            let name = known.iter().find(is_it).map(|column| column.name);
            if name.is_none() && !wanted.is_empty() {
                ignored.push(cell.to_owned());
            }
            if name.is_some() && columns.contains(&name) {
                let message = format!("means `{}`, as an earlier column does", name.unwrap_or(""));
                faults.add("row 1", cell, message);
            }
            columns.push(name);
        }
        Self { columns, rows, broken: BTreeSet::new(), ignored }
    }

    /// Notes rows that mean the same record.
    fn check_unique(&self, known: &[Column], faults: &mut Faults) {
        for name in ["id", "external_ref"] {
            let is_own = known.iter().any(|column| column.name == name);
            let Some(at) = self.columns.iter().position(|column| *column == Some(name)) else {
                continue;
            };
            if !is_own {
                continue;
            }
            let mut first: HashMap<&str, usize> = HashMap::new();
            for (number, row) in (2..).zip(&self.rows) {
                let Some(cell) = row.get(at).filter(|cell| !cell.is_empty()) else { continue };
                let seen = *first.entry(cell).or_insert(number);
                let message = format!("is the same as in row {seen}");
                let field = format!("row {number}, column {name}");
                faults.check(seen == number, &field, cell, &message);
            }
        }
    }

    fn has_required(&self, known: &[Column], faults: &mut Faults) -> bool {
        let before = faults.list().len();
        for column in known.iter().filter(|column| column.required) {
            let there = self.columns.contains(&Some(column.name));
            let message = format!("needs the column `{}`: {}", column.name, column.about);
            faults.check(there, "row 1", "", &message);
        }
        faults.list().len() == before
    }

    /// Notes rows whose cells are not where they should be; what they hold is not looked at then.
    fn check_shape(&mut self, faults: &mut Faults) {
        let mut broken = Vec::new();
        for (number, row) in (2..).zip(&self.rows).filter(|(at, _)| !self.broken.contains(at)) {
            let before = faults.list().len();
            let message =
                format!("has more cells than the header, which has {}", self.columns.len());
            let fits = row.len() <= self.columns.len();
            faults.check(fits, &format!("row {number}"), row.len(), &message);
            for (cell, column) in row.iter().zip(&self.columns) {
                let column = column.unwrap_or("");
                let field = format!("row {number}, column {column}");
                check_characters(faults, &field, cell);
                // An unclosed quote swallows the rows that follow it.
                let in_lines = cell.contains('\n') && !LONG_TEXTS.contains(&column);
                let shown = cell.lines().next().unwrap_or("");
                faults.check(!in_lines, &field, shown, "goes over several lines; close its quote");
            }
            if faults.list().len() > before {
                broken.push(number);
            }
        }
        self.broken.extend(broken);
    }

    /// The rows that are neither empty nor broken.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let row = |(number, cells)| Row { table: self, cells, number };
        (2..)
            .zip(&self.rows)
            .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
            .filter(|(number, _)| !self.broken.contains(number))
            .map(row)
    }
}

impl<'a> Row<'a> {
    /// The text of a cell; empty if it has none, none if the table lacks the column.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        let at = self.table.columns.iter().position(|name| *name == Some(column))?;
        Some(self.cells.get(at).unwrap_or(""))
    }

    /// The text of a cell that has some.
    pub(super) fn text(&self, column: &str) -> Option<&'a str> {
        self.cell(column).filter(|text| !text.is_empty())
    }

    /// Its number as a spreadsheet shows it; the header is 1.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// How a fault names a cell of the row.
    pub(super) fn at(&self, column: &str) -> String {
        format!("row {}, column {column}", self.number)
    }

    /// Notes a fault with a cell of the row.
    pub(super) fn fault(&self, faults: &mut Faults, column: &str, message: impl Into<String>) {
        faults.add(&self.at(column), self.cell(column).unwrap_or(""), message);
    }
}

/// Row and cell of a quote that is never closed, so that the cell swallows all that follows.
fn unclosed(text: &str, delimiter: u8) -> Option<(usize, usize)> {
    let (mut row, mut cell, mut is_empty, mut begins, mut quoted) = (1, 0, true, true, false);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if quoted {
            // Two quotes stand for one.
            quoted = byte != b'"' || bytes.next_if_eq(&b'"').is_some();
            continue;
        }
        let ends = matches!(byte, b'\n' | b'\r');
        row += usize::from(ends && !is_empty);
        cell = if ends { 0 } else { cell + usize::from(byte == delimiter) };
        quoted = byte == b'"' && begins;
        (is_empty, begins) = (ends, ends || byte == delimiter);
    }
    quoted.then_some((row, cell))
}

/// The delimiter most frequent in the first line, outside of quotes; a comma if none is there.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes().take_while(|byte| *byte != b'\n') {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(byte == *delimiter && !quoted);
        }
    }
    // The first of equals: max_by_key would take the last.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// A header cell without case, spaces and hyphens: `Start-Time` is `start_time`.
fn plain(cell: &str) -> String {
    let word = |c: char| if c == ' ' || c == '-' { '_' } else { c };
    cell.trim().to_lowercase().chars().map(word).collect()
}
