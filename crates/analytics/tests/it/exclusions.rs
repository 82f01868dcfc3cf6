//! What is not recorded.

use http::Method;
use palisade_analytics::Exclusions;
use palisade_core::{Access, Route, RouteTag, SecurityContext, Verdict};
use palisade_test_support::{Ask, context};
use proptest::prelude::*;

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

fn covered(rules: &str, target: &str) -> bool {
    !Scene::recorded_without(Exclusions::parse(rules).unwrap(), Ask::get(target))
}

#[test]
fn patterns_cover_segments_and_any_number_of_them() {
    for (rules, covers, leaves) in [
        (
            "/docs/**",
            &["/docs", "/docs/", "/docs/a", "/docs/a/b?c"][..],
            &["/docsearch", "/a/docs", "/"][..],
        ),
        (
            "/embed/*",
            &["/embed/x", "/embed/x?y"],
            &["/embed", "/embed/", "/embed/x/y", "/embed/x/"],
        ),
        (
            "/embed/*.html",
            &["/embed/x.html", "/embed/.html"],
            &["/embed/x.htm", "/embed/a/x.html", "/embed/x.HTML"],
        ),
        ("/a/*/c", &["/a/b/c"], &["/a/c", "/a//c", "/a/b/b/c"]),
        ("/**/health", &["/health", "/a/health", "/a/b/health"], &["/healthz", "/health/x"]),
        ("/a/**/z", &["/a/z", "/a/b/z", "/a//z"], &["/a", "/z", "/az", "/a/z/b"]),
        ("/widget-*-x", &["/widget-1-x", "/widget--x"], &["/widget-x", "/widget-1-y"]),
        ("/", &["/", "/?x"], &["/a"]),
        ("/exactly", &["/exactly"], &["/exactly/", "/exactly/a", "/Exactly"]),
        ("*.pdf", &["/a.pdf", "/a/B.PDF"], &["/pdf", "/a.pdf/b"]),
        (" /a , *.x,/b ,, ", &["/a", "/b", "/c.x"], &["/c"]),
        ("default, /a", &["/a", "/docs/x", "/x.css"], &["/b"]),
        ("", &[], &["/docs", "/x.css"]),
    ] {
        for target in covers {
            assert!(covered(rules, target), "{rules} covers {target}");
        }
        for target in leaves {
            assert!(!covered(rules, target), "{rules} leaves {target}");
        }
    }
}

#[test]
fn a_pattern_counts_for_all_methods_and_the_default_for_tagged_routes() {
    let rules = |text| Exclusions::parse(text).unwrap();
    assert!(!Scene::recorded_without(rules("/a/*.png"), Ask::method(Method::POST, "/a/x.png")));
    let known = context();
    known.learn_route(Route::new("x", Access::Public).with_tags([RouteTag::UNTRACKED]));
    let ask = || Ask::get("/x").context(&known);
    assert!(!Scene::recorded_without(rules("default"), ask()));
    assert!(Scene::recorded_without(rules("/y"), ask()));
}

#[test]
fn rules_that_could_not_work_are_errors_that_name_them() {
    let error = |rules: &str| Exclusions::parse(rules).unwrap_err().to_string();
    assert_eq!(
        error("/a, docs"),
        "`docs` is not a valid exclusion: expected `default`, an extension (`*.png`) or a path (`/docs/**`)"
    );
    let long = format!("/{}", "a".repeat(256));
    for rules in
        ["/**", "/a*b*c", "/**/a/**", "/a**", "/***", "/a b", "/a?x", "/a#x", "**", "*", &long]
    {
        assert!(error(rules).contains(&format!("`{rules}`")), "{rules}");
    }
}

#[test]
fn an_extension_in_a_rule_is_named_without_its_star() {
    assert!(Exclusions::parse("*.").is_err());
    let error = Exclusions::parse("*.p/g").unwrap_err().to_string();
    assert!(error.contains("`p/g` is not a valid file extension"), "{error}");
}

#[test]
fn there_are_256_rules_at_most() {
    let rules = |count: usize| vec!["/a"; count].join(",");
    assert!(Exclusions::parse(&rules(256)).is_ok());
    assert!(Exclusions::parse(&rules(257)).unwrap_err().to_string().contains("256 rules at most"));
    assert!(Exclusions::parse(&rules(100_000)).is_err());
    assert!(Exclusions::parse(&format!("default,{}", rules(219))).is_err(), "38 are the default's");
    let full = Exclusions::parse(&rules(256)).unwrap();
    assert!(full.clone().extension("x").is_err() && full.clone().prefix("/x").is_err());
    assert!(full.pattern("/x").is_err());
}

/// Matches as anyone would who has time.
fn naive(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**", rest @ ..], _) => {
            naive(rest, path) || path.split_first().is_some_and(|(_, path)| naive(pattern, path))
        }
        ([segment, rest @ ..], [own, others @ ..]) => {
            let fits = match segment.split_once('*') {
                None => segment == own,
                Some((start, end)) => {
                    !own.is_empty()
                        && own.len() >= start.len() + end.len()
                        && own.starts_with(start)
                        && own.ends_with(end)
                }
            };
            fits && naive(rest, others)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Law: a pattern covers the paths that one finds who tries every way to lay it over them.
    #[test]
    fn a_pattern_covers_what_a_naive_one_covers(
        mut pattern in prop::collection::vec(
            prop::sample::select(vec!["a", "b", "", "*", "a*", "*b", "a*b", "aa"]), 1..5),
        gap in prop::option::of(0..5_usize),
        path in prop::collection::vec(prop::sample::select(vec!["a", "b", "", "ab", "aa", "aab"]), 1..6),
    ) {
        if let Some(gap) = gap {
            pattern.insert(gap.min(pattern.len()), "**");
        }
        let (rule, target) = (format!("/{}", pattern.join("/")), format!("/{}", path.join("/")));
        prop_assert_eq!(covered(&rule, &target), naive(&pattern, &path), "{} {}", rule, target);
    }

    /// Law: any text is rules or an error, and rules that were read match any path without a panic.
    #[test]
    fn any_text_is_read_or_refused(text in "[/*a-c., ?é]{0,60}", path in "/[/a-c.*é]{0,80}") {
        if let Ok(exclusions) = Exclusions::parse(&text)
            && let Ok(target) = path.parse::<http::Uri>()
        {
            Scene::recorded_without(exclusions, Ask::get(&target.to_string()));
        }
    }
}
