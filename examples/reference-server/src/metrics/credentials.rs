//! Tokens, keys that they are checked with, API keys, and who may have them.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const LOOKUPS: Family<1> = Family::counter(
    "palisade_token_lookups_total",
    "Tokens that were brought, by whether the verdict on them was remembered (hit) or had to be found (miss).",
    ["result"],
);
const REMEMBERED: Family<1> =
    Family::gauge("palisade_tokens_remembered", "Tokens whose verdict is remembered.", ["verdict"]);
const COMPUTED: Family<0> = Family::counter(
    "palisade_token_signatures_total",
    "Signatures of tokens that were computed.",
    [],
);
const KEYS: Family<1> = Family::gauge(
    "palisade_issuer_keys",
    "Keys in force of an issuer whose keys are fetched; `any` has no name.",
    ["issuer"],
);
const KEYS_CURRENT: Family<1> = Family::gauge(
    "palisade_issuer_keys_current",
    "1 while the last fetch of these keys was good.",
    ["issuer"],
);
const KEYS_FETCHES: Family<1> = Family::counter(
    "palisade_issuer_keys_fetches_total",
    "Fetches of these keys that began.",
    ["issuer"],
);
const KEYS_LOADED: Family<1> = Family::gauge(
    "palisade_issuer_keys_loaded_timestamp_seconds",
    "When these keys were last fetched.",
    ["issuer"],
);
const API_KEYS: Family<0> =
    Family::gauge("palisade_api_keys", "API keys, disabled ones included.", []);
const API_KEYS_CURRENT: Family<0> = Family::gauge(
    "palisade_api_keys_current",
    "1 while every API key of the database could be read: one that could not be is refused.",
    [],
);
const USERS: Family<0> = Family::gauge("palisade_users", "Users that this server knows.", []);
const REVOKED: Family<0> = Family::gauge(
    "palisade_revocation_users",
    "Users from whom tokens were taken back, or whose roles changed, and that it matters for still.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let verifier = &shared.verifier;
    let (sought, found) = verifier.recalled();
    page.family(&LOOKUPS).add(["hit"], found).add(["miss"], sought.saturating_sub(found));
    page.family(&REMEMBERED)
        .add(["good"], verifier.remembered())
        .add(["bad"], verifier.remembered_refusals());
    page.family(&COMPUTED).add([], verifier.computed_signatures());
    issuers(shared, page);
    let api_keys = &shared.api_keys;
    page.family(&API_KEYS).add([], api_keys.keys().list().len());
    page.family(&API_KEYS_CURRENT).add([], api_keys.is_current());
    page.family(&USERS).add([], shared.directory.count());
    page.family(&REVOKED).add([], shared.revocations.users());
}

/// The issuers are those of the settings: as many as were named.
fn issuers(shared: &Shared, page: &mut Exposition) {
    let all = shared.verifier.remote_keys();
    let name = |issuer: &Option<Box<str>>| issuer.as_deref().unwrap_or("any").to_owned();
    let mut keys = page.family(&KEYS);
    for status in &all {
        keys.add([&name(&status.issuer)], status.keys);
    }
    let mut current = page.family(&KEYS_CURRENT);
    for status in &all {
        current.add([&name(&status.issuer)], status.is_current());
    }
    let mut fetches = page.family(&KEYS_FETCHES);
    for status in &all {
        fetches.add([&name(&status.issuer)], status.fetches);
    }
    let mut loaded = page.family(&KEYS_LOADED);
    for (status, time) in all.iter().filter_map(|status| Some((status, status.loaded?))) {
        loaded.add([&name(&status.issuer)], time);
    }
}
