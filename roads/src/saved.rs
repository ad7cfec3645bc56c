//! The file format of prepared roads: a checked header and a table of plain sections.
