//! Laws, on random input.

use std::sync::LazyLock;

use http::Method;
use palisade_route_registry::{Pattern, Registry, check_path};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use crate::found;

static DOCUMENTED: LazyLock<Registry> = LazyLock::new(crate::documented::registry);

/// Segments and paths of few letters, so that they meet.
fn pattern() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        4 => "[ab.]{1,3}".prop_filter("no dots", |text| text != "." && text != ".."),
        2 => Just(":".to_owned()),
        3 => ("[ab.]{0,2}", "[ab.]{0,2}").prop_map(|(prefix, suffix)| format!("{prefix}{{}}{suffix}")),
    ];
    let last = prop_oneof![4 => Just(None), 1 => Just(Some(String::new())), 1 => Just(Some("*".to_owned()))];
    (prop::collection::vec(segment, 1..4), last).prop_map(|(segments, last)| {
        let mut pattern = String::new();
        for (index, segment) in segments.iter().chain(&last).enumerate() {
            let named = segment.replace("{}", &format!("{{p{index}}}"));
            pattern.push('/');
            pattern.push_str(&if segment == ":" { format!(":p{index}") } else { named });
        }
        pattern
    })
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab.]{0,4}", 1..6)
        .prop_map(|segments| format!("/{}", segments.join("/")))
}

/// How one segment of a pattern matches: better ones are greater.
pub(crate) type Rank = (u8, usize, usize);

/// The naive reference: tries one pattern by itself.
pub(crate) fn reference(pattern: &str, path: &str) -> Option<(Vec<Rank>, Vec<String>)> {
    let wanted: Vec<&str> = pattern[1..].split('/').collect();
    let given: Vec<&str> = path[1..].split('/').collect();
    let (mut ranks, mut values) = (Vec::new(), Vec::new());
    for (index, segment) in wanted.iter().enumerate() {
        if *segment == "*" {
            let rest = given.get(index..)?;
            ranks.push((0, 0, 0));
            values.push(rest.join("/"));
            let complete =
                !rest.first()?.is_empty() && values.iter().all(|value| !value.is_empty());
            return complete.then_some((ranks, values));
        }
        let text = *given.get(index)?;
        if segment.starts_with(':') {
            ranks.push((1, 0, 0));
            values.push(text.to_owned());
        } else if let Some((prefix, rest)) = segment.split_once('{') {
            let suffix = rest.split_once('}')?.1;
            let inside = text.strip_prefix(prefix)?.strip_suffix(suffix)?;
            let len = prefix.len() + suffix.len();
            ranks.push(if len == 0 { (1, 0, 0) } else { (2, len, prefix.len()) });
            values.push(inside.to_owned());
        } else if *segment == text {
            ranks.push((3, 0, 0));
        } else {
            return None;
        }
    }
    let complete = wanted.len() == given.len() && values.iter().all(|value| !value.is_empty());
    complete.then_some((ranks, values))
}

/// Keeps the patterns that are one registry together.
fn agreeing(patterns: Vec<String>) -> (Registry, Vec<String>) {
    let mut kept: Vec<String> = Vec::new();
    let mut builder = Registry::builder();
    for pattern in patterns {
        let longer = builder.clone().public(pattern.as_str());
        if longer.lint().is_empty() {
            builder = longer;
            kept.push(pattern);
        }
    }
    (builder.build().unwrap(), kept)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    /// The matcher finds what trying every pattern and ranking the hits from left to right finds.
    #[test]
    fn the_matcher_equals_the_naive_one(
        patterns in prop::collection::vec(pattern(), 1..12),
        paths in prop::collection::vec(path(), 1..16),
    ) {
        let (registry, patterns) = agreeing(patterns);
        for path in &paths {
            let best = patterns
                .iter()
                .filter_map(|pattern| reference(pattern, path).map(|(ranks, values)| (ranks, pattern, values)))
                .max();
            let found = found(&registry, path).map(|(pattern, params)| {
                (pattern, params.into_iter().map(|(_, value)| value).collect::<Vec<_>>())
            });
            prop_assert_eq!(found, best.map(|(_, pattern, values)| (pattern.clone(), values)), "{}", path);
            prop_assert!(registry.resolve(&Method::GET, path).steps() <= registry.most_steps());
        }
    }

    /// Reading a pattern never panics, and what was read is shown as it was written.
    #[test]
    fn any_text_is_a_pattern_or_an_error(text in "(/|[a-c:{}*.%;é/]){0,12}") {
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert_eq!(pattern.as_str(), &text);
            let template = Pattern::parse(&pattern.template());
            prop_assert!(template.is_ok());
        }
    }

    /// Checking and looking up never panic.
    #[test]
    fn any_text_is_a_path_or_an_error(text in any::<String>()) {
        let checked = check_path(&text);
        let slashed = format!("/{text}");
        let _ = (checked, check_path(&slashed));
        let _found = DOCUMENTED.resolve(&Method::GET, &text);
        DOCUMENTED.resolve(&Method::GET, &slashed).params();
    }

    /// Decoding a path that passes, once or twice, changes neither its segments nor what they are.
    #[test]
    fn a_path_that_passes_means_the_same_decoded(
        text in "(/|[a.;?#%\\\\ ]|%2[ef5F]|%5[cC]|%3[bBfF]|%25|%00|%41|%c3%a9|%c0|%7[eEfF]|é){0,8}",
    ) {
        let path = format!("/{text}");
        if check_path(&path).is_ok() {
            let once = percent_decode_str(&path).decode_utf8().unwrap();
            let twice = percent_decode_str(&once).decode_utf8().unwrap();
            prop_assert_eq!(&once, &twice);
            let is_separator = |c: char| matches!(c, '/' | '\\' | ';' | '?' | '#') || c.is_control();
            prop_assert_eq!(
                path.matches(is_separator).collect::<Vec<_>>(),
                once.matches(is_separator).collect::<Vec<_>>()
            );
            prop_assert!(once.matches(is_separator).all(|separator| separator == "/"));
            prop_assert!(once[1..].split('/').all(|segment| segment != "." && segment != ".."));
            prop_assert!(!once.contains("//"));
        }
    }
}
