//! What counts as a suspicious request, and what does not.

use http::{Response, StatusCode, request, response};
use palisade_autoban::{AutoBan, AutoBanPolicy, Signatures, SuspiciousPolicy, ViolationsPolicy};
use palisade_core::{
    Access, Code, Identity, IdentityKind, Policies, Policy, Rejection, RejectionKind, Route,
    SecurityContext, Verdict, ViolationKind,
};
use palisade_test_support::{Ask, Body};
use proptest::prelude::*;

use crate::{Bench, Who, code};

pub(crate) const BOT: Who<'_> = Who("203.0.113.9", None);

/// What stands further in: it answers, or refuses, or knows who it is.
#[derive(Clone, Copy)]
enum Inside {
    Answers(u16),
    Refuses(RejectionKind, Option<ViolationKind>),
    RefusesAs(&'static str),
    Proves,
}

impl Policy for Inside {
    fn name(&self) -> &'static str {
        "inside"
    }
    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        match *self {
            Self::Refuses(kind, violation) => {
                let rejection = Rejection::new(kind, Code::new("inside", "Refused inside"));
                violation.map_or(rejection.clone(), |kind| rejection.violation(kind)).into()
            }
            Self::RefusesAs(code) => {
                Rejection::new(RejectionKind::Forbidden, Code::new(code, "Refused")).into()
            }
            Self::Proves => {
                context.credential(head);
                context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
                Verdict::Pass
            }
            Self::Answers(_) => Verdict::Pass,
        }
    }
    fn finish(&self, _: &SecurityContext, answer: &mut response::Parts) {
        if let Self::Answers(status) = *self {
            answer.status = StatusCode::from_u16(status).unwrap();
        }
    }
}

pub(crate) fn policy(auto_ban: &AutoBan) -> SuspiciousPolicy {
    SuspiciousPolicy::new(auto_ban.clone(), Signatures::documented()).unwrap()
}

fn send(bench: &Bench, ask: Ask, route: &str, inside: Inside) -> Response<Body> {
    let context = bench.context(BOT);
    context.learn_route(Route::new(route, Access::Public));
    let stack =
        ViolationsPolicy::new(bench.auto_ban.clone()).then(policy(&bench.auto_ban)).then(inside);
    ask.context(&context).policies(stack)
}

/// How many violations one such request is.
fn counts(target: &str, route: &str, inside: Inside) -> u32 {
    let bench = Bench::new(|settings| settings);
    send(&bench, Ask::get(target), route, inside);
    let counted = bench.auto_ban.violations().counted;
    counted.total()
}

/// The signature that a request shows.
pub(crate) fn seen(target: &str) -> Option<String> {
    let auto_ban = AutoBan::builder().build().unwrap();
    seen_by(&policy(&auto_ban), target)
}

/// The signature that this policy saw, in this request or one before.
pub(crate) fn seen_by(policy: &SuspiciousPolicy, target: &str) -> Option<String> {
    let mut head = palisade_test_support::head(target);
    let _verdict = policy.check(&mut head, &palisade_test_support::context());
    policy.hits().into_iter().find(|hits| hits.seen > 0).map(|hits| hits.id)
}

#[test]
fn a_scanners_path_counts_only_where_nothing_is_served() {
    use Inside::{Answers, Refuses};
    let path = "/wp-login.php";
    assert_eq!(counts(path, "unmatched", Answers(404)), 1);
    assert_eq!(counts(path, "login", Answers(200)), 0, "this site has one");
    assert_eq!(counts(path, "login", Answers(401)), 0, "and asks for a password");
    assert_eq!(counts(path, "login", Answers(500)), 0);
    // Where authentication refuses first, nobody learns that there is nothing.
    let unauthenticated = Refuses(RejectionKind::Unauthenticated, None);
    assert_eq!(counts(path, "unmatched", unauthenticated), 1);
    assert_eq!(counts(path, "login", unauthenticated), 0);
    assert_eq!(counts(path, "unmatched", Refuses(RejectionKind::NotFound, None)), 1);
    assert_eq!(counts(path, "unmatched", Refuses(RejectionKind::MethodNotAllowed, None)), 1);
    assert_eq!(counts("/", "unmatched", Answers(404)), 0, "an ordinary path that is not there");
}

