//! Routes that axum knows too, by chance, and targets made from them.

use axum::{
    Router,
    handler::Handler,
    routing::{self, MethodRouter, get},
};
use http::Method;
use palisade_core::Access;
use palisade_route_registry::Declare;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

/// Segments of few letters, so that they meet; `{}` is a parameter, which is named after its place.
const SEGMENTS: &[&str] =
    &["a", "b", "ab", "A", "@", "a.b", "+a", "{}", "{}", "{}", "a{}", "ab{}", "@{}"];

/// What stands for a parameter.
const VALUES: &[&str] =
    &["a", "b", "ab", "A", "7", "@", "%40", "%40a", "%2Ba", "%C3%A9", "a.b", "%25", "a/b", "b/"];

/// What is done to a path by who looks for a way around.
const TWISTS: &[Twist] = &[
    Twist::Cut,
    Twist::Escape,
    Twist::Fold,
    Twist::Slash,
    Twist::Insert("/"),
    Twist::Insert("a"),
    Twist::Insert("."),
    Twist::Insert("/../"),
    Twist::Insert("/./"),
    Twist::Insert("%2e%2e/"),
    Twist::Insert("%2F"),
    Twist::Insert("%5c"),
    Twist::Insert("\\"),
    Twist::Insert(";"),
    Twist::Insert("%3B"),
    Twist::Insert("%3F"),
    Twist::Insert("%00"),
    Twist::Insert("%"),
    Twist::Insert("%25"),
    Twist::Insert("%40"),
    Twist::Insert("%FF"),
];

/// A route of both routers.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) pattern: String,
    /// So many segments are of the router that it is nested in.
    nested: usize,
    access: Access,
    /// POST is for admins, and only GET as said; else all methods are alike.
    by_method: bool,
}

/// A request for one of the routes, or for something like it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) method: Method,
    route: Index,
    values: Vec<&'static str>,
    twists: Vec<(Twist, Index)>,
}

#[derive(Clone, Copy, Debug)]
enum Twist {
    Cut,
    Escape,
    Fold,
    Slash,
    Insert(&'static str),
}

/// One route or more, which one router can have together.
pub(crate) fn routes() -> impl Strategy<Value = Vec<Route>> {
    let access = select(vec![Access::Public, Access::Authenticated, Access::Admin]);
    let route = (pattern(), 0..3_usize, access, any::<bool>());
    let route = route.prop_map(|(pattern, nested, access, by_method)| Route {
        pattern,
        nested,
        access,
        by_method,
    });
    vec(route, 1..12).prop_map(|routes| {
        routes.into_iter().fold(Vec::new(), |mut kept: Vec<Route>, route| {
            if !kept.iter().any(|known| clash(&known.pattern, &route.pattern)) {
                kept.push(route);
            }
            kept
        })
    })
}

pub(crate) fn targets() -> impl Strategy<Value = Vec<Target>> {
    let method = select(vec![Method::GET, Method::HEAD, Method::POST, Method::PUT]);
    let twists = vec((select(TWISTS), any::<Index>()), 0..3);
    let target = (method, any::<Index>(), vec(select(VALUES), 4), twists);
    let target =
        target.prop_map(|(method, route, values, twists)| Target { method, route, values, twists });
    vec(target, 1..12)
}

fn pattern() -> impl Strategy<Value = String> {
    let last = prop_oneof![4 => Just(""), 1 => Just("/"), 1 => Just("/{*rest}")];
    (vec(select(SEGMENTS), 0..4), last).prop_map(|(segments, last)| {
        let mut pattern = String::new();
        for (place, segment) in segments.iter().enumerate() {
            pattern.push('/');
            pattern.push_str(&segment.replace("{}", &format!("{{p{place}}}")));
        }
        pattern.push_str(last);
        if pattern.is_empty() { "/".to_owned() } else { pattern }
    })
}

/// Whether axum takes the two for the same: a parameter and a catch-all cannot stand in one place.
fn clash(one: &str, other: &str) -> bool {
    let mut places = one.split('/').zip(other.split('/'));
    let differing = places.find(|(one, other)| one != other);
    one == other
        || differing.is_some_and(|(one, other)| one.starts_with('{') && other.starts_with('{'))
}

/// axum's own router, with some of the routes nested.
pub(crate) fn axums(routes: &[Route], handler: impl Fn(&Route) -> MethodRouter) -> Router {
    routes.iter().fold(Router::new(), |router, route| match route.split() {
        Some((outer, inner)) => router.nest(outer, Router::new().route(inner, handler(route))),
        None => router.route(&route.pattern, handler(route)),
    })
}

/// The path as a router reads it that decodes first. Patterns are ASCII, so other escapes may stay.
pub(crate) fn decoded(path: &str) -> String {
    // The `%` comes last: what it makes is no escape.
    let escapes = [("%40", "@"), ("%2B", "+"), ("%2b", "+"), ("%25", "%")];
    escapes.iter().fold(path.to_owned(), |path, (escape, text)| path.replace(escape, text))
}

/// What a handler says: its pattern, and what the parameters are.
pub(crate) fn told<'p>(pattern: &str, params: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    params.fold(pattern.to_owned(), |told, (name, value)| format!("{told} {name}={value}"))
}

