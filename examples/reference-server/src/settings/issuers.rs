//! Whose tokens count: the holder of a key, an OIDC issuer, a Supabase project, and several of them side by side.

use std::{collections::HashSet, fs, net::IpAddr};

use palisade::authn_jwt::{Issuer, Keys, RemoteKeys, Supabase};

use super::reader::Reader;

/// Where the keys of an issuer may be that is not one of the other two: in one of these.
const SOURCES: [&str; 4] = ["JWT_SECRET", "JWT_PUBLIC_KEY_FILE", "JWKS_FILE", "JWKS_URL"];

/// The audience of tokens for whomever.
pub(super) const ANYONE: &str = "*";

/// An issuer whose tokens count.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// What its tokens say in `iss`; none: whatever they say.
    pub name: Option<String>,
    /// What its tokens must be.
    pub issuer: Issuer,
}

/// An address to fetch from.
struct Address<'a> {
    text: &'a str,
    /// Without TLS, which only this machine is asked.
    is_plain: bool,
}

/// The issuers that were named; none if none were.
pub(super) fn issuers(reader: &mut Reader<'_>) -> Vec<TrustedIssuer> {
    let source = source(reader);
    let holder = source.and_then(|source| holder_of_keys(reader, source));
    let issuers: Vec<TrustedIssuer> =
        holder.into_iter().chain(oidc(reader)).chain(supabase(reader)).collect();
    if issuers.len() > 1 && issuers.iter().any(|issuer| issuer.name.is_none()) {
        let fix =
            "several issuers stand side by side: say what the tokens of this one have in `iss`";
        reader.wrong("JWT_ISSUER", fix);
    }
    let has_others = reader.text("OIDC_ISSUER").or_else(|| reader.text("SUPABASE_URL")).is_some();
    if source.is_none() && has_others && reader.text("JWT_ISSUER").is_some() {
        let fix =
            format!("names the issuer of one of {}, and none of them is set", SOURCES.join(", "));
        reader.wrong("JWT_ISSUER", fix);
    }
    if let Some(name) = doubled(&issuers) {
        let is_oidc = reader.text("OIDC_ISSUER") == Some(name);
        let name = if is_oidc { "OIDC_ISSUER" } else { "JWT_ISSUER" };
        reader.wrong(name, "another issuer has this name as well: leave one of them out");
    }
    issuers
}

/// The name of two of them.
fn doubled(issuers: &[TrustedIssuer]) -> Option<&str> {
    let mut seen = HashSet::new();
    issuers.iter().filter_map(|issuer| issuer.name.as_deref()).find(|name| !seen.insert(*name))
}

