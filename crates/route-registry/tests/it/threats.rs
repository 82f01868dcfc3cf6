//! The rows R1 to R7 of the adversarial list, each as a law that a judge keeps or breaks: ours keeps all, and every broken
//! one of `broken.rs` is found out.

use http::{Method, StatusCode};
use palisade_core::Access;
use palisade_route_registry::{Declare, Registry, RoutePolicy};
use palisade_test_support::{Ask, context};

use crate::documented;

/// Who may ask `target`, by what is declared; nothing if it is refused.
pub(crate) type Judge = fn(&Registry, &Method, &str) -> Option<Access>;

/// A row: what a judge gets wrong.
pub(crate) type Row = fn(Judge) -> Vec<String>;

/// Our policy behind a gate.
fn ours(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let context = context();
    let answer = Ask::method(method.clone(), target)
        .header("x-http-method-override", "POST")
        .context(&context)
        .policies(RoutePolicy::new(registry.clone()));
    match answer.status() {
        StatusCode::OK => context.route().map(palisade_core::Route::access),
        status => {
            assert_eq!(status, StatusCode::BAD_REQUEST, "{target}");
            None
        }
    }
}

/// A service whose whole admin area is admin, beside public files and pages.
pub(crate) fn guarded() -> Registry {
    Registry::builder()
        .admin("/admin")
        .admin("/admin/{*rest}")
        .public("/health")
        .public("/files/{*rest}")
        .public("/pages/:page")
        .admin("/pages/drafts")
        .build()
        .unwrap()
}

/// The targets among `targets` that `judge` lets more in to than it should.
fn breaches(
    judge: Judge,
    registry: &Registry,
    targets: &[&str],
    holds: impl Fn(Option<Access>) -> bool,
) -> Vec<String> {
    let judged = targets.iter().map(|target| (target, judge(registry, &Method::GET, target)));
    judged
        .filter(|(_, access)| !holds(*access))
        .map(|(target, access)| format!("{target} is {access:?}"))
        .collect()
}

fn keeps(row: Row) {
    assert_eq!(row(ours), Vec::<String>::new());
}

/// Spellings of `/admin` and of what is under it.
pub(crate) fn r1(judge: Judge) -> Vec<String> {
    let targets = [
        "/admin/%2e%2e/",
        "/files/%2e%2e/admin",
        "/files/%252e%252e/admin",
        "//admin",
        "/admin/",
        "/ADMIN",
        "/Admin/",
        "/ADMIN/Bans",
        "/admin;a=b",
        "/admin%3ba=b",
        "/files/..;/admin",
        "/files\\..\\admin",
        "/files/..%5cadmin",
        "/admin%00",
        "/admin%00.png",
        "/files/..%2fadmin",
        "/files%2f..%2fadmin",
        "/files/../admin",
        "/./admin",
        "/%61dmin",
        "/%2561dmin",
        "/adm%69n/x",
        "/admin//",
        "/admin/./",
        "/%c0%ae%c0%ae/admin",
        "/pages/Drafts",
        "/pages/DRAFT%C5%BF",
    ];
    breaches(judge, &guarded(), &targets, |access| access.is_none_or(|it| it == Access::Admin))
}

/// A public route with a `?` or `#` behind it that is part of the path.
pub(crate) fn r2(judge: Judge) -> Vec<String> {
    let targets = ["/health%3F/x", "/health%23/x", "/health%3f", "/admin%3F", "/admin%23.png"];
    breaches(judge, &guarded(), &targets, |access| access.is_none())
}

/// A query that reads like a public path.
pub(crate) fn r3(judge: Judge) -> Vec<String> {
    let targets =
        ["/admin?/health", "/admin?x=/files/a", "/admin?/../health", "/admin?%2f..%2fhealth"];
    breaches(judge, &guarded(), &targets, |access| access == Some(Access::Admin))
}

