//! Judges of one token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use palisade_authn_jwt::verify_jws;
use palisade_core::{Identity, IdentityKind};
use serde_json::Value;

use super::{believe, is_signed, part};
use crate::{
    fixture::Verdict,
    threats::{
        Audience, Findings, Trust,
        tokens::{self, Judge, Row, ours},
    },
    vectors,
};

fn is_found_out(row: Row, broken: Judge) {
    assert_ne!(row(broken), Findings::default());
}

/// Ours, but believes a token that ours refuses for `code`, where there is an excuse for it.
fn overlook(code: &str, trusted: &[Trust], token: &str, is_excused: impl Fn() -> bool) -> Verdict {
    match ours(trusted, token) {
        Err(refused) if refused == code && is_excused() => believe(&part(token, 1)),
        verdict => verdict,
    }
}

fn secret_of(jwk: &Value) -> DecodingKey {
    let secret = jwk["k"].as_str().unwrap_or_default();
    DecodingKey::from_secret(&URL_SAFE_NO_PAD.decode(secret).unwrap())
}

fn is_signed_by(trust: &Trust, token: &str) -> bool {
    is_signed(token, &secret_of(&serde_json::from_str(&trust.keys).unwrap()))
}

/// The key that a token names.
fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap_or_default().to_owned()
}

/// Verifies by the algorithm that the token names: there is nothing to verify by `none`.
fn believes_none(trusted: &[Trust], token: &str) -> Verdict {
    let header = part(token, 0);
    match header["alg"].as_str() {
        Some(name) if name.eq_ignore_ascii_case("none") => believe(&part(token, 1)),
        _ => ours(trusted, token),
    }
}

/// The same, with a filter in front that knows one spelling of it.
fn filters_one_spelling_of_none(trusted: &[Trust], token: &str) -> Verdict {
    if part(token, 0)["alg"] == "none" { Err("algorithm") } else { believes_none(trusted, token) }
}

/// Looks at the signature if there is one.
fn needs_no_signature(trusted: &[Trust], token: &str) -> Verdict {
    if token.ends_with('.') { believe(&part(token, 1)) } else { ours(trusted, token) }
}

/// Verifies by the algorithm that the token names, with the file of the key as it is (CVE-2015-9235).
fn takes_a_file_for_a_secret(trusted: &[Trust], token: &str) -> Verdict {
    let secret = DecodingKey::from_secret(trusted[0].keys.as_bytes());
    overlook("algorithm", trusted, token, || is_signed(token, &secret))
}

/// Verifies by the algorithm that the token names, if it is one for this kind of key, as Hono did (CVE-2026-22818).
fn takes_any_algorithm_of_the_kind(trusted: &[Trust], token: &str) -> Verdict {
    let key = DecodingKey::from_rsa_pem(tokens::RSA.as_bytes()).unwrap();
    overlook("algorithm", trusted, token, || is_signed(token, &key))
}

/// Reads the key from the file of its name: `/dev/null` is empty, as a secret too.
fn opens_files(trusted: &[Trust], token: &str) -> Verdict {
    let opens = || kid(token).ends_with("/dev/null");
    let empty = DecodingKey::from_secret(b"");
    overlook("unknown-key", trusted, token, || opens() && is_signed(token, &empty))
}

/// Puts the name between the quotes of a query.
fn asks_a_database(trusted: &[Trust], token: &str) -> Verdict {
    let finds = || kid(token).contains("' OR 1=1");
    overlook("unknown-key", trusted, token, || finds() && is_signed_by(&trusted[0], token))
}

/// Ends names at the first zero.
fn knows_names_by_their_start(trusted: &[Trust], token: &str) -> Verdict {
    let finds = || kid(token).split('\0').next() == Some("2026");
    overlook("unknown-key", trusted, token, || finds() && is_signed_by(&trusted[0], token))
}

/// Takes the first key where it does not know the name.
fn takes_the_first_key(trusted: &[Trust], token: &str) -> Verdict {
    overlook("unknown-key", trusted, token, || is_signed_by(&trusted[0], token))
}

/// Takes the key that the token brings, where it brings one.
fn takes_the_key_it_brings(trusted: &[Trust], token: &str) -> Verdict {
    let header = part(token, 0);
    let brings = || header["jwk"].is_object() && is_signed(token, &secret_of(&header["jwk"]));
    overlook("unknown-key", trusted, token, brings)
}

/// Compares the audience if the token has one.
fn takes_no_audience_for_any(trusted: &[Trust], token: &str) -> Verdict {
    overlook("audience", trusted, token, || part(token, 1)["aud"].is_null())
}

/// Searches the audience for its own name.
fn searches_the_audience(trusted: &[Trust], token: &str) -> Verdict {
    overlook("audience", trusted, token, || part(token, 1)["aud"].to_string().contains("api"))
}

/// Compares the audience if it was told its own name.
fn starts_without_an_audience(trusted: &[Trust], token: &str) -> Verdict {
    let told = |trust: &Trust| match trust.audience {
        Audience::Unsaid => Trust { audience: Audience::Any, ..trust.clone() },
        _ => trust.clone(),
    };
    ours(&trusted.iter().map(told).collect::<Vec<_>>(), token)
}

/// Decodes whatever nearly is base64url.
fn decodes_leniently(trusted: &[Trust], token: &str) -> Verdict {
    ours(trusted, token.trim().trim_end_matches('='))
}

/// Takes the first three parts that are not empty.
fn takes_three_parts(trusted: &[Trust], token: &str) -> Verdict {
    let parts = token.split('.').filter(|part| !part.is_empty());
    ours(trusted, &parts.take(3).collect::<Vec<_>>().join("."))
}

