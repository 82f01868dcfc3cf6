//! `{"target"}` -> `{"ok", "code"}`: whether a request's target can be read in one way alone.

use http::Uri;
use palisade::route_registry::check_path;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    target: String,
}

pub(super) fn answer(question: &Question) -> Value {
    // The same parser as the server's reads the target first; what it refuses never reaches a layer.
    let Ok(uri) = question.target.parse::<Uri>() else {
        return json!({ "ok": false, "code": "malformed-target" });
    };
    match check_path(uri.path()) {
        Ok(()) => json!({ "ok": true, "code": null }),
        Err(error) => json!({ "ok": false, "code": error.code().as_str() }),
    }
}
