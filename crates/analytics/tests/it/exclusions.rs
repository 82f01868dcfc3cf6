//! What is not recorded.

use http::Method;
use palisade_analytics::Exclusions;
use palisade_core::{Access, Route, RouteTag, SecurityContext, Verdict};
use palisade_test_support::{Ask, context};

use crate::scene::{Inner, Scene, cookies, pass};

fn recorded(target: &str) -> bool {
    Scene::recorded_without(Exclusions::default(), Ask::get(target))
}

#[test]
fn static_files_documentation_and_widgets_are_left_out_and_all_else_is_recorded() {
    for target in [
        "/app.css",
        "/js/app.min.js",
        "/a/LOGO.PNG?v=2",
        "/favicon.ico",
        "/f.woff2",
        "/v.webm",
        "/docs",
        "/docs/",
        "/docs/intro",
        "/reference",
        "/swagger/ui",
        "/scalar?x",
        "/widgets/clock",
        "/assets/x",
        "/static/x",
    ] {
        assert!(!recorded(target), "{target}");
    }
    for target in [
        "/",
        "/docsearch",
        "/DOCS",
        "/api/docs",
        "/api/feed?file=x.css",
        "/post/1.xhtml",
        "/post/1.pdf",
        "/post/1.json",
        "/feed.xml",
        "/llms.txt",
        "/css",
        "/a.css/b",
        "/a.csss",
        "/a.",
        "/.",
    ] {
        assert!(recorded(target), "{target}");
    }
}

#[test]
fn only_a_get_or_head_asks_for_a_file() {
    let leaves_out = |method| {
        !Scene::recorded_without(Exclusions::default(), Ask::method(method, "/api/ban.png"))
    };
    assert!(leaves_out(Method::GET) && leaves_out(Method::HEAD));
    assert!(!leaves_out(Method::POST) && !leaves_out(Method::DELETE));
}

#[test]
fn a_tagged_route_is_left_out_also_if_it_is_learnt_further_in() {
    let untracked = || Route::new("health", Access::Public).with_tags([RouteTag::UNTRACKED]);
    let known = context();
    known.learn_route(untracked());
    assert!(!Scene::recorded_without(Exclusions::default(), Ask::get("/x").context(&known)));

    let scene = Scene::new();
    let inner = Inner(move |context: &SecurityContext| {
        context.learn_route(untracked());
        Verdict::Pass
    });
    let ask = Ask::get("/x").header("accept", "text/html");
    let answer = scene.send_through(scene.policy(), inner, ask);
    assert!(scene.records().is_empty());
    assert!(cookies(answer.headers()).is_empty());
}

#[test]
fn without_exclusions_everything_is_recorded() {
    let known = context();
    known.learn_route(Route::new("x", Access::Public).with_tags([RouteTag::UNTRACKED]));
    for ask in [Ask::get("/app.css"), Ask::get("/docs"), Ask::get("/x").context(&known)] {
        assert!(Scene::recorded_without(Exclusions::none(), ask));
    }
}

#[test]
fn rules_can_be_added() {
    let widget = RouteTag::new("widget");
    let exclusions = || {
        Exclusions::none().extension("Pdf").unwrap().prefix("/in/ternal").unwrap().tagged(widget)
    };
    let known = context();
    known.learn_route(Route::new("x", Access::Public).with_tags([widget]));
    for ask in [Ask::get("/a.pDF"), Ask::get("/in/ternal/x"), Ask::get("/x").context(&known)] {
        assert!(!Scene::recorded_without(exclusions(), ask));
    }
    assert!(Scene::recorded_without(exclusions(), Ask::get("/in/ternals")));
}

#[test]
fn what_is_left_out_gets_no_session() {
    let scene = Scene::new();
    let ask = Ask::get("/docs").header("sec-fetch-mode", "navigate");
    let answer = scene.send_through(scene.policy(), pass(), ask);
    assert!(cookies(answer.headers()).is_empty());
}

#[test]
fn a_rule_that_could_not_work_is_an_error() {
    let of =
        |result: Result<Exclusions, palisade_core::ConfigError>| result.unwrap_err().to_string();
    assert_eq!(
        of(Exclusions::none().extension(".css")),
        "`.css` is not a valid file extension: expected ASCII letters and digits without a dot; did you mean `css`?"
    );
    for prefix in ["", "/", "docs", "/docs/", "/docs?x", "/docs/*"] {
        assert!(Exclusions::none().prefix(prefix).is_err(), "{prefix}");
    }
    assert!(Exclusions::none().extension("").is_err());
}