/// Suffixes of public routes on what is none.
pub(crate) fn r4(judge: Judge) -> Vec<String> {
    let targets = [
        "/api/admin/bans.xhtml",
        "/post/7/edit.xhtml",
        "/post/.xhtml",
        "/post/7.xhtml/edit",
        "/post/7axhtml",
        "/api/admin/bans/x.png",
        "/api/analytics/stream.md",
    ];
    let registry = documented::registry();
    breaches(judge, &registry, &targets, |access| access == Some(Access::Protected))
}

/// Separators that only a decoder sees.
pub(crate) fn r5(judge: Judge) -> Vec<String> {
    let targets =
        ["/files/a%2f..%2f..%2fadmin", "/files/..%2Fx", "/files%2Fx", "/files/a%5c..%5cx"];
    breaches(judge, &guarded(), &targets, |access| access.is_none())
}

/// Methods that nobody declared, on a route that is admin for one method and public for another; and on one that is
/// public for one.
pub(crate) fn r6(judge: Judge) -> Vec<String> {
    let registry = Registry::builder()
        .declare(Declare::admin("/api/analytics").methods([Method::GET]))
        .declare(Declare::public("/api/analytics").methods([Method::POST]))
        .declare(Declare::public("/feed").methods([Method::GET]))
        .build()
        .unwrap();
    let judged = |name: &str, path: &str| {
        judge(&registry, &Method::from_bytes(name.as_bytes()).unwrap(), path)
    };
    let methods = ["HEAD", "OPTIONS", "QUERY", "TRACE", "CONNECT", "PUT", "get", "FOO"];
    let admin = methods.into_iter().map(|name| (name, "/api/analytics", Some(Access::Admin)));
    let feed = methods.into_iter().skip(1).map(|name| (name, "/feed", Some(Access::Protected)));
    admin
        .chain(feed)
        .filter(|(name, path, expected)| judged(name, path) != *expected)
        .map(|(name, path, _)| format!("{name} {path} is {:?}", judged(name, path)))
        .collect()
}

/// Paths that nobody declared.
pub(crate) fn r7(judge: Judge) -> Vec<String> {
    let targets =
        ["/", "/new-feature", "/healthz", "/constructor", "/__proto__", "/file", "/x/admin"];
    let holds = |access: Option<Access>| access == Some(Access::Protected);
    let mut found = breaches(judge, &guarded(), &targets, holds);
    found.extend(breaches(judge, &Registry::builder().build().unwrap(), &["/x"], holds));
    found
}

#[test]
fn r1_no_spelling_of_a_path_is_more_open_than_the_route_it_could_name() {
    keeps(r1);
}

#[test]
fn r1_an_unmatched_twin_of_an_admin_route_is_admin_and_matches_nothing() {
    let registry = documented::registry();
    for path in ["/api/admin/bans/", "/API/admin/BANS", "/Api/Analytics/"] {
        let found = registry.resolve(&Method::GET, path);
        assert_eq!((found.access(), found.route().id()), (Access::Admin, "unmatched"), "{path}");
        assert!(found.declared().is_none());
    }
    for path in ["/FEED.xml", "/feed.xml/"] {
        let found = registry.resolve(&Method::GET, path);
        assert_eq!(found.access(), Access::Protected, "a public twin opens nothing: {path}");
    }
}

#[test]
fn r2_an_encoded_delimiter_does_not_cut_the_path() {
    keeps(r2);
}

#[test]
fn r3_the_query_takes_no_part() {
    keeps(r3);
}

#[test]
fn r4_a_suffix_makes_nothing_public() {
    keeps(r4);
}

#[test]
fn r5_an_encoded_slash_does_not_leave_a_mount() {
    keeps(r5);
}

#[test]
fn r6_no_method_skips_the_admin_check_or_is_open_without_being_declared() {
    keeps(r6);
}

#[test]
fn r7_a_route_nobody_declared_is_protected() {
    keeps(r7);
    let context = context();
    Ask::get("/healthz").context(&context).policies(RoutePolicy::new(guarded()));
    assert_eq!(context.route().unwrap().id(), "unmatched");
}
