//! Shadow mode: what would have been refused.

use palisade_core::{Enforce, GateLayer, Outcome, Policies, Rejection};
use palisade_test_support::Ask;

use crate::policies::{Diary, Passes, Refuses};

#[test]
fn a_gate_that_only_reports_lets_the_request_go_on_and_says_so() {
    let context = palisade_test_support::context();
    let layer = GateLayer::new(Refuses("wall").then(Passes("b", Diary::default())))
        .enforce(Enforce::ReportOnly);
    let answer = Ask::get("/").context(&context).through(&layer);
    assert_eq!(answer.status(), 200);
    assert_eq!(context.trail().to_string(), "wall?no b");
    assert!(
        answer.extensions().get::<Rejection>().is_none(),
        "nobody may count what was not refused"
    );
}

#[test]
fn one_policy_of_a_chain_can_be_watched_while_the_others_block() {
    let context = palisade_test_support::context();
    let policies = Refuses("new").enforce(Enforce::ReportOnly).then(Refuses("old"));
    let answer = Ask::get("/").context(&context).policies(policies);
    assert_eq!(answer.status(), 403);
    assert_eq!(context.trail().to_string(), "new?no old!no");
}

#[test]
fn what_only_reports_outside_only_reports_inside() {
    let policies = Refuses("wall").enforce(Enforce::Block).enforce(Enforce::ReportOnly);
    assert_eq!(Ask::get("/").policies(policies).status(), 200);
}

#[test]
fn of_policies_with_one_name_each_is_told_by_itself() {
    let passes = || Passes("wall", Diary::default());
    let context = palisade_test_support::context();
    Ask::get("/").context(&context).policies(passes().then(Refuses("wall")));
    assert_eq!(context.trail().to_string(), "wall wall!no");
    let context = palisade_test_support::context();
    let watched = Refuses("wall").enforce(Enforce::ReportOnly);
    Ask::get("/").context(&context).policies(passes().then(watched).then(passes()));
    assert_eq!(context.trail().to_string(), "wall wall?no wall");
}

#[test]
fn who_counts_is_told_each_refusal_and_no_pass() {
    let context = palisade_test_support::context();
    let policies = Passes("first", Diary::default())
        .then(Refuses("new").enforce(Enforce::ReportOnly))
        .then(Refuses("old"));
    Ask::get("/").context(&context).policies(policies);
    context.note("first", "a rule");
    let mut told = Vec::new();
    // He may ask the context meanwhile.
    context.each_refusal(|decision| told.push((decision, context.trail().decisions().len())));
    let told: Vec<_> =
        told.into_iter().map(|(decision, _)| (decision.policy, decision.outcome)).collect();
    let refused = Outcome::Refused(crate::policies::NO);
    assert_eq!(told, [("new", Outcome::WouldRefuse(crate::policies::NO)), ("old", refused)]);
}
