//! Says of each JSON line `{"token": …, "keys": JWK or JWK set}` whether the signature holds: `valid` or `invalid`.
//!
//! For running any collection of test vectors: `cargo run -p palisade-authn-jwt --example verify_jws < vectors.jsonl`.
//! It looks at signatures and at nothing else; whom to let in is the verifier's to say.

use std::io::{self, BufRead as _, Write as _};

use palisade_authn_jwt::verify_jws;
use serde_json::Value;

/// What becomes of one line. What is no question is not valid either, and says so.
fn answer(line: &str) -> &'static str {
    let Ok(question) = serde_json::from_str::<Value>(line) else { return "no JSON" };
    let keys = question.get("keys").map(Value::to_string);
    let (Some(token), Some(keys)) = (question.get("token").and_then(Value::as_str), keys) else {
        return "no token, or no keys";
    };
    if verify_jws(token, &keys).is_ok() { "valid" } else { "invalid" }
}

fn main() -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            writeln!(output, "{}", answer(&line))?;
        }
    }
    output.flush()
}
