//! Judges that are broken as others were: the rows of `threats.rs` find each out, so they are worth keeping.

use http::{HeaderValue, header::AUTHORIZATION, request};
use palisade_authn_api_key::KeyFault;
use palisade_core::{
    Code, Identity, IdentityKind, Rejection, RejectionKind, SecurityContext, TokenDigest, Verdict,
    ViolationKind,
};

use crate::{
    CHECKSUM,
    desk::{Desk, Judge},
    live,
    threats::{self, Row, Verify, our_verify, ours},
};

const INVALID: Code = Code::new("invalid-api-key", "The API key is not valid");
const DISABLED: Code = Code::new("disabled-api-key", "The API key is disabled");

fn is_found_out(row: Row, broken: Judge) {
    assert_ne!(row(broken), Vec::<String>::new());
}

fn is_work_found_out(broken: Verify) {
    assert_ne!(threats::w4_w5_work(broken), Vec::<String>::new());
}

/// The key of a request.
fn key(head: &request::Parts) -> String {
    let value = head.headers.get("x-api-key").and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

fn put_key(head: &mut request::Parts, text: &str) {
    head.headers.insert("x-api-key", HeaderValue::from_str(text).unwrap());
}

/// Lets `owner` in, if there is one.
fn admit(owner: Option<String>, context: &SecurityContext) -> Verdict {
    let Some(owner) = owner else { return refusal().into() };
    context.learn_identity(Identity::new(owner, IdentityKind::ApiKey));
    Verdict::Pass
}

fn refusal() -> Rejection {
    Rejection::new(RejectionKind::Unauthenticated, INVALID)
}

/// What our judge finds wrong with the key of a request.
fn fault(desk: &Desk, head: &request::Parts) -> Option<KeyFault> {
    desk.bench.keys.verify(&key(head), desk.bench.clock.now()).err()
}

/// The key is its id.
fn compares_the_id(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let id = live().read(&key(head)).ok();
    let known = desk.bench.keys.list().into_iter().find(|known| Some(known.id) == id);
    admit(known.map(|known| known.owner), context)
}

/// Compares as much as was presented.
fn compares_a_prefix(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    let body = &text[..text.len() - CHECKSUM];
    let texts = desk.texts.borrow();
    let known = texts.iter().find(|(_, known)| known.starts_with(body));
    admit(known.map(|(owner, _)| (*owner).to_owned()), context)
}

/// Compares no more than the half of it.
fn compares_the_half(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    let texts = desk.texts.borrow();
    let known = texts.iter().find(|(_, known)| known.get(..40) == text.get(..40));
    admit(known.map(|(owner, _)| (*owner).to_owned()), context)
}

/// Takes the digest for the name of a key.
fn looks_up_the_digest(
    desk: &Desk,
    head: &mut request::Parts,
    context: &SecurityContext,
) -> Verdict {
    let digest = format!("sha256:{}", TokenDigest::of(&key(head)));
    let text = std::fs::read(&desk.path).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let mut keys = file["keys"].as_array().unwrap().iter();
    let known = keys.find(|known| known["secrets"]["current"] == digest);
    let owner = known.and_then(|known| known["key"]["owner"].as_str());
    admit(owner.map(str::to_owned), context)
}

/// Computes no digest where there is no such key.
fn answers_early_to_the_unknown(
    desk: &Desk,
    text: &str,
    digest: &mut dyn FnMut() -> TokenDigest,
) -> bool {
    let Ok(id) = live().read(text) else { return false };
    desk.bench.keys.list().iter().any(|known| known.id == id) && our_verify(desk, text, digest)
}

/// Nor where the key is disabled.
fn answers_early_to_the_disabled(
    desk: &Desk,
    text: &str,
    digest: &mut dyn FnMut() -> TokenDigest,
) -> bool {
    let id = live().read(text).ok();
    let mut disabled = desk.bench.keys.list().into_iter().filter(|key| key.disabled.is_some());
    !disabled.any(|key| Some(key.id) == id) && our_verify(desk, text, digest)
}

/// Computes one for each of its keys, as one with a salt for each must.
fn tries_every_key(desk: &Desk, text: &str, digest: &mut dyn FnMut() -> TokenDigest) -> bool {
    for _key in desk.bench.keys.list() {
        digest();
    }
    our_verify(desk, text, digest)
}

/// Says of a key that it is disabled.
fn tells_the_disabled(
    desk: &Desk,
    head: &mut request::Parts,
    context: &SecurityContext,
) -> Verdict {
    match fault(desk, head) {
        Some(KeyFault::Disabled(_)) => Rejection::new(RejectionKind::Forbidden, DISABLED).into(),
        _ => ours(desk, head, context),
    }
}

/// Says of a key that there is none.
fn tells_the_unknown(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let is_unknown = matches!(fault(desk, head), Some(KeyFault::Unknown(_)));
    match ours(desk, head, context) {
        Verdict::Refuse(rejection) if is_unknown => rejection.detail("No such key").into(),
        verdict => verdict,
    }
}

/// Bans those who guess secrets, not those who guess ids: who is banned knows that there is such a key.
fn counts_the_known(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    match fault(desk, head) {
        Some(KeyFault::WrongSecret(_)) => refusal().violation(ViolationKind::AuthFailure).into(),
        Some(_) => refusal().into(),
        None => ours(desk, head, context),
    }
}

/// Writes into the log what was presented.
fn logs_the_key(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    match ours(desk, head, context) {
        Verdict::Refuse(rejection) => rejection.reason(format!("{text} is not valid")).into(),
        verdict => verdict,
    }
}

/// Says which key it was by its last four digits.
fn hints_at_the_key(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    let secret = &text[..text.len() - CHECKSUM];
    let hint = format!("The key that ends in {}", &secret[secret.len() - 4..]);
    match ours(desk, head, context) {
        Verdict::Refuse(rejection) => rejection.detail(hint).into(),
        verdict => verdict,
    }
}

/// Leaves the header as it is, for whoever prints headers.
fn shows_the_header(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    ours(desk, &mut head.clone(), context)
}

/// Hides the first of two keys.
fn hides_one_header(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let verdict = ours(desk, &mut head.clone(), context);
    if let Some(first) = head.headers.get_mut("x-api-key") {
        first.set_sensitive(true);
    }
    verdict
}

/// Takes the key from the query, if there is none in a header.
fn reads_the_query(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let query = head.uri.query().and_then(|query| query.split_once('='));
    if let Some(text) = query.map(|(_, text)| text.to_owned()) {
        put_key(head, &text);
        // It stands once more where ours looks for tokens.
        head.uri = "/".parse().unwrap();
    }
    ours(desk, head, context)
}

/// Takes the key from `Authorization`, of any scheme.
fn reads_authorization(
    desk: &Desk,
    head: &mut request::Parts,
    context: &SecurityContext,
) -> Verdict {
    if let Some(value) = head.headers.remove(AUTHORIZATION) {
        let text = value.to_str().unwrap().rsplit(' ').next().unwrap_or_default();
        put_key(head, text);
    }
    ours(desk, head, context)
}

/// Takes the first key of a list.
fn splits_the_value(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    put_key(head, text.split([',', ';']).next().unwrap_or_default());
    ours(desk, head, context)
}

/// Takes the first of two credentials.
fn takes_the_first(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    put_key(head, &text);
    head.headers.remove(AUTHORIZATION);
    ours(desk, head, context)
}

/// Takes the last of two keys.
fn takes_the_last(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let last = head.headers.get_all("x-api-key").iter().next_back().cloned();
    if let Some(last) = last {
        head.headers.insert("x-api-key", last);
    }
    ours(desk, head, context)
}

/// Remembers who was let in by what.
fn remembers(desk: &Desk, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
    let text = key(head);
    let known = desk.remembered.borrow().get(&text).cloned();
    if let Some(known) = known {
        context.learn_identity(known);
        return Verdict::Pass;
    }
    let verdict = ours(desk, head, context);
    if let Some(who) = context.identity() {
        desk.remembered.borrow_mut().insert(text, who.clone());
    }
    verdict
}

#[test]
fn w4_finds_who_compares_a_part_or_takes_a_digest_for_a_name() {
    is_found_out(threats::w4, compares_the_id);
    is_found_out(threats::w4, compares_a_prefix);
    is_found_out(threats::w4, compares_the_half);
    is_found_out(threats::w4, looks_up_the_digest);
}

#[test]
fn w4_w5_finds_who_does_other_work_for_other_keys() {
    is_work_found_out(answers_early_to_the_unknown);
    is_work_found_out(answers_early_to_the_disabled);
    is_work_found_out(tries_every_key);
}

#[test]
fn w5_finds_who_tells_keys_apart() {
    is_found_out(threats::w5_looks, tells_the_disabled);
    is_found_out(threats::w5_looks, tells_the_unknown);
    is_found_out(threats::w5_looks, counts_the_known);
}

#[test]
fn w5_finds_who_prints_a_key_or_a_part_of_it() {
    is_found_out(threats::w5_prints, logs_the_key);
    is_found_out(threats::w5_prints, hints_at_the_key);
    is_found_out(threats::w5_prints, shows_the_header);
    is_found_out(threats::w5_prints, hides_one_header);
}

#[test]
fn w5_finds_who_reads_the_query() {
    is_found_out(threats::w5_query, reads_the_query);
}

#[test]
fn j3_finds_who_reads_other_places() {
    is_found_out(threats::j3_places, reads_authorization);
    is_found_out(threats::j3_places, splits_the_value);
}

#[test]
fn j3_finds_who_chooses_among_credentials() {
    is_found_out(threats::j3_two, takes_the_first);
    is_found_out(threats::j3_two, takes_the_last);
}

#[test]
fn j14_finds_who_remembers() {
    is_found_out(threats::j14, remembers);
}
