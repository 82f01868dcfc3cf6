//! The session cookie.

use http::{HeaderMap, Response, header};
use palisade_analytics::{CookieSecurity, SessionId};
use palisade_core::{Policy, SecurityContext, Transport, Verdict};
use palisade_test_support::{Ask, Body};
use proptest::prelude::*;

use crate::scene::{Inner, Scene, cookies, pass, refusal};

const SESSION: &str = "0123456789abcdef0123456789abcdef";

/// Puts headers on the answer, as a handler does.
struct Answers(&'static str, &'static str);

impl Policy for Answers {
    fn name(&self) -> &'static str {
        "answers"
    }
    fn check(&self, _: &mut http::request::Parts, _: &SecurityContext) -> Verdict {
        Verdict::Pass
    }
    fn finish(&self, _: &SecurityContext, answer: &mut http::response::Parts) {
        answer.headers.append(self.0, self.1.parse().unwrap());
    }
}

fn navigation(target: &str) -> Ask {
    Ask::get(target).header("sec-fetch-mode", "navigate").header("accept", "text/html,*/*;q=0.8")
}

/// The only cookie of an answer: its value, and all behind it.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> (SessionId, &'a str) {
    let cookies = cookies(headers);
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let rest = cookies[0].strip_prefix(name).unwrap().strip_prefix('=').unwrap();
    let (value, attributes) = rest.split_once("; ").unwrap();
    (value.parse().unwrap(), attributes)
}

fn ask_over(scene: &Scene, transport: Transport, security: CookieSecurity) -> Response<Body> {
    let ask = navigation("/").over(transport);
    scene.send_through(scene.policy().cookie_security(security), pass(), ask)
}

