//! What the presets come to.

use http::Response;
use palisade_core::{Access, Route, RouteTag, Transport};
use palisade_secure_headers::{
    SecureHeadersPolicy, assert_grade,
    audit::{Answer, Grade, Level, Mark, PlainHttp, RuleSet, Verdict},
};
use palisade_test_support::Ask;

use crate::answer_of;

/// The answer over TLS of a page under `policy`.
fn page(policy: &SecureHeadersPolicy) -> Response<()> {
    answer_of(policy, over_tls("/"), None, &[("content-type", "text/html; charset=utf-8")]).0
}

fn over_tls(path: &str) -> Ask {
    Ask::get(path).over(Transport::Secure)
}

/// The most that headers alone can get: what is left are cookies, scripts with hashes, and the list of preloaded hosts.
const MOST: u16 = 130;

#[test]
fn strict_is_the_maximum_of_the_observatory() {
    let answer = Answer::from(&page(&SecureHeadersPolicy::strict())).plain_http(PlainHttp::Closed);
    let report = RuleSet::observatory().audit(&answer);
    assert_eq!(report.mark(), Mark::Grade { score: MOST, grade: Grade::APlus }, "{report}");
    assert_eq!(report.failures().count(), 0, "{report}");
}

#[test]
fn strict_reaches_level_2_of_the_asvs() {
    assert_grade!(Answer::from(&page(&SecureHeadersPolicy::strict())), RuleSet::asvs(), Level::L2);
}

#[test]
fn the_documented_headers_get_an_a_plus() {
    let answer = Answer::from(&page(&SecureHeadersPolicy::polymech()));
    assert_eq!(
        RuleSet::observatory().audit(&answer).mark(),
        Mark::Grade { score: 110, grade: Grade::APlus },
        "styles in the page cost a bonus",
    );
    // `base-uri 'self'` is documented, the standard asks for 'none' from level 2 on.
    let report = RuleSet::asvs().audit(&answer);
    assert_eq!(report.mark(), Mark::Level(Some(Level::L1)), "{report}");
    let failed: Vec<_> =
        report.failures().filter(|row| row.level <= Some(Level::L2)).map(|row| row.id).collect();
    assert_eq!(failed, ["3.4.3"], "{report}");
}

#[test]
fn what_is_made_to_be_framed_fails_where_that_is_asked_for_and_nowhere_else() {
    let policy = SecureHeadersPolicy::polymech();
    let own = [("content-type", "text/html; charset=utf-8")];
    let route = Route::new("embed", Access::Public).with_tags([RouteTag::EMBED]);
    let (answer, _) = answer_of(&policy, over_tls("/embed/1"), Some(route), &own);
    let answer = Answer::from(&answer);
    assert_grade!(answer, RuleSet::observatory(), Grade::APlus);
    let report = RuleSet::asvs().audit(&answer);
    let row = super::row(&report, "3.4.6");
    assert_eq!((row.verdict, &*row.found), (Verdict::Fail, "anybody may frame it"));
}

#[test]
fn data_of_the_api_preset_gets_the_maximum_too() {
    let own = [("content-type", "application/json")];
    let (answer, _) = answer_of(&SecureHeadersPolicy::api(), over_tls("/"), None, &own);
    let answer = Answer::from(&answer);
    assert_eq!(
        RuleSet::observatory().audit(&answer).mark(),
        Mark::Grade { score: MOST, grade: Grade::APlus }
    );
    assert_grade!(answer, RuleSet::asvs(), Level::L1);
}

#[test]
fn no_preset_sends_what_tells_who_serves() {
    for policy in
        [SecureHeadersPolicy::strict(), SecureHeadersPolicy::polymech(), SecureHeadersPolicy::api()]
    {
        let own = [("server", "thing/1.2"), ("x-powered-by", "thing")];
        let (answer, _) = answer_of(&policy, over_tls("/"), None, &own);
        let report = RuleSet::oshp().audit(&Answer::from(&answer));
        assert_eq!(super::row(&report, "headers to remove").verdict, Verdict::Pass, "{report}");
    }
}
