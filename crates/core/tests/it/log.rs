//! The line a refusal leaves in the security log.

use palisade_core::{Enforce, Policies};
use palisade_test_support::{Ask, SecurityLog};

use crate::policies::Refuses;

fn logged(ask: Ask, enforce: Enforce) -> Vec<String> {
    let log = SecurityLog::start();
    drop(ask.policies(Refuses("wall").enforce(enforce)));
    log.lines()
}

#[test]
fn a_refusal_is_one_event_with_code_policy_and_private_reason() {
    let lines = logged(Ask::get("/a?token=secret"), Enforce::Block);
    let [line] = &*lines else { panic!("{lines:?}") };
    for part in [
        "event=\"request.refused\"",
        "code=\"no\"",
        "policy=\"wall\"",
        "status=403",
        "enforced=true",
        "path=\"/a\"",
        "the private reason",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("secret"), "a query never reaches the log: {line}");
}

#[test]
fn a_refusal_that_is_only_reported_says_so() {
    assert!(logged(Ask::get("/"), Enforce::ReportOnly)[0].contains("enforced=false"));
}

#[test]
fn a_request_that_passes_leaves_no_line() {
    let log = SecurityLog::start();
    let none: Option<Refuses> = None;
    drop(Ask::get("/").policies(none));
    assert!(log.lines().is_empty());
}
