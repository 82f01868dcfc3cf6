//! What the auditor says.

mod grades;
mod oshp;
mod pages;
mod presets;
mod properties;
mod requirements;
mod table;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use palisade_secure_headers::audit::{Answer, Report, Row, RuleSet};

/// An answer with `headers`.
fn answer(headers: &[(&str, &str)]) -> Answer {
    Answer::new(StatusCode::OK, map(headers)).host("site.example")
}

fn map(headers: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).unwrap();
        map.append(name, HeaderValue::try_from(*value).unwrap());
    }
    map
}

fn row(report: &Report, id: &str) -> Row {
    let row = report.rows().iter().find(|row| row.id == id);
    row.unwrap_or_else(|| panic!("no {id}:\n{report}")).clone()
}

/// What `rules` say about one rule of theirs.
fn verdict(rules: RuleSet, id: &str, headers: &[(&str, &str)]) -> &'static str {
    row(&rules.audit(&answer(headers)), id).verdict.as_str()
}
