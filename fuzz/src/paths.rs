//! Paths: what passes can be read in one way alone.

use std::sync::LazyLock;

use http::{Method, Request};
use palisade_core::{Access, ManualClock, Policy, RouteTag, SecurityContext, Verdict};
use palisade_route_registry::{Registry, RoutePolicy, check_path};

static ROUTES: LazyLock<Registry> = LazyLock::new(|| {
    let routes = Registry::builder()
        .public("/")
        .public("/:page")
        .public("/@me")
        .admin("/@desk")
        .public("/a+b")
        .authenticated("/api/posts/:id")
        .public("/api/posts/:id.xhtml")
        .public("/img-{id}.png")
        .protected("/a/{b}/c")
        .authenticated("/a/b/")
        .admin("/admin/{*rest}")
        .tag_prefix("/api/", RouteTag::API);
    routes.build().expect("routes")
});

/// Takes the input for a path, as it is and behind a `/`.
pub fn paths(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    path(&text);
    path(&format!("/{text}"));
}

fn path(path: &str) {
    let answer = answer(path);
    let checked = check_path(path);
    assert_eq!(checked, check_path(path), "{path:?} is judged in two ways");
    assert_eq!(checked.is_ok(), is_unambiguous(path), "{path:?} is {checked:?}");
    if let Some(access) = gate(path, &answer) {
        readings(path, access);
    }
}

/// What the registry says of a path: the route, who may ask it, and the parameters.
type Answer = (String, Access, Vec<(String, String)>);

fn answer(path: &str) -> Answer {
    let found = ROUTES.resolve(&Method::GET, path);
    assert!(found.steps() <= ROUTES.most_steps(), "{path:?} takes {} steps", found.steps());
    let params = found.params();
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (found.route().id().to_owned(), found.access(), params)
}

/// The gate passes a path exactly if it is unambiguous and a router that decodes it first finds the same pattern. What it
/// passes is of the class that the registry says; what it does not is of no route, and open to nobody.
fn gate(path: &str, answer: &Answer) -> Option<Access> {
    // Stricter in places than a path has to be.
    let mut head = Request::builder().uri(path).body(()).ok()?.into_parts().0;
    if head.uri.path() != path {
        return None;
    }
    let context = SecurityContext::new(ManualClock::new().now());
    let verdict = RoutePolicy::new(ROUTES.clone()).check(&mut head, &context);
    let passes = matches!(verdict, Verdict::Pass);
    let pattern = |path: &str| {
        let found = ROUTES.resolve(&Method::GET, path);
        found.declared().map(|declared| declared.pattern().as_str().to_owned())
    };
    let is_same = || pattern(path) == pattern(&text(decoded(path)));
    assert_eq!(passes, is_unambiguous(path) && is_same(), "{path:?}");
    let route = context.route().expect("a route, whatever the verdict");
    if passes {
        assert_eq!((route.id(), route.access()), (&*answer.0, answer.1), "{path:?}");
        return Some(route.access());
    }
    assert_eq!(route.id(), Registry::UNMATCHED, "{path:?}");
    assert!(route.access() >= Access::Protected, "{path:?}");
    None
}

/// What a router or a proxy may make of a path before it looks it up.
const READINGS: [fn(&str) -> String; 7] = [
    |path| String::from_utf8_lossy(&decoded(path)).into_owned(),
    |path| path.replace('\\', "/"),
    |path| path.split(['?', '#', '\0']).next().unwrap_or_default().to_owned(),
    |path| {
        let cut = |segment: &str| segment.split(';').next().unwrap_or_default().to_owned();
        path.split('/').map(cut).collect::<Vec<_>>().join("/")
    },
    without_dots,
    |path| path.to_uppercase().to_lowercase(),
    |path| path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path).to_owned(),
];

/// Whatever is made of a path that passed, one thing after another, it is for no stricter route than it passed for.
fn readings(path: &str, access: Access) {
    for first in READINGS {
        let once = first(path);
        for second in READINGS {
            let twice = second(&once);
            let found = ROUTES.resolve(&Method::GET, &twice).access();
            assert!(
                found <= access,
                "{path:?} is more open than {twice:?}, for which it may be taken"
            );
        }
    }
    let all = READINGS.into_iter().fold(path.to_owned(), |path, read| read(&path));
    let found = ROUTES.resolve(&Method::GET, &all).access();
    assert!(found <= access, "{path:?} is more open than {all:?}, for which it may be taken");
}

/// Takes out empty segments and `.`, and `..` with what is in front of it.
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let slash = if path.len() > 1 && path.ends_with('/') && !kept.is_empty() { "/" } else { "" };
    format!("/{}{slash}", kept.join("/"))
}

/// The rules of strict paths, said once more.
fn is_unambiguous(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let mut backwards = rest.split('/').rev();
    let last = backwards.next().unwrap_or_default();
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    if is_dots(last) || backwards.any(|segment| segment.is_empty() || is_dots(segment)) {
        return false;
    }
    let means_more = |byte: u8| matches!(byte, b'\\' | b';' | b'?' | b'#');
    if path.bytes().any(|byte| !byte.is_ascii_graphic() || means_more(byte)) {
        return false;
    }
    let Some(escaped) = escapes(path) else { return false };
    let is_refused = |byte: u8| {
        byte == b'/' || byte.is_ascii_control() || is_unreserved(byte) || means_more(byte)
    };
    if escaped.into_iter().any(is_refused) {
        return false;
    }
    let once = decoded(path);
    let Ok(once) = String::from_utf8(once) else { return false };
    !once.chars().any(char::is_control) && decoded(&once) == once.as_bytes()
}

/// RFC 3986 section 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// The bytes that are escaped, or nothing if a `%` escapes none.
fn escapes(path: &str) -> Option<Vec<u8>> {
    path.split('%').skip(1).map(|behind| escaped(behind.as_bytes())).collect()
}

/// Takes escapes for the bytes they stand for, and leaves everything else.
fn decoded(path: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let escaped = escaped(behind).filter(|_| *first == b'%');
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    bytes
}

/// The byte that two hexadecimal digits at the start of `text` stand for.
fn escaped(text: &[u8]) -> Option<u8> {
    let digits = text.get(..2)?;
    let digits = digits.iter().all(u8::is_ascii_hexdigit).then_some(digits)?;
    u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("a path that passes is UTF-8, escaped and not")
}
