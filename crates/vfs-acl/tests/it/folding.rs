//! Names that are one name where case does not count: what gives compares narrowly, what takes compares widely.

use std::collections::HashMap;

use palisade_vfs_acl::{
    Acl, Action, Caller, CasePolicy, DefaultAccess, Mount, Pattern, Principal, Rule,
};

use crate::{NOW, path, user};

fn folded() -> Mount {
    Mount::at("docs").case(CasePolicy::Folded)
}

/// Whether a grant under `rule` reaches `at`, and whether a denial does.
fn reach(rule: &str, at: &str) -> (bool, bool) {
    let grant = Rule::grant("docs", Principal::Anyone, Action::Read).under(rule);
    let deny = Rule::deny("docs", Principal::Anyone, Action::Read).under(rule);
    let private = Acl::builder().mount(folded()).rule(grant).build().unwrap();
    let public = folded().default_access(DefaultAccess::ReadForAnyone);
    let public = Acl::builder().mount(public).rule(deny).build().unwrap();
    let at = path(&format!("docs/{at}"));
    let reads = |acl: &Acl| acl.decide(Caller::ANONYMOUS, &at, Action::Read, NOW).is_allowed();
    (reads(&private), !reads(&public))
}

#[test]
fn v2_letters_that_every_store_takes_for_one_are_one_for_all_rules() {
    for (one, other) in [
        ("secret", "SECRET"),
        ("Ärger", "äRGER"),
        ("ΟΔΟΣ", "οδος"),
        ("οδοσ", "οδος"),
        ("task", "taſk"),
        ("µ", "Μ"),
        ("ǆ", "ǅ"),
        ("ß", "ẞ"),
        ("ꭰ", "Ꭰ"),
    ] {
        assert_eq!(reach(one, other), (true, true), "{one} {other}");
        assert_eq!(reach(other, one), (true, true), "{other} {one}");
    }
}

#[test]
fn v2_letters_that_some_stores_take_for_one_are_one_for_denials_alone() {
    for (one, other) in [
        ("strasse", "straße"),
        ("strasse", "STRAẞE"),
        ("ﬁle", "file"),
        ("ﬀ", "FF"),
        ("ı", "I"),
        ("i\u{307}", "İ"),
        ("ŉ", "ʼN"),
        ("☀", "☀\u{fe0f}"),
        ("a", "a\u{fe0f}"),
    ] {
        assert_eq!(reach(one, other), (false, true), "{one} {other}");
        assert_eq!(reach(other, one), (false, true), "{other} {one}");
    }
}

#[test]
fn letters_that_no_store_takes_for_one_are_two() {
    for (one, other) in [("a", "b"), ("é", "e"), ("ø", "o"), ("ä", "ae"), ("І", "I"), ("0", "O")]
    {
        assert_eq!(reach(one, other), (false, false), "{one} {other}");
    }
}

#[test]
fn v2_a_denial_by_a_pattern_holds_in_every_spelling() {
    let denied = |pattern: &str, at: &str| {
        let mount = folded().default_access(DefaultAccess::ReadForAnyone);
        let rule = Rule::deny("docs", Principal::Anyone, Action::Read).matching(pattern);
        // Enough rules that they are looked up and not asked one by one.
        let others = (0..20).map(|n| {
            Rule::deny("docs", Principal::Anyone, Action::Read).under(format!("other {n}"))
        });
        let acl = Acl::builder().mount(mount).rule(rule).rules(others).build().unwrap();
        !acl.decide(Caller::ANONYMOUS, &path(at), Action::Read, NOW).is_allowed()
    };
    assert!(denied("**/*.ﬁx", "docs/A/b.FIX"));
    assert!(denied("**/*.fix", "docs/a/b.ﬁx"));
    assert!(denied("straße/*", "docs/STRASSE/a"));
    assert!(denied("strasse/*", "docs/straße/a"));
    assert!(
        denied("stra?e/*", "docs/straße/a"),
        "a wildcard stands for a character as it is written"
    );
    assert!(denied("**/[ßx]", "docs/a/ẞ"));
    assert!(denied("**/ü[a-c]", "docs/Ü/ÜB"));
    assert!(!denied("**/ü[a-c]", "docs/Ü/ÜD"));
}

#[test]
fn v2_a_mount_inside_is_found_in_every_spelling_that_a_store_takes_for_it() {
    let acl = Acl::builder()
        .mount(folded().default_access(DefaultAccess::ReadForAnyone))
        .mount(Mount::at("docs/straße"))
        .build()
        .unwrap();
    let reads = |at: &str| acl.decide(&user("bob"), &path(at), Action::Read, NOW).is_allowed();
    assert!(!reads("docs/STRASSE/a") && !reads("docs/STRAẞE/a") && !reads("docs/straße"));
    assert!(reads("docs/strase/a"));
    assert!(acl.change().mount(Mount::at("docs/STRASSE")).build().is_err());
}

/// The letters that are one under simple case folding, by lines.
const ALIKE: &str = include_str!("../data/simple_case_folding.txt");

fn classes() -> impl Iterator<Item = Vec<char>> {
    let letter = |code: &str| char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
    let lines = ALIKE.lines().filter(|line| !line.starts_with('#'));
    lines.map(move |line| line.split(' ').map(letter).collect())
}

/// Whether a folded pattern takes a letter for another; nothing, if it is in no pattern because NFC has another form of it.
fn alike(pattern: &str, other: char) -> Option<bool> {
    let pattern = Pattern::with_case(pattern, CasePolicy::Folded).ok()?;
    Some(pattern.matches(&other.to_string()))
}

#[test]
fn simple_folding_is_that_of_unicode() {
    let classes: Vec<Vec<char>> = classes().collect();
    assert!(classes.len() > 1_400);
    for class in &classes {
        for (one, other) in class.iter().flat_map(|one| class.iter().map(move |other| (one, other)))
        {
            assert_ne!(alike(&one.to_string(), *other), Some(false), "{one} {other}");
            assert_ne!(alike(&format!("[{one}]"), *other), Some(false), "[{one}] {other}");
            assert_ne!(alike(&format!("[!{one}]"), *other), Some(true), "[!{one}] {other}");
        }
    }
}

#[test]
fn simple_folding_takes_no_other_letters_for_one() {
    let numbered = classes()
        .zip(0..)
        .flat_map(|(class, number)| class.into_iter().map(move |letter| (letter, number)));
    let class: HashMap<char, usize> = numbered.collect();
    // Whatever the standard library makes of a letter is what could be mixed up with it.
    for letter in ('\u{41}'..='\u{1FFFF}').filter(|letter| letter.is_alphabetic()) {
        let cases = letter.to_uppercase().chain(letter.to_lowercase());
        let near = cases.flat_map(|other| other.to_uppercase().chain(other.to_lowercase()));
        for other in near.filter(|other| *other != letter) {
            let classes = (class.get(&letter), class.get(&other));
            // Letters that Unicode got later are in no class there.
            if classes != (None, None) && classes.0 != classes.1 {
                assert_ne!(alike(&letter.to_string(), other), Some(true), "{letter} {other}");
                assert_ne!(alike(&format!("[{letter}]"), other), Some(true), "[{letter}] {other}");
            }
        }
    }
}