#[test]
fn p13_a_banned_or_blocked_client_that_scans_on_is_not_counted() {
    let refuses = Inside::Refuses(RejectionKind::Forbidden, None);
    assert_eq!(counts("/wp-login.php", "unmatched", refuses), 0);
    let bench = Bench::new(|settings| settings);
    for _ in 0..50 {
        send(&bench, Ask::get("/?q=%3Cscript%3Ealert"), "search", Inside::Answers(200));
    }
    assert_eq!(bench.auto_ban.violations().counted.total(), 6, "from the ban on it is not counted");
}

#[test]
fn p13_a_client_of_a_banned_network_and_one_of_the_blocklist_are_not_counted_on() {
    let bench = Bench::new(|settings| settings);
    bench.auto_ban.ban_ip("2001:db8::/48", palisade_autoban::BanOrder::by("alice")).unwrap();
    for number in 0..50 {
        let addr = format!("2001:db8:0:{number}::1");
        bench.auto_ban.report(&bench.context(Who(&addr, None)), ViolationKind::AuthFailure);
        let mut head = palisade_test_support::head("/?q=%3Cscript%3Ealert");
        let _pass = policy(&bench.auto_ban).check(&mut head, &bench.context(Who(&addr, None)));
    }
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    let bans = bench.auto_ban.bans().ips;
    assert_eq!((bans.len(), &*bans[0].value), (1, "2001:db8::/48"));
    // A user who is banned whoever vouches for him.
    bench.auto_ban.ban_user("mallory", palisade_autoban::BanOrder::by("alice")).unwrap();
    let mallory = bench.context(Who("192.0.2.1", Some("mallory")));
    bench.auto_ban.report(&mallory, ViolationKind::RateLimit);
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    for answer in ["blocked", "banned"] {
        let refuses = Inside::RefusesAs(answer);
        assert_eq!(counts("/?q=%3Cscript%3Ealert", "search", refuses), 0, "{answer}");
    }
    assert_eq!(counts("/?q=%3Cscript%3Ealert", "search", Inside::RefusesAs("other")), 1);
}

#[test]
fn a_probe_counts_at_once_whatever_the_answer_is() {
    for (target, answer) in [
        ("/?file=../../etc/passwd", 200),
        ("/?id=1%27%20OR%20%271%27=%271", 500),
        ("/%3Cscript%3Ealert", 404),
    ] {
        assert_eq!(counts(target, "search", Inside::Answers(answer)), 1, "{target}");
    }
    // A client that does not wait for the answer is counted too.
    let bench = Bench::new(|settings| settings);
    let mut head = palisade_test_support::head("/?x=$%7Bjndi:ldap://x%7D");
    let _pass = policy(&bench.auto_ban).check(&mut head, &bench.context(BOT));
    assert_eq!(bench.auto_ban.violations().counted.suspicious, 1);
}

#[test]
fn a_request_counts_once_even_if_another_layer_refuses_it_as_well() {
    for (target, kind) in [
        ("/../x", ViolationKind::Suspicious),
        ("/?q=%3Cscript%3Ealert", ViolationKind::Suspicious),
        ("/?q=%3Cscript%3Ealert", ViolationKind::AuthFailure),
        ("/wp-login.php", ViolationKind::RateLimit),
    ] {
        let refuses = Inside::Refuses(RejectionKind::NotFound, Some(kind));
        assert_eq!(counts(target, "unmatched", refuses), 1, "{target} {kind:?}");
    }
    // But nobody hides a heavy violation behind a light one.
    let bench = Bench::new(|settings| settings.weight(ViolationKind::AuthFailure, 3).threshold(50));
    let refuses = Inside::Refuses(RejectionKind::Unauthenticated, Some(ViolationKind::AuthFailure));
    send(&bench, Ask::get("/?q=%3Cscript%3Ealert"), "x", refuses);
    assert_eq!(bench.auto_ban.violations().offenders[0].weight, 4);
}

