//! How much work a lookup is, counted in steps.

use std::fmt::Write as _;

use http::Method;

use crate::{documented, registry};

fn steps(registry: &palisade_route_registry::Registry, path: &str) -> usize {
    registry.resolve(&Method::GET, path).steps()
}

#[test]
fn a_literal_route_takes_one_step_and_one_with_parameters_takes_one_per_segment() {
    let registry = documented::registry();
    assert_eq!(steps(&registry, "/feed.xml"), 1);
    assert_eq!(steps(&registry, "/api/admin/bans/unban-ip"), 1);
    assert_eq!(steps(&self::registry(&["/a/b/c/{d}"]), "/a/b/c/7"), 5);
}

#[test]
fn a_long_path_takes_no_more_steps_than_the_patterns_are_deep() {
    let registry = registry(&["/{a}/{b}/{c}/x", "/a/{b}/{c}/x", "/a/a/{c}/x", "/a/a/a/x"]);
    let short = steps(&registry, "/a/a/a/a");
    for repeat in [8, 64, 10_000] {
        assert!(steps(&registry, &"/a".repeat(repeat)) <= short);
    }
}

#[test]
fn choices_at_every_segment_do_not_multiply_with_the_path() {
    // 2^8 patterns, each segment literal or a parameter: the worst that a registry can be asked to go back from.
    let depth = 8;
    let mut patterns = Vec::new();
    for bits in 0..1_u32 << depth {
        let mut pattern = String::new();
        for level in 0..depth {
            if bits >> level & 1 == 0 {
                pattern.push_str("/a");
            } else {
                write!(pattern, "/:p{level}").unwrap();
            }
        }
        patterns.push(pattern + "/end");
    }
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let registry = registry(&patterns);
    let worst = steps(&registry, &format!("{}/no", "/a".repeat(depth)));
    assert!(worst <= registry.most_steps());
    assert!(registry.most_steps() <= patterns.len() * 3, "{}", registry.most_steps());
    assert!(steps(&registry, &format!("{}/no", "/a".repeat(5_000))) <= registry.most_steps());
}

#[test]
fn two_deep_chains_are_walked_once_each() {
    let (literal, params) =
        (format!("{}/x", "/a".repeat(20)), format!("{}/{{p}}/y", "/a".repeat(19)));
    let registry = registry(&[&literal, &params]);
    assert!(steps(&registry, &format!("{}/z", "/a".repeat(20))) <= 24);
}
