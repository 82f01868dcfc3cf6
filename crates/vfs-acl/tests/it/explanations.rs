//! Explanations are read by people who want to change something.

use palisade_vfs_acl::{Acl, Action, Actions, Caller, Change, Miss, Mount, Principal, Rule};

use crate::{NOW, docs, later, path, user};

fn alice() -> Principal {
    Principal::user("alice")
}

#[test]
fn a_grant_that_ended_is_to_be_renewed() {
    let acl =
        docs([Rule::grant("docs", alice(), Action::Read).until(later(1)).named("contract 17")]);
    let identity = user("alice");
    let explanation = acl.explain(&identity, &path("docs/a"), Action::Read, later(5));
    assert_eq!(
        explanation.to_string(),
        "user `alice`: read `docs/a`\n\
         refused: nothing granted on `docs`\n\
         does not apply, ended: grant of read to user `alice` on `docs` (contract 17)\n\
         to change it: renew the grant of read to user `alice` on `docs` (contract 17)\n"
    );
}

#[test]
fn everything_against_is_to_be_lifted_and_the_missing_grant_named() {
    let acl = docs([
        Rule::deny("docs", Principal::Anyone, Action::Write).under("archive"),
        Rule::revoke("docs", alice()),
        Rule::grant("docs", alice(), Action::Read),
    ]);
    let identity = user("alice");
    let explanation = acl.explain(&identity, &path("docs/archive/a"), Action::Write, NOW);
    assert_eq!(
        explanation.to_string(),
        "user `alice`: write `docs/archive/a`\n\
         refused: denial of write for anyone on `docs` under `archive`\n\
         also applies: revocation for user `alice` on `docs`\n\
         does not apply, other actions: grant of read to user `alice` on `docs`\n\
         to change it: take away the denial of write for anyone on `docs` under `archive`\n\
         and: take away the revocation for user `alice` on `docs`\n\
         and: grant it on `docs`\n"
    );
    assert!(matches!(explanation.missed(), [(_, Miss::OtherAction)]));
    assert!(matches!(explanation.changes(), [Change::Lift(_), Change::Lift(_), Change::Grant(_)]));
}

#[test]
fn an_owner_is_told_as_one() {
    let acl = Acl::builder().mount(Mount::at("docs").owner(alice())).build().unwrap();
    let identity = user("alice");
    assert_eq!(
        acl.explain(&identity, &path("docs/a"), Action::Share, NOW).to_string(),
        "user `alice`: share `docs/a`\nallowed: owns `docs`\nto change it: revoke on `docs`\n"
    );
}

#[test]
fn what_lies_in_no_mount_is_told() {
    assert_eq!(
        docs([])
            .explain(Caller::ANONYMOUS.acting_for("acme"), &path("x"), Action::Read, NOW)
            .to_string(),
        "somebody without an identity of organisation `acme`: read `x`\n\
         refused: in no mount\n\
         to change it: make a mount there and grant it\n"
    );
}

#[test]
fn a_name_cannot_forge_a_line() {
    let evil = "x\nallowed: owns `docs`";
    let acl = docs([Rule::grant("docs", Principal::user(evil), Actions::ALL).named(evil)]);
    let identity = user(evil);
    let text = acl.explain(&identity, &path("docs/a"), Action::Read, NOW).to_string();
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn a_long_explanation_is_cut() {
    let rules = (0..50)
        .map(|number| Rule::grant("docs", alice(), Action::Write).under(format!("f{number}")));
    let acl = docs(rules);
    let identity = user("alice");
    let text = acl.explain(&identity, &path("docs/a"), Action::Write, NOW).to_string();
    assert!(text.contains("and 40 more rules about this caller"), "{text}");
}
