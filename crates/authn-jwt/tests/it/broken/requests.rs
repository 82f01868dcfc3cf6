//! Judges of requests.

use std::{cell::RefCell, collections::HashMap};

use http::header::AUTHORIZATION;
use palisade_core::{Access, ManualClock};
use palisade_test_support::{Ask, head_of};

use crate::{
    fixture::verifier,
    threats::{
        Findings,
        requests::{self, Answer, Door, Judge, our_door, ours},
    },
};

fn is_found_out(broken: Judge) {
    assert_ne!(requests::j3(broken), Findings::default());
}

/// Takes the last word of `Authorization`, whatever stands before it, as Hono did (CVE-2026-47673).
fn takes_any_scheme(ask: Ask) -> Answer {
    let head = head_of(ask);
    let rewritten = head.headers.iter().fold(Ask::get("/"), |ask, (name, value)| {
        let text = value.to_str().unwrap();
        match text.rsplit(' ').next() {
            Some(word) if name == AUTHORIZATION => ask.bearer(word),
            _ => ask.header(name.as_str(), text),
        }
    });
    ours(rewritten)
}

/// Takes the first `Authorization`, whatever stands beside it.
fn takes_the_first_credential(ask: Ask) -> Answer {
    match head_of(ask).headers.get(AUTHORIZATION) {
        Some(value) => ours(Ask::get("/").header("authorization", value)),
        None => ours(Ask::get("/")),
    }
}

/// Looks at keys if there is no token.
fn prefers_tokens(ask: Ask) -> Answer {
    let head = head_of(ask);
    let tokens = head.headers.get_all(AUTHORIZATION).into_iter();
    ours(tokens.fold(Ask::get("/"), |ask, value| ask.header("authorization", value)))
}

/// Remembers what became of a token, and not on which route, as Oathkeeper did (CVE-2021-32701).
fn remembers_answers() -> Door {
    let (door, known) = (our_door(), RefCell::new(HashMap::new()));
    Box::new(move |token: &str, access: Access| {
        *known.borrow_mut().entry(token.to_owned()).or_insert_with(|| door(token, access))
    })
}

/// Asks who it is, and not who may.
fn knows_no_roles() -> Door {
    let (verifier, clock) = (verifier(), ManualClock::new());
    Box::new(move |token: &str, _: Access| match verifier.authenticate(token, clock.now()) {
        Ok(_) => 200,
        Err(_) => 401,
    })
}

#[test]
fn j3_finds_who_takes_any_scheme_or_chooses_among_credentials() {
    is_found_out(takes_any_scheme);
    is_found_out(takes_the_first_credential);
    is_found_out(prefers_tokens);
}

#[test]
fn j9_finds_who_remembers_answers_or_knows_no_roles() {
    assert_ne!(requests::j9(remembers_answers), Findings::default());
    assert_ne!(requests::j9(knows_no_roles), Findings::default());
}
