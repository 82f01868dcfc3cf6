//! `{"patterns", "path"}` -> `{"pattern", "params"}`: which pattern a path is for.

use http::Method;
use palisade::route_registry::Registry;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    patterns: Vec<String>,
    path: String,
}

pub(super) fn answer(question: &Question) -> Result<Value, String> {
    let mut registry = Registry::builder();
    for pattern in &question.patterns {
        registry = registry.public(pattern.as_str());
    }
    let registry = registry.build().map_err(|error| error.to_string())?;
    let found = registry.resolve(&Method::GET, &question.path);
    let params: Map<String, Value> =
        found.params().iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let pattern = found.declared().map(|declared| declared.pattern().to_string());
    Ok(json!({ "pattern": pattern, "params": params }))
}