#[test]
fn a_scanner_does_not_hide_behind_a_wrong_token_that_weighs_less_or_nothing() {
    let refuses = Inside::Refuses(RejectionKind::Unauthenticated, Some(ViolationKind::AuthFailure));
    for (token, probe, weight) in [(0, 1, 1), (1, 3, 3), (1, 1, 1), (4, 3, 4)] {
        let weights = [(ViolationKind::AuthFailure, token), (ViolationKind::Suspicious, probe)];
        let bench = Bench::new(|settings| {
            let settings = settings.threshold(50);
            weights.into_iter().fold(settings, |settings, (kind, own)| settings.weight(kind, own))
        });
        send(&bench, Ask::get("/wp-login.php").bearer("garbage"), "unmatched", refuses);
        assert_eq!(bench.auto_ban.violations().offenders[0].weight, weight, "{weights:?}");
    }
}

#[test]
fn p2_what_a_page_of_another_site_makes_a_browser_send_bans_nobody() {
    let bench = Bench::new(|settings| settings.threshold(1));
    let ask = |target: &str, site: &str| {
        let ask = Ask::get(target).header("sec-fetch-site", site).bearer("a-victims");
        send(&bench, ask, "unmatched", Inside::Answers(404))
    };
    let answer = ask("/?q=%3Cscript%3Ealert", "cross-site");
    assert_eq!((answer.status(), code(&answer)), (StatusCode::BAD_REQUEST, "suspicious-request"));
    assert_eq!(ask("/wp-login.php", "cross-site").status(), StatusCode::NOT_FOUND);
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    ask("/?q=%3Cscript%3Ealert", "same-origin");
    ask("/wp-login.php", "none");
    assert_eq!(bench.auto_ban.bans().ips.len(), 1);
}

#[test]
fn a_token_that_a_protected_client_brings_is_not_banned() {
    let bench = Bench::new(|settings| settings.protect(["203.0.113.0/24"]).threshold(1));
    for _ in 0..20 {
        let ask = Ask::get("/?q=%3Cscript%3Ealert").bearer("the-gateways");
        send(&bench, ask, "search", Inside::Proves);
    }
    assert_eq!(bench.auto_ban.bans().tokens, []);
    assert_eq!(bench.auto_ban.bans().ips, []);
}

#[test]
fn a_404_of_a_registered_route_counts_only_if_nobody_proved_who_he_is() {
    let asks = |route: &str, subject: Option<&str>| {
        let bench = Bench::new(|settings| settings);
        let context = bench.context(Who(BOT.0, subject));
        context.learn_route(Route::new(route, Access::Public));
        let stack = policy(&bench.auto_ban).then(Inside::Answers(404));
        Ask::get("/repos/mine/.env").context(&context).policies(stack);
        bench.auto_ban.violations().counted.suspicious
    };
    assert_eq!(asks("files", Some("alice")), 0, "a file of hers that is not there");
    assert_eq!(asks("files", None), 1);
    assert_eq!(asks("unmatched", Some("alice")), 1);
}

#[test]
fn a_probe_with_a_proven_token_counts_against_the_token_too() {
    let bench = Bench::new(|settings| settings);
    let present = |addr: &'static str| {
        let context = bench.context(Who(addr, None));
        let stack = AutoBanPolicy::new(bench.auto_ban.clone())
            .then(policy(&bench.auto_ban))
            .then(Inside::Proves);
        let ask = Ask::get("/?q=%3Cscript%3Ealert").bearer("stolen");
        code(&ask.context(&context).policies(stack))
    };
    // From a new address each time: no address is banned, the token is.
    for addr in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6"] {
        assert_eq!(present(addr), "");
    }
    assert_eq!(present("192.0.2.7"), "banned");
    let bans = bench.auto_ban.bans();
    assert_eq!((bans.tokens.len(), bans.ips.len(), bans.users.len()), (1, 0, 0));
    assert_eq!(bans.tokens[0].evidence.as_ref().unwrap().violations.suspicious, 6);
    assert_eq!(bench.auto_ban.unban_token("stolen", "alice").unwrap().len(), 1);
    assert_eq!(present("192.0.2.8"), "");
}

