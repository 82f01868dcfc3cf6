//! `{"remote", "headers", "trust", "header"}` -> `{"ip", "source"}`: which address a request is from.

use std::net::IpAddr;

use palisade::{
    client_ip::{ClientIpHeader, Trust, resolve},
    core::Ipv6Prefix,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    remote: IpAddr,
    headers: Vec<(String, String)>,
    trust: Vec<String>,
    #[serde(default = "usual")]
    header: String,
}

fn usual() -> String {
    "x-forwarded-for".to_owned()
}

pub(super) fn answer(question: &Question) -> Result<Value, String> {
    let trust =
        if question.trust.is_empty() { Ok(Trust::None) } else { Trust::networks(&question.trust) };
    let trust = trust.map_err(|error| error.to_string())?;
    let header: ClientIpHeader = question.header.parse().map_err(|error| format!("{error}"))?;
    // Only the lines of the one header count, as in the server.
    let lines: Vec<&[u8]> = question
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(header.name().as_str()))
        .map(|(_, value)| value.as_bytes())
        .collect();
    let found = resolve(question.remote, lines, &trust, &header, Ipv6Prefix::default());
    Ok(json!({ "ip": found.addr(), "source": found.source().as_str() }))
}
