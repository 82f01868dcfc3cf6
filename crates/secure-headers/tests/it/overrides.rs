//! Headers of single routes.

use palisade_core::{Access, ConfigError, Route, RouteTag};
use palisade_secure_headers::{
    Directive, FrameOptions, Header, HeaderSet, ReferrerPolicy, RouteMatch, SecureHeadersPolicy,
};
use palisade_test_support::Ask;

use crate::{Learns, answer_of, lines, on_route, through};

const WIDGET: RouteTag = RouteTag::new("widget");

#[test]
fn h6_only_a_tag_of_the_route_widens_the_ancestors_never_a_path() {
    let targets = ["/embed/1", "/embed/..%2fadmin", "/embed/../admin", "/embed//admin", "/EMBED/1"];
    for target in targets {
        let not_embed = [None, Some(Route::new("admin", Access::Admin))];
        for route in not_embed {
            let (answer, _) =
                answer_of(&SecureHeadersPolicy::polymech(), Ask::get(target), route, &[]);
            assert_eq!(
                lines(&answer, "x-frame-options").as_deref(),
                Some("SAMEORIGIN"),
                "{target}"
            );
            let csp = lines(&answer, "content-security-policy").unwrap();
            assert!(csp.contains("frame-ancestors 'self'"), "{target}: {csp}");
        }
    }
}

#[test]
fn the_route_may_be_learnt_further_in() {
    let embed = Route::new("embed", Access::Public).with_tags([RouteTag::EMBED]);
    let answer = through(SecureHeadersPolicy::polymech(), Learns(embed), Ask::get("/post/1"));
    assert_eq!(lines(&answer, "x-frame-options"), None);
    assert!(lines(&answer, "content-security-policy").unwrap().contains("frame-ancestors *"));
}

#[test]
fn an_embed_route_loses_frame_options_even_if_its_handler_sets_them() {
    let embed = Route::new("embed", Access::Public).with_tags([RouteTag::EMBED]);
    let own = [("x-frame-options", "DENY")];
    let policy = SecureHeadersPolicy::polymech();
    let (answer, _) = answer_of(&policy, Ask::get("/"), Some(embed), &own);
    assert_eq!(lines(&answer, "x-frame-options"), None);
}

#[test]
fn an_id_is_taken_before_a_tag_and_the_first_tag_before_the_second() {
    let frame = |options| move |headers: HeaderSet| Ok(headers.frame_options(options));
    let policy = SecureHeadersPolicy::new(HeaderSet::empty())
        .override_for(WIDGET, frame(FrameOptions::Deny))
        .and_then(|policy| policy.override_for(RouteTag::EMBED, frame(FrameOptions::SameOrigin)))
        .and_then(|policy| {
            let id = RouteMatch::Id("special".into());
            policy.override_for(id, |headers| Ok(headers.referrer_policy(ReferrerPolicy::Origin)))
        })
        .unwrap();
    let options = |id, tags: &[RouteTag]| lines(&on_route(&policy, id, tags), "x-frame-options");
    assert_eq!(options("a", &[RouteTag::EMBED, WIDGET]).as_deref(), Some("DENY"));
    assert_eq!(options("a", &[RouteTag::EMBED]).as_deref(), Some("SAMEORIGIN"));
    assert_eq!(options("a", &[]), None);
    assert_eq!(options("special", &[WIDGET]), None);
    let special = on_route(&policy, "special", &[WIDGET]);
    assert_eq!(lines(&special, "referrer-policy").as_deref(), Some("origin"));
}

#[test]
fn an_override_is_made_on_top_of_a_change_that_is_said_later() {
    let policy = SecureHeadersPolicy::polymech()
        .change(|headers| {
            headers
                .frame_options(FrameOptions::Deny)
                .change_csp(|csp| csp.allow(Directive::ImgSrc, "images.example.org"))
        })
        .unwrap();
    let embed = on_route(&policy, "embed", &[RouteTag::EMBED]);
    assert_eq!(lines(&embed, "x-frame-options"), None);
    let csp = lines(&embed, "content-security-policy").unwrap();
    assert!(csp.contains("*.polymech.info images.example.org;"), "{csp}");
    assert!(csp.contains("frame-ancestors *"), "{csp}");
}

#[test]
fn a_second_override_of_the_same_routes_is_made_on_top_of_the_first() {
    let policy = SecureHeadersPolicy::polymech()
        .override_for(RouteTag::EMBED, |headers| Ok(headers.without(Header::ReferrerPolicy)))
        .unwrap();
    let embed = on_route(&policy, "embed", &[RouteTag::EMBED]);
    assert_eq!(lines(&embed, "referrer-policy"), None);
    assert_eq!(lines(&embed, "x-frame-options"), None);
}

#[test]
fn a_nonce_that_only_an_override_uses_is_drawn() {
    let policy = SecureHeadersPolicy::api()
        .override_for(WIDGET, |headers| Ok(headers.csp("script-src 'nonce'".parse()?)))
        .unwrap();
    let csp = lines(&on_route(&policy, "w", &[WIDGET]), "content-security-policy").unwrap();
    assert!(csp.starts_with("script-src 'nonce-"), "{csp}");
}

#[test]
fn a_mistake_in_an_override_is_told_when_it_is_built() {
    let mistake = SecureHeadersPolicy::polymech().override_for(WIDGET, |headers| {
        headers.change_csp(|csp| csp.allow(Directive::ImgSrc, "self"))
    });
    let error: ConfigError = mistake.unwrap_err();
    assert!(error.to_string().contains("did you mean"), "{error}");
}

#[test]
fn a_set_without_a_policy_is_made_embeddable_by_dropping_frame_options_alone() {
    let headers = HeaderSet::empty().frame_options(FrameOptions::Deny).embeddable();
    assert!(headers.sent_csp().is_none());
    let answer = crate::answer(&SecureHeadersPolicy::new(headers), &[]);
    assert!(answer.headers().is_empty());
}
