//! Records as rows of a table that a spreadsheet opens.

use palisade::analytics::Record;
use serde_json::Value;

/// The columns: all fields of a record, by the names that they have in JSON.
pub(super) const COLUMNS: [&str; 17] = [
    "time",
    "requestId",
    "method",
    "path",
    "route",
    "address",
    "country",
    "region",
    "city",
    "userAgent",
    "session",
    "user",
    "status",
    "code",
    "responseTimeMs",
    "bytes",
    "ended",
];

/// The first row.
pub(super) fn header() -> String {
    let names = COLUMNS.join(",");
    format!("{names}\r\n")
}

/// Adds the row of a record (RFC 4180).
pub(super) fn push(rows: &mut String, record: &Record) -> Result<(), serde_json::Error> {
    let record = serde_json::to_value(record)?;
    for (place, column) in COLUMNS.iter().enumerate() {
        if place > 0 {
            rows.push(',');
        }
        match record.get(column) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => push_text(rows, text),
            // Ours, and never negative: no formula.
            Some(number) => rows.push_str(&number.to_string()),
        }
    }
    rows.push_str("\r\n");
    Ok(())
}

/// In quotes, whatever it is: where a spreadsheet splits at semicolons, they would begin another cell. And with an apostrophe in front
/// of what begins like a formula (OWASP, "CSV Injection").
fn push_text(row: &mut String, text: &str) {
    let formula =
        ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    row.push('"');
    if text.starts_with(formula) {
        row.push('\'');
    }
    row.push_str(&text.replace('"', "\"\""));
    row.push('"');
}
