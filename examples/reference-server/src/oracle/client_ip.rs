//! `{"remote", "headers", "trust", "header"}` -> `{"ip", "source"}`: which address a request is from.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
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
    let trust = if question.trust.is_empty() { Ok(Trust::None) } else { Trust::networks(&question.trust) };
    let trust = trust.map_err(|error| error.to_string())?;
    let header: ClientIpHeader = question.header.parse().map_err(|error| format!("{error}"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in &question.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
        let value = HeaderValue::from_str(value).map_err(|error| error.to_string())?;
        headers.append(name, value);
    }
    let found = resolve(question.remote, &headers, &trust, &header, Ipv6Prefix::default());
    Ok(json!({ "ip": found.addr(), "source": found.source().as_str() }))
}
