//! Reports as JSON.

use palisade::secure_headers::audit::{Level, Mark, Report, Row};
use serde_json::{Value, json};

/// A report: its rules, its mark and its rows.
pub(crate) fn json(report: &Report) -> Value {
    let rules = report.rule_set();
    json!({
        "rules": rules.name(),
        "version": rules.version(),
        "date": rules.date(),
        "source": rules.source(),
        "mark": mark(report.mark()),
        "rows": report.rows().iter().map(row).collect::<Vec<_>>(),
    })
}

fn mark(mark: Mark) -> Value {
    match mark {
        Mark::Grade { score, grade } => json!({ "grade": grade.as_str(), "score": score }),
        Mark::Level(level) => json!({ "level": level.map(Level::as_str) }),
        Mark::Rules { passed, applicable } => json!({ "passed": passed, "applicable": applicable }),
        _ => Value::Null,
    }
}

fn row(row: &Row) -> Value {
    json!({
        "id": row.id,
        "what": row.what,
        "level": row.level.map(Level::as_str),
        "verdict": row.verdict.as_str().to_ascii_lowercase(),
        "result": row.result,
        "points": row.points,
        "found": row.found,
        "fix": row.fix,
    })
}
