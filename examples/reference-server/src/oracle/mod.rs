//! `palisade-server oracle KIND`: pure decisions, asked from outside, for differential tests against other programs.

mod client_ip;
mod headers;
mod jws;
mod path;
mod route;

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};

/// Answers each line of standard input with one line; a line that cannot be answered gets `{"error": …}`.
///
/// # Errors
///
/// If standard input or output breaks.
pub fn run(kind: &str) -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            writeln!(output, "{}", answer(kind, &line))?;
        }
    }
    output.flush()
}

/// The answer to one question.
pub fn answer(kind: &str, question: &str) -> Value {
    let answer = match kind {
        "client-ip" => parsed(question).and_then(|question| client_ip::answer(&question)),
        "headers" => parsed(question).and_then(|question| headers::answer(&question)),
        "jws" => parsed(question).map(|question| jws::answer(&question)),
        "path" => parsed(question).map(|question| path::answer(&question)),
        "route" => parsed(question).and_then(|question| route::answer(&question)),
        _ => Err(format!("`{kind}` is no kind of decision")),
    };
    answer.unwrap_or_else(|error| json!({ "error": error }))
}

/// Base64url without padding (RFC 4648 section 5).
fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn parsed<T: serde::de::DeserializeOwned>(question: &str) -> Result<T, String> {
    serde_json::from_str(question).map_err(|error| error.to_string())
}
