//! Patterns of routes: what builds matches the paths made from it, and of several the most specific one.

use http::Method;
use palisade_route_registry::{Pattern, Registry, check_path};

/// What stands for a parameter, and what a handler gets for it.
const VALUES: [(&str, &str); 3] = [("x", "x"), ("a.b~c", "a.b~c"), ("caf%C3%A9", "café")];

/// More lines are left out.
const MOST_LINES: usize = 12;

/// How a segment of a pattern matches: what is more specific is greater.
type Rank = (u8, usize, usize);

/// Takes the input for a pattern, and its lines for the patterns of one registry.
pub fn patterns(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    alone(&text);
    together(&text);
}

fn alone(text: &str) {
    let parsed = Pattern::parse(text);
    let built = Registry::builder().public(text).build();
    assert_eq!(parsed.is_ok(), built.is_ok(), "{text:?}: a pattern alone is a registry");
    let (Ok(pattern), Ok(registry)) = (parsed, built) else { return };
    assert_eq!(pattern.as_str(), text);
    let template = pattern.template();
    assert!(Pattern::parse(&template).is_ok(), "{text:?}: {template:?} is no pattern");
    let names: Vec<&str> = pattern.names().collect();
    for (value, decoded) in VALUES {
        matches(text, &registry, &filled(&template, value), &names, decoded);
    }
}

/// Of the patterns that a registry has, it finds the one that is the most specific from left to right, and no other.
fn together(text: &str) {
    let (mut builder, mut kept) = (Registry::builder(), Vec::new());
    for line in text.lines().take(MOST_LINES) {
        let longer = builder.clone().public(line);
        if let (Ok(pattern), true) = (Pattern::parse(line), longer.lint().is_empty()) {
            builder = longer;
            kept.push(pattern);
        }
    }
    let registry = builder.build().expect("what has no mistakes");
    for (value, _) in VALUES {
        for pattern in &kept {
            let path = filled(&pattern.template(), value);
            let best = kept.iter().filter_map(|pattern| Some((rank(pattern, &path)?, pattern)));
            let best = best.max_by(|(one, _), (other, _)| one.cmp(other));
            let found = registry.resolve(&Method::GET, &path);
            let found = found.declared().map(|declared| declared.pattern());
            assert!(found.is_some(), "{pattern} does not match {path:?}");
            assert_eq!(found, best.map(|(_, pattern)| pattern), "{path:?} of {text:?}");
        }
    }
}

/// How a pattern matches a path that is not empty, tried by itself.
fn rank(pattern: &Pattern, path: &str) -> Option<Vec<Rank>> {
    let (template, mut ranks) = (pattern.template(), Vec::new());
    let mut given = path.split('/');
    for (written, segment) in pattern.as_str().split('/').zip(template.split('/')) {
        let text = given.next()?;
        if written.starts_with('*') || written.starts_with("{*") {
            ranks.push((0, 0, 0));
            return (!text.is_empty()).then_some(ranks);
        }
        let Some((prefix, rest)) = segment.split_once('{') else {
            ranks.push((3, 0, 0));
            if segment == text { continue } else { return None }
        };
        let (_, suffix) = rest.split_once('}')?;
        let inside = text.strip_prefix(prefix)?.strip_suffix(suffix)?;
        if inside.is_empty() {
            return None;
        }
        let length = prefix.len() + suffix.len();
        ranks.push((if length > 0 { 2 } else { 1 }, length, prefix.len()));
    }
    given.next().is_none().then_some(ranks)
}

/// The path passes, is matched by the pattern, and gives each parameter its value. One segment more is matched by a
/// catch-all alone.
fn matches(text: &str, registry: &Registry, path: &str, names: &[&str], value: &str) {
    assert_eq!(check_path(path), Ok(()), "{text:?} can match only {path:?}");
    let found = registry.resolve(&Method::GET, path);
    let pattern = found.declared().map(|declared| declared.pattern().as_str());
    assert_eq!(pattern, Some(text), "{path:?}");
    let params = found.params();
    let given: Vec<(&str, &str)> = params.iter().collect();
    let wanted: Vec<(&str, &str)> = names.iter().map(|name| (*name, value)).collect();
    assert_eq!(given, wanted, "{text:?} on {path:?}");

    let longer = format!("{path}/y");
    let longer = registry.resolve(&Method::GET, &longer);
    let last = text.rsplit('/').next().unwrap_or_default();
    let is_catch_all = last.starts_with('*') || last.starts_with("{*");
    assert_eq!(longer.declared().is_some(), is_catch_all, "{text:?} on {path:?} and /y");
    for found in [found, longer] {
        assert!(found.steps() <= registry.most_steps(), "{text:?} on {path:?}");
    }
}

/// The template with `value` for every parameter.
fn filled(template: &str, value: &str) -> String {
    let (mut path, mut rest) = (String::new(), template);
    while let Some((before, behind)) = rest.split_once('{') {
        path.push_str(before);
        path.push_str(value);
        rest = behind.split_once('}').map_or("", |(_, behind)| behind);
    }
    path + rest
}
