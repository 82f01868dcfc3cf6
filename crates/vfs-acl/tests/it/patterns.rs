//! What patterns match, what they refuse to be, and what they cost.

use globset::GlobBuilder;
use palisade_vfs_acl::{CasePolicy, Pattern};
use proptest::prelude::*;

fn matches(pattern: &str, path: &str) -> bool {
    Pattern::new(pattern).unwrap().matches(path)
}

#[test]
fn wildcards_match_what_the_table_says() {
    for (pattern, path) in [
        ("*.md", "a.md"),
        ("*", "a"),
        ("a*b*c", "a--bb--c"),
        ("?", "ü"),
        ("a/?/c", "a/日/c"),
        ("**", ""),
        ("**", "a/b/c"),
        ("**/*.md", "a.md"),
        ("**/*.md", "a/b/c.md"),
        ("a/**", "a/b"),
        ("a/**", "a/b/c"),
        ("a/**/z", "a/z"),
        ("a/**/z", "a/b/c/z"),
        ("**/b/**/d", "a/b/x/b/c/d"),
        ("[a-c]x", "bx"),
        ("[!a-c]x", "dx"),
        ("[!a]", "ü"),
        ("[ä-ü]", "ö"),
        ("[-a]", "-"),
        ("[*]", "*"),
        ("[{]", "{"),
        ("{a,b}/c", "b/c"),
        ("{a,b/*}.{md,txt}", "b/x.txt"),
        ("a{,.bak}", "a"),
    ] {
        assert!(matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn wildcards_match_no_more() {
    for (pattern, path) in [
        ("*.md", "a/b.md"),
        ("*", ""),
        ("*", "a/b"),
        ("?", ""),
        ("?", "ab"),
        ("a/**", "a"),
        ("a/**", "ab/c"),
        ("a/**/z", "az"),
        ("a?b", "a/b"),
        ("a[!x]b", "a/b"),
        ("a[+-9]b", "a/b"),
        ("[ä]", "ö"),
        ("[a-c]", "B"),
        ("A", "a"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("{a,b}", "ab"),
        ("[*]", "a"),
    ] {
        assert!(!matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn v4_patterns_that_are_bombs_or_no_patterns_are_refused() {
    for pattern in [
        "",
        "***",
        "***************X",
        "a**",
        "**b",
        "**/**",
        "a//b",
        "/a",
        "a/",
        "../a",
        "a/./b",
        "a\\*",
        "[a",
        "a]",
        "[]",
        "[!]",
        "[z-a]",
        "a[/]b",
        "{a",
        "a}",
        "{a,{b,c}}",
        "{[a],b}",
        "{0..9..0}",
        "{1..1000000}",
        "%2e%2e/*",
        "u\u{308}*",
        "a\u{ff0f}*",
    ] {
        assert!(Pattern::new(pattern).is_err(), "{pattern}");
    }
    assert!(Pattern::new(&"a".repeat(256)).is_err(), "a segment is too long");
    assert!(Pattern::new(&"a/".repeat(128)).is_err(), "ends in a separator");
    assert!(Pattern::new(&format!("{}b", "a/".repeat(127))).is_ok());
    assert!(Pattern::new(&format!("{}bbb", "a/".repeat(127))).is_err(), "over 256 bytes");
    assert!(Pattern::new(&"{a,b}".repeat(6)).is_ok());
    assert!(Pattern::new(&"{a,b}".repeat(7)).is_err(), "over 64 alternatives");
    assert!(
        Pattern::new(&format!("{}{}", "{a,b}".repeat(6), "c".repeat(20))).is_err(),
        "over 1024 bytes expanded"
    );
}

#[test]
fn v4_a_pattern_made_to_backtrack_answers() {
    // Exponential or cubic matchers do not come back from these.
    let path = format!("{}/{}", "a".repeat(250), vec!["a"; 380].join("/"));
    let stars = format!("{}b", "a*".repeat(120));
    assert!(!matches(&stars, &"a".repeat(255)));
    assert!(!matches(&format!("{}b", "**/a/".repeat(50)), &path));
    assert!(!matches(&format!("{}*a*a*b", "**/a*a*/".repeat(20)), &path));
}

#[test]
fn a_mistake_in_a_pattern_is_told() {
    let error = Pattern::new("{a,{b}}").unwrap_err().to_string();
    assert_eq!(
        error,
        "`{a,{b}}` is not a valid path pattern: expected no braces and no classes within braces"
    );
}

#[test]
fn v2_a_folded_pattern_matches_in_any_case() {
    let folded =
        |pattern, path| Pattern::with_case(pattern, CasePolicy::Folded).unwrap().matches(path);
    assert!(folded("Secret/*.KEY", "SECRET/a.key"));
    assert!(folded("[a-c]x", "Bx"));
    assert!(folded("[A-C]x", "bX"));
    assert!(!folded("[!a-c]x", "Bx"));
    assert!(!folded("[I]", "ı") && !folded("[S]", "ß"), "letters of their own");
    assert!(folded("ÄRGER/*", "ärger/Ω"));
    // The Kelvin sign and the long s are letters that case folding makes ordinary ones of.
    assert!(folded("k", "K") && folded("task", "taſk"));
    assert!(folded("ΟΔΟΣ", "οδος"));
}

proptest! {
    /// On ASCII without negated classes, where `globset` is about characters too, both say the same.
    #[test]
    fn agrees_with_globset(
        pattern in r"(\*\*/)?([ab*?]|\[ab\]|\{a,b\}|\{a,[*]?b\}){1,4}(/(\*\*|[ab*?]{1,3})){0,3}",
        path in "[abc]{1,3}(/[abc]{1,3}){0,4}",
    ) {
        if let Ok(ours) = Pattern::new(&pattern) {
            let theirs = GlobBuilder::new(&pattern).literal_separator(true).empty_alternates(true).build().unwrap();
            prop_assert_eq!(ours.matches(&path), theirs.compile_matcher().is_match(&path), "{} {}", pattern, path);
        }
    }

    /// Nothing makes the compiler or the matcher fail otherwise than by an error.
    #[test]
    fn never_panics(pattern in r"[ab*?/\[\]{},!\-.ü]{0,20}", path in "\\PC{0,20}") {
        for case in [CasePolicy::Sensitive, CasePolicy::Folded] {
            if let Ok(pattern) = Pattern::with_case(&pattern, case) {
                pattern.matches(&path);
            }
        }
    }

    /// A text without wildcards matches itself alone.
    #[test]
    fn a_literal_matches_itself_alone(one in "[a-cA-C]{1,3}(/[a-c]{1,2}){0,2}", other in "[a-cA-C]{1,3}(/[a-c]{1,2}){0,2}") {
        let pattern = Pattern::new(&one).unwrap();
        prop_assert!(pattern.matches(&one));
        prop_assert_eq!(pattern.matches(&other), one == other);
    }
}
