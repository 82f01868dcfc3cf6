//! `{"token", "keys"}` -> `{"valid", "payload"}`: whether a signature holds, by a JWK or a JWK set.

use palisade::authn_jwt::verify_jws;
use serde::Deserialize;
use serde_json::{Value, json};

use super::base64url;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    token: String,
    keys: Value,
}

pub(super) fn answer(question: &Question) -> Value {
    match verify_jws(&question.token, &question.keys.to_string()) {
        Ok(payload) => json!({ "valid": true, "payload": base64url(&payload) }),
        Err(error) => json!({ "valid": false, "payload": null, "code": error.code().as_str() }),
    }
}
