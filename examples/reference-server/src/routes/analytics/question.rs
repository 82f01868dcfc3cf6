//! What is asked for: a page, numbers, or a file.

use std::time::Duration;

use http::HeaderMap;
use palisade::{
    analytics::{Analytics, Cursor, Dimension, Filter},
    core::Rejection,
};

use super::{
    accept::accepted,
    parameters::{Pairs, Parameters, wrong},
};

/// The most rows of a count, and steps of a series.
const MOST_ROWS: usize = 10_000;
/// The most records of one page.
const MOST_RECORDS: usize = 1000;
/// How many there are if nothing is said.
const USUAL: usize = 100;

/// Which records, and what of them.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) filter: Filter,
    pub(super) view: View,
}

/// What of the records is asked for.
#[derive(Debug)]
pub(super) enum View {
    /// The records themselves, newest first.
    List { before: Option<Cursor>, limit: usize },
    /// The records as a file.
    File { form: Form, before: Option<Cursor>, limit: Option<usize> },
    /// The most frequent keys.
    Top { dimension: Dimension, limit: usize },
    /// Totals and percentiles.
    Summary,
    /// Steps of time.
    Series { step: Step, limit: usize },
}

/// How long a step is, and its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) length: Duration,
}

/// What a file of records looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    Csv,
    Ndjson,
}

/// The names of views.
#[derive(Clone, Copy)]
enum Named {
    List,
    Top,
    Summary,
    Series,
}

const STEPS: [Step; 3] = [
    Step { name: "minute", length: Duration::from_mins(1) },
    Step { name: "hour", length: Duration::from_hours(1) },
    Step { name: "day", length: Duration::from_hours(24) },
];

// === impl Question ===

impl Question {
    /// Reads the query; `Accept` says whether a file is wanted, where the query does not.
    pub(super) fn read(
        pairs: Pairs,
        headers: &HeaderMap,
        analytics: &Analytics,
    ) -> Result<Self, Rejection> {
        let parameters = Parameters::read(pairs)?;
        let view = parameters.one_of(
            "view",
            &[
                ("list", Named::List),
                ("top", Named::Top),
                ("summary", Named::Summary),
                ("series", Named::Series),
            ],
        )?;
        let view = match view {
            None if parameters.text("countBy").is_some() => top(&parameters)?,
            // Whoever misspells a name reads of all that there are.
            None => {
                parameters.no_others_than(&["view", "countBy", "limit", "cursor", "format"])?;
                list(&parameters, headers)?
            }
            Some(Named::List) => list(&parameters, headers)?,
            Some(Named::Top) => top(&parameters)?,
            Some(Named::Summary) => {
                parameters.no_others_than(&["view"])?;
                View::Summary
            }
            Some(Named::Series) => series(&parameters)?,
        };
        Ok(Self { filter: parameters.filter(analytics)?, view })
    }
}

fn list(parameters: &Parameters, headers: &HeaderMap) -> Result<View, Rejection> {
    parameters.no_others_than(&["view", "limit", "cursor", "format"])?;
    let before = parameters.parsed("cursor", str::parse)?;
    let forms = [("json", None), ("csv", Some(Form::Csv)), ("ndjson", Some(Form::Ndjson))];
    let form = match parameters.one_of("format", &forms)? {
        Some(form) => form,
        None => accepted(headers)?,
    };
    let limit = limit(parameters)?;
    Ok(match form {
        Some(form) => View::File { form, before, limit },
        None => View::List { before, limit: limit.unwrap_or(USUAL).min(MOST_RECORDS) },
    })
}

fn top(parameters: &Parameters) -> Result<View, Rejection> {
    parameters.no_others_than(&["view", "countBy", "limit"])?;
    let dimensions = Dimension::ALL.map(|dimension| (dimension.as_str(), dimension));
    let dimension = parameters.one_of("countBy", &dimensions)?;
    let dimension = dimension.ok_or_else(|| wrong("`view=top` needs `countBy`."))?;
    Ok(View::Top { dimension, limit: limit(parameters)?.unwrap_or(USUAL).min(MOST_ROWS) })
}

fn series(parameters: &Parameters) -> Result<View, Rejection> {
    parameters.no_others_than(&["view", "step", "limit"])?;
    let steps = STEPS.map(|step| (step.name, step));
    let step = parameters.one_of("step", &steps)?;
    let step = step.ok_or_else(|| wrong("`view=series` needs `step`: minute, hour or day."))?;
    Ok(View::Series { step, limit: limit(parameters)?.unwrap_or(USUAL).min(MOST_ROWS) })
}

fn limit(parameters: &Parameters) -> Result<Option<usize>, Rejection> {
    let limit = |text: &str| text.parse().ok().filter(|limit| *limit > 0).ok_or("1 or more");
    parameters.parsed("limit", limit)
}