/// Takes the last of two claims with one name.
fn takes_the_last_of_two(trusted: &[Trust], token: &str) -> Verdict {
    overlook("malformed", trusted, token, || is_signed_by(&trusted[0], token))
}

/// Parses whatever comes.
fn measures_nothing(trusted: &[Trust], token: &str) -> Verdict {
    overlook("too-long", trusted, token, || is_signed_by(&trusted[0], token))
}

/// Believes whoever signed something.
fn asks_for_a_signature_alone(trusted: &[Trust], token: &str) -> Verdict {
    match verify_jws(token, &trusted[0].keys) {
        Ok(_) => Ok(Identity::new("whoever signed it", IdentityKind::Jwt)),
        Err(_) => ours(trusted, token),
    }
}

/// The same, of signatures that stand in JSON.
fn reads_json(trusted: &[Trust], token: &str) -> Verdict {
    let json: Value = serde_json::from_str(token).unwrap_or_default();
    if !json.is_object() {
        return ours(trusted, token);
    }
    let parts = ["protected", "payload", "signature"].map(|name| json[name].as_str());
    let parts = parts.map(Option::unwrap_or_default);
    asks_for_a_signature_alone(trusted, &parts.join("."))
}

/// Asks nobody what a token is for.
fn knows_no_types(trusted: &[Trust], token: &str) -> Verdict {
    overlook("type", trusted, token, || is_signed_by(&trusted[0], token))
}

/// Takes subjects for users, whosever they are.
fn knows_subjects_alone(trusted: &[Trust], token: &str) -> Verdict {
    ours(trusted, token).map(|known| Identity::new(known.subject(), known.kind()))
}

/// Takes addresses for users (GHSA-c5c4-8r6x-56w3).
fn knows_users_by_mail(trusted: &[Trust], token: &str) -> Verdict {
    let claims = part(token, 1);
    ours(trusted, token).map(|known| match claims["email"].as_str() {
        Some(mail) => Identity::new(mail, known.kind()),
        None => known,
    })
}

/// Tries the keys of all issuers.
fn tries_every_key(trusted: &[Trust], token: &str) -> Verdict {
    let is_signed = || trusted.iter().any(|trust| is_signed_by(trust, token));
    overlook("signature", trusted, token, is_signed)
}

/// Takes issuers that it does not know for the first one.
fn takes_any_issuer(trusted: &[Trust], token: &str) -> Verdict {
    overlook("issuer", trusted, token, || is_signed_by(&trusted[0], token))
}

/// Believes what was encrypted to it.
fn opens_what_is_encrypted(trusted: &[Trust], token: &str) -> Verdict {
    let is_encrypted = token.split('.').count() == 5;
    if is_encrypted { believe(&part(token, 3)) } else { ours(trusted, token) }
}

/// Passes over what it does not know of a header.
fn passes_over_members(trusted: &[Trust], token: &str) -> Verdict {
    let header = part(token, 0);
    let has_some = header["enc"].is_string() || header["zip"].is_string();
    overlook("malformed", trusted, token, || has_some && is_signed_by(&trusted[0], token))
}

#[test]
fn j1_finds_who_believes_the_header_or_needs_no_signature() {
    is_found_out(tokens::j1, believes_none);
    is_found_out(tokens::j1, filters_one_spelling_of_none);
    is_found_out(tokens::j1, needs_no_signature);
}

#[test]
fn j2_finds_who_takes_a_public_key_for_a_secret() {
    is_found_out(tokens::j2_secrets, takes_a_file_for_a_secret);
}

#[test]
fn j2_finds_who_takes_any_algorithm_of_the_kind() {
    is_found_out(tokens::j2_algorithms, takes_any_algorithm_of_the_kind);
}

#[test]
fn j4_finds_who_does_more_with_a_name_than_look_it_up() {
    is_found_out(tokens::j4, opens_files);
    is_found_out(tokens::j4, asks_a_database);
    is_found_out(tokens::j4, knows_names_by_their_start);
    is_found_out(tokens::j4, takes_the_first_key);
    is_found_out(tokens::j4, takes_the_key_it_brings);
}

#[test]
fn j13_finds_who_takes_silence_for_permission() {
    is_found_out(tokens::j13, takes_no_audience_for_any);
    is_found_out(tokens::j13, searches_the_audience);
    is_found_out(tokens::j13, starts_without_an_audience);
}

#[test]
fn j15_finds_who_reads_leniently_or_without_measure() {
    is_found_out(tokens::j15, decodes_leniently);
    is_found_out(tokens::j15, takes_three_parts);
    is_found_out(tokens::j15, takes_the_last_of_two);
    is_found_out(tokens::j15, measures_nothing);
}

#[test]
fn j15_finds_who_takes_any_signature_for_a_login() {
    is_found_out(vectors::j15_cookbook, asks_for_a_signature_alone);
    is_found_out(vectors::j15_cookbook, reads_json);
}

#[test]
fn j16_finds_who_knows_no_types() {
    is_found_out(tokens::j16_types, knows_no_types);
}

#[test]
fn j16_finds_who_mistakes_one_for_another() {
    is_found_out(tokens::j16_identities, knows_subjects_alone);
    is_found_out(tokens::j16_identities, knows_users_by_mail);
    is_found_out(tokens::j16_identities, tries_every_key);
    is_found_out(tokens::j16_identities, takes_any_issuer);
}

#[test]
fn j17_finds_who_opens_what_is_encrypted_or_reads_half_of_a_header() {
    is_found_out(tokens::j17, opens_what_is_encrypted);
    is_found_out(tokens::j17, passes_over_members);
}
