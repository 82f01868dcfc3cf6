//! The table that people read.

use palisade_secure_headers::audit::RuleSet;

use super::answer;

#[test]
fn a_failure_says_what_was_found_and_what_to_do() {
    let headers = [("content-type", "text/html"), ("x-frame-options", "ALLOWALL")];
    let text = RuleSet::observatory().audit(&answer(&headers)).to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "MDN HTTP Observatory 1.4.8 (2026-09-16): D, 30 points");
    let at = lines.iter().position(|line| line.contains("x-frame-options")).unwrap();
    assert_eq!(lines[at], "  FAIL  x-frame-options                  -20  ALLOWALL");
    assert_eq!(lines[at + 1].trim(), "-> say frame-ancestors in the Content-Security-Policy");
    assert!(lines.contains(&"  pass  cookies                               no cookies"), "{text}");
}

#[test]
fn what_was_found_begins_in_one_column() {
    let text =
        RuleSet::asvs().audit(&answer(&[("content-type", "text/html; charset=utf-8")])).to_string();
    let column = |found: &str| text.lines().find_map(|line| line.find(found)).unwrap();
    assert_eq!(column("text/html"), column("no cookies"), "{text}");
    assert_eq!(column("  L1  "), column("  L3  "), "{text}");
}
