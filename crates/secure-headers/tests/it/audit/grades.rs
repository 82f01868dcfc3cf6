//! Grades, levels and the bars that are asked for. What each test of the Observatory finds is compared with its own program,
//! by the tests of the reference server.

use palisade_secure_headers::{
    assert_grade,
    audit::{Bar, Grade, Level, Mark, PlainHttp, RuleSet},
};

use super::{answer, row};

/// A policy, a referrer policy, and what else has no bonus.
const GOOD: [(&str, &str); 6] = [
    ("content-type", "text/html; charset=utf-8"),
    (
        "content-security-policy",
        "default-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[test]
fn the_grade_is_that_of_the_chart() {
    let chart = [
        (0, "F"),
        (24, "F"),
        (25, "D-"),
        (29, "D-"),
        (30, "D"),
        (39, "D"),
        (40, "D+"),
        (45, "C-"),
        (50, "C"),
        (59, "C"),
        (60, "C+"),
        (65, "B-"),
        (70, "B"),
        (79, "B"),
        (80, "B+"),
        (85, "A-"),
        (89, "A-"),
        (90, "A"),
        (99, "A"),
        (100, "A+"),
        (145, "A+"),
        (u16::MAX, "A+"),
    ];
    for (score, grade) in chart {
        assert_eq!(Grade::of(score).as_str(), grade, "{score}");
    }
}

#[test]
fn bonuses_count_only_where_90_points_are_left_without_them() {
    let marked = |more: &[(&str, &str)], less: &str| {
        let headers: Vec<_> = GOOD
            .into_iter()
            .filter(|(name, _)| *name != less)
            .chain(more.iter().copied())
            .collect();
        RuleSet::observatory().audit(&answer(&headers)).mark()
    };
    let of = |score, grade| Mark::Grade { score, grade };
    assert_eq!(marked(&[], ""), of(130, Grade::APlus));
    // 5 less for the cookie, and 5 less for sniffing: 90, and all bonuses.
    assert_eq!(marked(&[("set-cookie", "a=1")], "x-content-type-options"), of(120, Grade::APlus));
    // Another 5: 80, and none of them.
    let talkative = [("set-cookie", "sess=1; HttpOnly"), ("referrer-policy", "unsafe-url")];
    assert_eq!(marked(&talkative, "x-content-type-options"), of(80, Grade::BPlus));
}

#[test]
fn a_bar_is_reached_by_its_own_kind_of_rules_alone() {
    let headers = answer(&GOOD);
    let report = RuleSet::observatory().audit(&headers);
    assert!(report.reaches(Grade::APlus) && report.reaches(Grade::F));
    assert!(!report.reaches(Level::L1));
    let report = RuleSet::asvs().audit(&headers);
    assert!(
        report.reaches(Level::L1) && report.reaches(Level::L2) && !report.reaches(Level::L3),
        "{report}"
    );
    assert!(!report.reaches(Grade::F));
    assert!(!RuleSet::oshp().audit(&headers).reaches(Grade::F));
}

#[test]
fn who_fails_on_the_first_level_reaches_no_higher_one() {
    let cookie = ("set-cookie", "__Host-a=1; Secure; SameSite=Lax; HttpOnly");
    let marked = |cookie| RuleSet::asvs().audit(&answer(&[&GOOD[..], &[cookie]].concat())).mark();
    assert_eq!(marked(cookie), Mark::Level(Some(Level::L2)));
    // Its name alone is what level 1 asks for.
    let cookie = ("set-cookie", "a=1; Secure; SameSite=Lax; HttpOnly; Domain=site.example");
    assert_eq!(marked(cookie), Mark::Level(None));
}

#[test]
fn a_bar_is_written_as_people_write_it() {
    for (text, bar) in
        [("A+", Bar::Grade(Grade::APlus)), ("b-", Grade::BMinus.into()), ("l2", Level::L2.into())]
    {
        assert_eq!(text.parse::<Bar>().unwrap(), bar);
        assert_eq!(bar.to_string(), text.to_uppercase());
    }
    let mistake = "E".parse::<Bar>().unwrap_err().to_string();
    assert_eq!(
        mistake,
        "`E` is not a valid grade or level: expected a grade from `A+` to `F`, or `L1`, `L2`, `L3`"
    );
}

#[test]
fn assert_grade_passes_where_the_grade_is_reached() {
    assert_grade!(answer(&GOOD), RuleSet::observatory(), Grade::APlus);
    assert_grade!(answer(&GOOD), RuleSet::asvs(), Level::L2);
}

#[test]
#[should_panic(expected = "F, 0 points, not B+\nMDN HTTP Observatory")]
fn assert_grade_shows_the_table_where_it_is_not() {
    assert_grade!(
        answer(&[("content-type", "text/html"), ("set-cookie", "session=1")]),
        RuleSet::observatory(),
        Grade::BPlus
    );
}

#[test]
fn every_rule_set_says_what_it_is_and_of_when() {
    for rules in RuleSet::all() {
        assert!(rules.source().starts_with("https://github.com/"));
        let date: Vec<u32> = rules.date().split('-').map(|part| part.parse().unwrap()).collect();
        assert!(date[0] >= 2024 && date.len() == 3);
        let mut ids: Vec<_> = rules.rules().iter().map(|rule| rule.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), rules.rules().len(), "an id stands twice: {ids:?}");
        assert!(rules.rules().iter().all(|rule| !rule.what().is_empty()));
    }
    assert!(RuleSet::asvs().rules().iter().all(|rule| rule.level().is_some()));
}

#[test]
fn what_was_found_is_one_short_line_whatever_was_sent() {
    let long = format!("default-src \u{fffd}{}", "x".repeat(4_000));
    let report = RuleSet::observatory()
        .audit(&answer(&[("content-security-policy", &long), ("content-type", "text/html")]));
    let found = row(&report, "content-security-policy").found;
    assert!(found.chars().count() < 300 && !found.contains(char::is_control), "{found}");
}

#[test]
fn a_redirect_to_the_same_host_is_one_however_it_is_written() {
    let route = ["http://SITE.example/", "https://site.Example/"];
    let route = PlainHttp::Route(route.map(|url| url.parse().unwrap()).into());
    let report = RuleSet::observatory().audit(&answer(&GOOD).plain_http(route));
    assert_eq!(row(&report, "redirection").result, "redirection-to-https");
}