/// Where the keys are.
fn source(reader: &mut Reader<'_>) -> Option<&'static str> {
    let mut named = SOURCES.into_iter().filter(|name| reader.text(name).is_some());
    let (first, second) = (named.next()?, named.next());
    if let Some(second) = second {
        reader.wrong(
            second,
            format!("{first} is set as well, and tokens are checked by one of them alone"),
        );
    }
    Some(first)
}

/// Whoever signs with the keys of `source`.
fn holder_of_keys(reader: &mut Reader<'_>, source: &str) -> Option<TrustedIssuer> {
    let keys = keys(reader, source)?;
    let name = reader.text("JWT_ISSUER").map(str::to_owned);
    let issuer = match &name {
        Some(name) => Issuer::new(name.as_str(), keys),
        None => Issuer::any_name(keys),
    };
    let issuer = if source == "JWKS_URL" {
        let address = address(reader, source)?;
        let keys = RemoteKeys::jwks_url(address.text);
        issuer.remote_keys(if address.is_plain { keys.dangerous_allow_http() } else { keys })
    } else {
        issuer
    };
    Some(TrustedIssuer { name, issuer: for_audience(reader, source, issuer)? })
}

/// Says whom the tokens of an issuer are for. One whose keys are public has many clients, and a token that another was given
/// would open this server; a secret may be shared by two alone.
fn for_audience(reader: &mut Reader<'_>, source: &str, issuer: Issuer) -> Option<Issuer> {
    match reader.text("JWT_AUDIENCE") {
        Some(ANYONE) => Some(issuer.accept_any_audience()),
        Some(audience) => Some(issuer.audience(audience)),
        None if source == "JWT_SECRET" => Some(issuer.accept_any_audience()),
        None => {
            let fix = "JWT_AUDIENCE is not set: say whom its tokens are for, or `*`, for anyone";
            reader.wrong(source, fix);
            None
        }
    }
}

/// The keys that are at hand; those of an address are none, and come later.
fn keys(reader: &mut Reader<'_>, source: &str) -> Option<Keys> {
    let text = reader.text(source)?;
    match source {
        "JWT_SECRET" => {
            let keys = Keys::hs256(text.as_bytes());
            reader.built(source, keys)
        }
        "JWKS_FILE" => {
            let content = reader.built(source, fs::read_to_string(text))?;
            let keys = Keys::jwks_json(&content);
            reader.built(source, keys)
        }
        "JWKS_URL" => Some(Keys::default()),
        _ => {
            let content = reader.built(source, fs::read_to_string(text))?;
            // The key's own kind decides which of the three reads it.
            let keys = Keys::rsa_pem(&content)
                .or_else(|_| Keys::ec_pem(&content))
                .or_else(|_| Keys::ed_pem(&content));
            reader.built(source, keys)
        }
    }
}

/// An issuer that says itself where its keys are.
fn oidc(reader: &mut Reader<'_>) -> Option<TrustedIssuer> {
    let address = address(reader, "OIDC_ISSUER")?;
    let keys = RemoteKeys::discovered();
    let keys = if address.is_plain { keys.dangerous_allow_http() } else { keys };
    let issuer = Issuer::new(address.text, Keys::default()).remote_keys(keys);
    let issuer = for_audience(reader, "OIDC_ISSUER", issuer)?;
    Some(TrustedIssuer { name: Some(address.text.to_owned()), issuer })
}

/// A Supabase project: asked about each token if there is a key to ask with, as its `auth.getUser()` does; else its tokens
/// are checked here, by the keys it publishes.
fn supabase(reader: &mut Reader<'_>) -> Option<TrustedIssuer> {
    let (anon_key, secret) = (reader.text("SUPABASE_ANON_KEY"), reader.text("SUPABASE_JWT_SECRET"));
    if reader.text("SUPABASE_URL").is_none() {
        for name in ["SUPABASE_ANON_KEY", "SUPABASE_JWT_SECRET"] {
            if reader.text(name).is_some() {
                reader.wrong(name, "SUPABASE_URL is not set");
            }
        }
        return None;
    }
    if anon_key.is_some() && secret.is_some() {
        let fix = "SUPABASE_ANON_KEY is set: the project is asked about each token, and no secret is used";
        reader.wrong("SUPABASE_JWT_SECRET", fix);
        return None;
    }
    let address = address(reader, "SUPABASE_URL")?;
    let project = Supabase::new(address.text);
    let project = if address.is_plain { project.dangerous_allow_http() } else { project };
    let project = match secret {
        Some(secret) => {
            let project = project.legacy_secret(secret.as_bytes());
            reader.built("SUPABASE_JWT_SECRET", project)?
        }
        None => project,
    };
    let issuer = match anon_key {
        Some(key) => project.asked_issuer(key),
        None => project.issuer(),
    };
    let name = format!("{}/auth/v1", address.text.trim_end_matches('/'));
    Some(TrustedIssuer { name: Some(name), issuer })
}

/// The address that a setting holds, if it holds one that may be asked.
fn address<'a>(reader: &mut Reader<'a>, name: &str) -> Option<Address<'a>> {
    let text = reader.text(name)?;
    let is_plain = reader.parse(name, None, |text| is_plain(text).map(Some))?;
    Some(Address { text, is_plain })
}

/// Whether an address does without TLS. None if it must not be asked.
fn is_plain(text: &str) -> Option<bool> {
    let uri: http::Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    if authority.as_str().contains('@') || text.contains('#') {
        return None;
    }
    match uri.scheme_str()? {
        "https" => Some(false),
        "http" if is_this_machine(authority.host()) => Some(true),
        _ => None,
    }
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