#[test]
fn a_probe_can_be_refused_at_once_and_then_counts_as_a_refusal() {
    let bench = Bench::new(|settings| settings);
    let ask = |target: &str| {
        let stack = ViolationsPolicy::new(bench.auto_ban.clone())
            .then(policy(&bench.auto_ban).refuse())
            .then(Inside::Answers(404));
        Ask::get(target).context(&bench.context(BOT)).policies(stack)
    };
    let answer = ask("/?q=%3Cscript%3Ealert");
    assert_eq!((answer.status(), code(&answer)), (StatusCode::BAD_REQUEST, "suspicious-request"));
    assert_eq!(bench.auto_ban.violations().counted.suspicious, 1);
    assert_eq!(
        ask("/wp-login.php").status(),
        StatusCode::NOT_FOUND,
        "a scanner is answered as usual"
    );
    assert_eq!(bench.auto_ban.violations().counted.suspicious, 2);
}

/// The fastest of many tries says what it costs, whatever else the machine does.
#[test]
fn a_request_of_64_kib_costs_no_more_than_a_constant_times_one_of_8() {
    let auto_ban = AutoBan::builder().build().unwrap();
    let policy = policy(&auto_ban);
    for unit in ["<scrip", "%2e%2", "../.", "%25%32", "union selec", "////", "+"] {
        let unit = unit.replace('<', "%3C").replace(' ', "+");
        let cost = |bytes: usize| {
            let query = unit.repeat(bytes / unit.len());
            let mut head = palisade_test_support::head(&format!("/{query}?{query}"));
            let context = palisade_test_support::context();
            let mut tries = (0..30).map(|_| {
                let begun = std::time::Instant::now();
                let _verdict = policy.check(&mut head, &context);
                begun.elapsed()
            });
            tries.next();
            tries.min().unwrap()
        };
        // A machine that is busy with something else makes a single look worthless.
        let mut looks = Vec::new();
        let is_bounded = (0..5).any(|_| {
            let (short, long) = (cost(8 * 1024), cost(31 * 1024));
            looks.push((short, long));
            long < short * 3
        });
        assert!(is_bounded, "{unit}: {looks:?}");
    }
}

#[test]
fn of_a_path_the_first_8_kib_are_looked_at_and_of_a_query_both_ends() {
    let auto_ban = AutoBan::builder().build().unwrap();
    let policy = policy(&auto_ban);
    let hits = || policy.hits().iter().map(|hits| hits.seen).sum::<u64>();
    let is_seen = |target: String| {
        let before = hits();
        seen_by(&policy, &target);
        hits() > before
    };
    let (probe, kib) = ("%3Cscript%3Ealert", |count: usize| "a".repeat(count * 1024));
    assert!(is_seen(format!("/{}{probe}", &kib(8)[20..])));
    assert!(!is_seen(format!("/{}{probe}", kib(8))));
    assert!(is_seen(format!("/?{probe}{}", kib(24))));
    assert!(is_seen(format!("/?{}{probe}", kib(24))), "behind what nobody reads");
    assert!(!is_seen(format!("/?{}{probe}{}", kib(12), kib(12))), "in between");
    for before in (8 * 1024 - 20)..(8 * 1024 + 5) {
        let padding = "a".repeat(before);
        assert!(is_seen(format!("/?{padding}{probe}")), "{before}");
        assert!(is_seen(format!("/?{padding}{probe}{}", &kib(8)[40..])), "{before}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing makes it panic.
    #[test]
    fn no_request_makes_it_panic(path in "(/[ -~]{0,40}){0,4}", query in "[ -~]{0,200}") {
        let target: String = format!("/{path}?{query}").chars().filter(|c| !" \"<>\\^`{|}#".contains(*c)).collect();
        if target.parse::<http::Uri>().is_ok() {
            seen(&target);
        }
    }

    /// A probe is seen wherever it stands in a query, in whatever case and however it is encoded.
    #[test]
    fn a_probe_is_seen_however_it_is_written(before in "[a-z=&]{0,50}", after in "[a-z=&]{0,50}", mask in any::<u64>()) {
        let probe: String = "<script>alert".bytes().enumerate().map(|(place, byte)| {
            let byte = if mask >> place & 1 == 1 { byte.to_ascii_uppercase() } else { byte };
            if mask >> (place + 16) & 1 == 1 || b"<>".contains(&byte) { format!("%{byte:02x}") } else { char::from(byte).to_string() }
        }).collect();
        prop_assert_eq!(seen(&format!("/?{before}{probe}{after}")), Some("injection.script".to_owned()));
    }
}