#[test]
fn over_plain_http_the_cookie_is_pm_sid_for_thirty_minutes() {
    let scene = Scene::new();
    let answer = scene.send(navigation("/"));
    let (session, attributes) = cookie(answer.headers(), "pm_sid");
    assert_eq!(attributes, "Max-Age=1800; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(scene.only().session, Some(session));
}

#[test]
fn over_tls_the_cookie_is_bound_to_the_host() {
    let scene = Scene::new();
    let expected = "Max-Age=1800; Path=/; HttpOnly; SameSite=Lax; Secure";
    for (transport, security) in [
        (Transport::Secure, CookieSecurity::ByTransport),
        (Transport::Plain, CookieSecurity::Secure),
    ] {
        let answer = ask_over(&scene, transport, security);
        assert_eq!(cookie(answer.headers(), "__Host-pm_sid").1, expected);
    }
    for (transport, security) in [
        (Transport::Plain, CookieSecurity::ByTransport),
        (Transport::Secure, CookieSecurity::Plain),
    ] {
        let answer = ask_over(&scene, transport, security);
        assert!(!cookie(answer.headers(), "pm_sid").1.contains("Secure"));
    }
}

#[test]
fn a_session_that_is_presented_goes_on_and_gets_its_whole_time_again() {
    let scene = Scene::new();
    for _ in 0..3 {
        let answer = scene.send(navigation("/").header("cookie", format!("pm_sid={SESSION}")));
        let (session, attributes) = cookie(answer.headers(), "pm_sid");
        assert_eq!(session.to_string(), SESSION);
        assert!(attributes.starts_with("Max-Age=1800;"));
    }
    assert!(scene.records().iter().all(|record| record.session == SESSION.parse().ok()));
}

#[test]
fn two_visitors_get_two_sessions() {
    let scene = Scene::new();
    let one = || cookie(scene.send(navigation("/")).headers(), "pm_sid").0;
    assert_ne!(one(), one());
}

#[test]
fn an_answer_that_no_browser_navigated_to_sets_no_cookie() {
    let scene = Scene::new();
    for ask in [
        Ask::get("/api/feed"),
        Ask::get("/api/feed").header("accept", "application/json"),
        Ask::get("/api/feed").header("accept", "*/*"),
        Ask::get("/api/feed").header("accept", "application/json, text/htmlx"),
        // A script of a page says so, whatever it accepts.
        Ask::get("/api/feed").header("sec-fetch-mode", "cors").header("accept", "text/html"),
        Ask::get("/api/feed").header("sec-fetch-mode", "no-cors"),
        Ask::get("/api/feed").header("cookie", format!("pm_sid={SESSION}")),
    ] {
        let answer = scene.send(ask);
        assert!(cookies(answer.headers()).is_empty());
    }
    // The last one presented a session: that is recorded.
    let sessions: Vec<_> = scene.records().iter().map(|record| record.session).collect();
    assert_eq!(sessions[..6], [None; 6]);
    assert_eq!(sessions[6], SESSION.parse().ok());
}

#[test]
fn a_browser_that_says_no_mode_navigates_if_it_takes_html() {
    let scene = Scene::new();
    for accept in ["text/html", "application/xml;q=0.9, TEXT/HTML;q=0.8", "text/html;level=1"] {
        let answer = scene.send(Ask::get("/").header("accept", accept));
        assert_eq!(cookies(answer.headers()).len(), 1, "{accept}");
    }
}

#[test]
fn h9_a_cookie_that_is_no_session_is_ignored_and_nothing_of_it_comes_back() {
    for value in [
        "",
        "x",
        "0123456789ABCDEF0123456789abcdef",
        "+123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "\"0123456789abcdef0123456789abcdef\"",
        "x, Domain=.evil.example",
    ] {
        let scene = Scene::new();
        let answer = scene.send(navigation("/").header("cookie", format!("pm_sid={value}")));
        let (session, attributes) = cookie(answer.headers(), "pm_sid");
        assert_eq!(attributes, "Max-Age=1800; Path=/; HttpOnly; SameSite=Lax");
        assert!(!value.contains(&session.to_string()), "{value}");
        assert_eq!(scene.only().session, Some(session));
    }
}

#[test]
fn the_first_that_is_a_session_counts_on_any_line_and_names_are_exact() {
    let other = "f".repeat(32);
    let scene = Scene::new();
    let record = scene.record_of(
        Ask::get("/")
            .header(
                "cookie",
                format!("a=1; PM_SID={other}; xpm_sid={other}; pm_sid2={other}; pm_sid=no"),
            )
            .header("cookie", format!("b=2;pm_sid={SESSION} ; pm_sid={other}")),
    );
    assert_eq!(record.session, SESSION.parse().ok());
}

#[test]
fn over_tls_a_plain_cookie_is_not_read() {
    let scene = Scene::new();
    let ask = navigation("/").header("cookie", format!("pm_sid={SESSION}"));
    let policy = scene.policy().cookie_security(CookieSecurity::Secure);
    let answer = scene.send_through(policy, pass(), ask);
    assert_ne!(cookie(answer.headers(), "__Host-pm_sid").0.to_string(), SESSION);
}

#[test]
fn the_cookie_is_set_beside_those_of_the_handler_and_on_a_refusal() {
    let scene = Scene::new();
    let inner = Answers("set-cookie", "theme=dark");
    let answer = scene.send_through(scene.policy(), inner, navigation("/"));
    assert_eq!(cookies(answer.headers())[0], "theme=dark");
    assert!(cookies(answer.headers())[1].starts_with("pm_sid="));

    let answer = scene.send_through(scene.policy(), Inner(|_: &_| refusal()), navigation("/"));
    assert_eq!(cookies(answer.headers()).len(), 1);
}

#[test]
fn h4_an_answer_that_a_shared_cache_may_keep_carries_nobodys_session() {
    let set = |control| {
        let scene = Scene::new();
        let inner = Answers("cache-control", control);
        let answer = scene.send_through(scene.policy(), inner, navigation("/"));
        let set = cookies(answer.headers()).len();
        assert_eq!(scene.only().session.is_some(), set == 1, "no session is made up: {control}");
        set == 1
    };
    for control in ["public", "public, max-age=60", "max-age=60", "S-MaxAge=1", "no-cache, public"]
    {
        assert!(!set(control), "{control}");
    }
    for control in ["must-revalidate", "private=\"x\"", "no-transform, x=\"a, private, b\""] {
        assert!(!set(control), "{control}");
    }
    for control in ["private, max-age=60", "no-store", "no-cache", "private, no-store", ""] {
        assert!(set(control), "{control}");
    }
}

#[test]
fn h4_where_nothing_is_said_of_caches_the_session_says_that_the_answer_is_for_one_alone() {
    let controls = |name, value| {
        let scene = Scene::new();
        let answer = scene.send_through(scene.policy(), Answers(name, value), navigation("/"));
        let controls = answer.headers().get_all("cache-control").iter();
        let controls: Vec<_> = controls.map(|line| line.to_str().unwrap().to_owned()).collect();
        (cookies(answer.headers()).len(), controls.join(", "))
    };
    let kept_off = "private, no-store".to_owned();
    assert_eq!(controls("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT"), (1, kept_off.clone()));
    assert_eq!(controls("cache-control", ""), (1, kept_off));
    assert_eq!(controls("cache-control", "no-cache"), (1, "no-cache, private".to_owned()));
    assert_eq!(controls("cache-control", "private"), (1, "private".to_owned()));
    let until = "Fri, 01 Jan 2100 00:00:00 GMT";
    assert_eq!(controls("expires", until), (0, String::new()), "it was meant to be kept");
    for name in ["cdn-cache-control", "surrogate-control", "acme-cdn-cache-control"] {
        assert_eq!(
            controls(name, "max-age=600"),
            (0, String::new()),
            "{name}: these obey it alone"
        );
    }
    let scene = Scene::new();
    let answer = scene.send(Ask::get("/api/feed"));
    assert!(!answer.headers().contains_key("cache-control"), "no cookie, no word");
}

#[test]
fn sessions_can_be_turned_off() {
    let scene = Scene::new();
    let ask = navigation("/").header("cookie", format!("pm_sid={SESSION}"));
    let answer = scene.send_through(scene.policy().without_sessions(), pass(), ask);
    assert!(cookies(answer.headers()).is_empty());
    assert_eq!(scene.only().session, None);
}

#[test]
fn a_session_reads_back_what_it_shows() {
    let session = SessionId::random();
    assert_eq!(session.to_string().parse::<SessionId>().unwrap(), session);
    assert!("no".parse::<SessionId>().unwrap_err().to_string().contains("32 lowercase"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Law: whatever the cookies hold, what is set is our cookie with a session, and nothing else.
    #[test]
    fn h9_any_cookie_header_leads_to_a_cookie_of_ours(
        value in prop::collection::vec(prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8], 0..120),
        prefix in prop_oneof![Just(""), Just("pm_sid="), Just("a=b; pm_sid=")],
    ) {
        let scene = Scene::new();
        let value = [prefix.as_bytes(), &value].concat();
        let answer = scene.send(navigation("/").header("cookie", value));
        let (session, attributes) = cookie(answer.headers(), "pm_sid");
        prop_assert_eq!(attributes, "Max-Age=1800; Path=/; HttpOnly; SameSite=Lax");
        prop_assert_eq!(scene.only().session, Some(session));
    }
}

#[test]
fn what_a_client_writes_into_its_target_decides_nothing() {
    let scene = Scene::new();
    let answer = scene.send(navigation("https://a.example/x"));
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("pm_sid="));
}
