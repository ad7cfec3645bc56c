//! `docs/exchange.md`: the formats in words, made from the tables that the readers use.

use std::fmt::Write as _;

use crate::app::exchange::csv::{CUSTOMER_COLUMNS, Column, SITE_COLUMNS, TECHNICIAN_COLUMNS};
use crate::app::exchange::lists::LISTS;

/// The text of `docs/exchange.md`.
pub fn reference() -> String {
    let mut text = String::from(INTRODUCTION);
    text.push_str("\n| list | also understood |\n|---|---|\n");
    for list in LISTS {
        let _ = writeln!(text, "| `{}` | {} |", list.name, words(list.aliases));
    }
    text.push_str(TABLES);
    let tables = [
        ("Technicians", TECHNICIAN_COLUMNS),
        ("Customers", CUSTOMER_COLUMNS),
        ("Sites", SITE_COLUMNS),
    ];
    for (noun, columns) in tables {
        let _ = write!(text, "\n### {noun}\n\n{}", table(columns));
    }
    text
}

fn table(columns: &[Column]) -> String {
    let mut text = String::from("| column | holds | also understood |\n|---|---|---|\n");
    for column in columns {
        let Column { name, about, aliases, required } = column;
        let must = if *required { " (must be there)" } else { "" };
        let _ = writeln!(text, "| `{name}`{must} | {about} | {} |", words(aliases));
    }
    text
}

fn words(aliases: &[&str]) -> String {
    aliases.iter().map(|alias| format!("`{alias}`")).collect::<Vec<_>>().join(", ")
}

const INTRODUCTION: &str = "\
# Import and export

## A whole organization as JSON

`roundsman export` writes an organization as one JSON document, `roundsman import FILE` reads it,
`roundsman check FILE` only says what is wrong with it. Over HTTP: `GET /api/v1/export` and
`POST /api/v1/import`, for owners. The schema of the document is `docs/exchange.schema.json`, which
`roundsman export --schema` prints.

- `format` is `roundsman.organization`; `version` is 1. A document of a newer version is refused.
- Every record keeps its `id`, a UUID. A record whose id the organization has is replaced, others
  are added, nothing is deleted. If another organization has an id, the record gets a new one here,
  and everything that refers to it follows.
- Jobs, visits and bookings that the organization has already stay as they are.
- Passwords, API keys, webhooks, calendar accounts, holds, messages and audit entries are not part of a
  document. Imported members set their password anew: `roundsman user password EMAIL`.
- `message_settings` holds the rules of messages, if they are not the usual ones. Receivers whose address
  is a secret (Slack, webhooks) are not part of it; those that the organization has stay.
- All faults are reported at once, each with its path, such as `technicians[3].skills[0].level`;
  with a fault nothing is written at all. A field that no noun has is a fault too.
- Exporting what was imported gives the same document again.

The lists of a document, and the words of other products that are understood in their place:
";

const TABLES: &str = "
## Tables as CSV

`roundsman import technicians.csv --as technicians` (or `customers`, `sites`) reads one record a row.
UTF-8, with or without a byte order mark; `,`, `;` or a tabulator between cells; a decimal comma is
understood. The first line names the columns, in any order; case, spaces and hyphens do not matter.
Columns that are not known are named in a warning and left out. Lists inside a cell have `;` or `|`
between their parts.

A row changes the record with its `id` or, without an id, the technician with its name, the customer
with its external reference, or the customer's site with its address; otherwise it adds one. Columns
that the table lacks keep their values. Faults name row (the header is row 1) and column, all at
once; with a fault nothing is written.

`roundsman export --as technicians` (or `customers`, `sites`; over HTTP `GET /api/v1/export/technicians`)
writes such a table with all columns. What has no column, such as dated hours, dates of validity and
places of breaks, is not in it, and stays as it is when the table is imported again.
";