// === impl Route ===

impl Route {
    /// `handler`, for the methods of the route.
    pub(crate) fn methods<H, T>(&self, handler: H) -> MethodRouter
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        if self.by_method { get(handler.clone()).post(handler) } else { routing::any(handler) }
    }

    /// What is declared of it.
    pub(crate) fn declarations(&self) -> Vec<Declare> {
        let declare = |access| Declare::new(access, self.pattern.as_str());
        if self.by_method {
            let (get, post) = (declare(self.access), declare(Access::Admin));
            vec![get.methods([Method::GET]), post.methods([Method::POST])]
        } else {
            vec![declare(self.access)]
        }
    }

    /// Who may ask it by `method`.
    pub(crate) fn access(&self, method: &Method) -> Access {
        let is_as_said = !self.by_method || *method == Method::GET || *method == Method::HEAD;
        if is_as_said { self.access } else { Access::Admin }
    }

    /// What it is nested under, and the rest. The rest is not `/` alone, which axum drops.
    fn split(&self) -> Option<(&str, &str)> {
        let (start, _) = self.pattern.match_indices('/').nth(self.nested)?;
        let (outer, inner) = self.pattern.split_at(start);
        (!outer.is_empty() && inner != "/").then_some((outer, inner))
    }
}

// === impl Target ===

impl Target {
    pub(crate) fn path(&self, routes: &[Route]) -> String {
        let (mut path, mut rest) = (String::new(), self.route.get(routes).pattern.as_str());
        for value in &self.values {
            let Some((before, behind)) = rest.split_once('{') else { break };
            path.push_str(before);
            path.push_str(value);
            rest = behind.split_once('}').unwrap().1;
        }
        path.push_str(rest);
        let twisted = self.twists.iter().fold(path, |path, (twist, at)| twist.of(&path, *at));
        if twisted.starts_with('/') { twisted } else { format!("/{twisted}") }
    }
}

// === impl Twist ===

impl Twist {
    fn of(self, path: &str, at: Index) -> String {
        let (before, behind) = path.split_at(at.index(path.len() + 1));
        let (byte, rest) = behind.split_at(behind.len().min(1));
        match self {
            Self::Cut => format!("{before}{rest}"),
            Self::Escape => {
                let escaped: String = byte.bytes().map(|byte| format!("%{byte:02X}")).collect();
                format!("{before}{escaped}{rest}")
            }
            Self::Fold if byte.chars().all(|c| c.is_ascii_lowercase()) => {
                format!("{before}{}{rest}", byte.to_ascii_uppercase())
            }
            Self::Fold => format!("{before}{}{rest}", byte.to_ascii_lowercase()),
            Self::Slash => format!("{path}/"),
            Self::Insert(text) => format!("{before}{text}{behind}"),
        }
    }
}
