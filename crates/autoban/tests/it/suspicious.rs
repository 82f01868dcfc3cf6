//! What counts as a suspicious request, and what does not.

use http::{Response, StatusCode, request, response};
use palisade_autoban::{
    AutoBan, AutoBanPolicy, Signature, SignatureKind, Signatures, SuspiciousPolicy,
    ViolationsPolicy,
};
use palisade_core::{
    Access, Code, Identity, IdentityKind, Policies, Policy, Rejection, RejectionKind, Route,
    SecurityContext, Verdict, ViolationKind,
};
use palisade_test_support::{Ask, Body};
use proptest::prelude::*;

use crate::{Bench, Who, code};

const BOT: Who<'_> = Who("203.0.113.9", None);

/// What stands further in: it answers, or refuses, or knows who it is.
#[derive(Clone, Copy)]
enum Inside {
    Answers(u16),
    Refuses(RejectionKind, Option<ViolationKind>),
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

fn policy(auto_ban: &AutoBan) -> SuspiciousPolicy {
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
fn seen(target: &str) -> Option<String> {
    let auto_ban = AutoBan::builder().build().unwrap();
    let policy = policy(&auto_ban);
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
        send(&bench, Ask::get("/?q=%3Cscript%3E"), "search", Inside::Answers(200));
    }
    assert_eq!(bench.auto_ban.violations().counted.total(), 6, "from the ban on it is not counted");
}

#[test]
fn a_probe_counts_at_once_whatever_the_answer_is() {
    for (target, answer) in [
        ("/?file=../../etc/passwd", 200),
        ("/?id=1%27%20OR%20%271%27=%271", 500),
        ("/%3Cscript%3E", 404),
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
        ("/?q=%3Cscript%3E", ViolationKind::Suspicious),
        ("/?q=%3Cscript%3E", ViolationKind::AuthFailure),
        ("/wp-login.php", ViolationKind::RateLimit),
    ] {
        let refuses = Inside::Refuses(RejectionKind::NotFound, Some(kind));
        assert_eq!(counts(target, "unmatched", refuses), 1, "{target} {kind:?}");
    }
    // But nobody hides a heavy violation behind a light one.
    let bench = Bench::new(|settings| settings.weight(ViolationKind::AuthFailure, 3).threshold(50));
    let refuses = Inside::Refuses(RejectionKind::Unauthenticated, Some(ViolationKind::AuthFailure));
    send(&bench, Ask::get("/?q=%3Cscript%3E"), "x", refuses);
    assert_eq!(bench.auto_ban.violations().offenders[0].weight, 4);
}

#[test]
fn a_probe_with_a_proven_token_counts_against_the_token_too() {
    let bench = Bench::new(|settings| settings);
    let present = |addr: &'static str| {
        let context = bench.context(Who(addr, None));
        let stack = AutoBanPolicy::new(bench.auto_ban.clone())
            .then(policy(&bench.auto_ban))
            .then(Inside::Proves);
        let ask = Ask::get("/?q=%3Cscript%3E").bearer("stolen");
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
    let answer = ask("/?q=%3Cscript%3E");
    assert_eq!((answer.status(), code(&answer)), (StatusCode::BAD_REQUEST, "suspicious-request"));
    assert_eq!(bench.auto_ban.violations().counted.suspicious, 1);
    assert_eq!(
        ask("/wp-login.php").status(),
        StatusCode::NOT_FOUND,
        "a scanner is answered as usual"
    );
    assert_eq!(bench.auto_ban.violations().counted.suspicious, 2);
}

#[test]
fn real_probes_are_seen() {
    for (target, id) in [
        ("/.env", "scanner.dotfiles"),
        ("/.env.production", "scanner.dotfiles"),
        ("/app/.git/config", "scanner.dotfiles"),
        ("/.%65nv", "scanner.dotfiles"),
        ("/blog/WP-Login.php", "scanner.wordpress"),
        ("/phpMyAdmin/index.php", "scanner.database-admin"),
        ("/cgi-bin/luci/;stok=/locale", "scanner.cgi"),
        ("/actuator/heapdump", "scanner.actuator"),
        ("/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "scanner.php"),
        ("/HNAP1", "scanner.devices"),
        ("/static/..%2f..%2fetc/passwd", "traversal.path"),
        ("/a/%2e%2e/%2e%2e/etc/passwd", "traversal.path"),
        ("/%252e%252e/%252e%252e/etc/passwd", "traversal.double-encoded"),
        ("/?f=..%2F..%2F..%2Fetc%2Fpasswd", "traversal.query"),
        ("/?f=/etc/passwd", "traversal.files"),
        ("/?f=image.php%00.png", "injection.null-byte"),
        ("/?id=-1+UNION+SELECT+1,2,3--", "injection.sql"),
        ("/?id=-1%20union%0aall%0aselect%201", "injection.sql"),
        ("/?id=1'+or+'1'='1", "injection.sql"),
        ("/?q=%22%3E%3Csvg/onload=alert(1)%3E", "injection.script"),
        ("/?x=%24%7Bjndi%3Aldap%3A%2F%2Fx%2Fa%7D", "injection.jndi"),
        ("/?host=1.1.1.1;cat%20/etc/passwd", "injection.command"),
        ("/?page=php://filter/convert.base64-encode/resource=index", "injection.php"),
        ("/?name=%7B%7B7*7%7D%7D", "injection.template"),
        (
            "/?class.module.classLoader.resources.context.parent.pipeline.first.pattern=x",
            "injection.java",
        ),
    ] {
        assert_eq!(seen(target).as_deref(), Some(id), "{target}");
    }
}

#[test]
fn honest_requests_are_not_seen() {
    for target in [
        "/",
        "/index.html",
        "/posts/environment",
        "/docs/.well-known/security.txt",
        "/.well-known/acme-challenge/x",
        "/wp-admins-guide",
        "/git/config",
        "/environments/.environment",
        "/search?q=select+a+union",
        "/search?q=union+select-committee",
        "/search?q=drop+table+tennis",
        "/search?q=rock+%26+roll",
        "/search?q=1+%2B+1+%3D+2",
        "/search?q=O%27Brien+or+O%27Neill",
        "/search?q=what+is+/etc/passwd",
        "/search?q=C%3A%5CWindows",
        "/search?q=jndi+lookup",
        "/search?q=time.sleep(5)",
        "/search?q=document.cookie",
        "/search?q=%23+Title%0A%0A*+one%0A*+two%0A%60code%60",
        "/search?q=if+(a+%3C+b)+%7B+return+a%3B+%7D",
        "/search?q=%24%7Bname%7D+and+%7B%7Bname%7D%7D",
        "/search?q=std::vector%3Cint%3E",
        "/search?q=100%25",
        "/search?q=100%",
        "/search?q=../x",
        "/a..b/c...d",
        "/next?url=https%3A%2F%2Fexample.com%2Fa%2F..%2Fb",
        "/img?data=iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4%2F%2F8%2Fw38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg%3D%3D",
        "/token?t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "/?filters%5Bprice%5D%5B%24gt%5D=5&sort=-price",
        "/?utm_source=news&utm_campaign=50%25+off%21",
        "/%E4%BD%A0%E5%A5%BD?%E4%BD%A0=%E5%A5%BD",
    ] {
        assert_eq!(seen(target), None, "{target}");
    }
}

/// What a real site was asked in four days, each target once, with the status of the answer.
const REAL_SITE: &str = include_str!("real-site.txt");

#[test]
fn of_a_real_sites_requests_only_those_of_scanners_count() {
    let bench = Bench::new(|settings| settings.threshold(u32::MAX));
    let policy = policy(&bench.auto_ban);
    let mut hits = Vec::new();
    for line in REAL_SITE.lines() {
        let (status, target) = line.split_once(' ').unwrap();
        let Ok(uri) = target.parse() else { continue };
        let before = bench.auto_ban.violations().counted;
        let mut head = palisade_test_support::head("/");
        head.uri = uri;
        let context = bench.context(BOT);
        let _pass = policy.check(&mut head, &context);
        let mut answer = Response::new(()).into_parts().0;
        answer.status = status.parse().unwrap();
        policy.finish(&context, &mut answer);
        if bench.auto_ban.violations().counted != before {
            hits.push(target);
        }
    }
    let scanned = [
        "/blog/wp-admin/",
        "/wordpress/wp-admin/",
        "/wp-admin/",
        "/wp-login.php",
        "/wp-login.php?action=register",
        "/wp/wp-admin/",
    ];
    assert_eq!(hits, scanned);
}

#[test]
fn a_wrong_signature_is_told() {
    let told = |signatures: Signatures| {
        let auto_ban = AutoBan::builder().build().unwrap();
        SuspiciousPolicy::new(auto_ban, signatures).unwrap_err().to_string()
    };
    let with = |kind, patterns: &[&'static str]| {
        told(Signatures::none().with(Signature::new("mine", kind, patterns.iter().copied())))
    };
    use SignatureKind::{Injection, Scanner};
    assert!(with(Scanner, &[]).contains("one pattern"));
    assert!(with(Scanner, &[""]).contains("4 to 256 bytes"));
    assert!(with(Scanner, &["/a"]).contains("4 to 256 bytes"));
    assert!(with(Scanner, &["wp-login.php"]).contains("begins with `/`"));
    assert!(with(Scanner, &["////"]).contains("a name"));
    assert!(with(Injection, &["select"]).contains("more than a word"));
    assert!(with(Injection, &["sel\nect"]).contains("visible ASCII"));
    let told_id = told(Signatures::documented().without("wordpress"));
    assert!(told_id.contains("did you mean `scanner.wordpress`?"), "{told_id}");
    let twice = Signature::new("scanner.cgi", Scanner, ["/cgi-bin/"]);
    assert!(told(Signatures::documented().with(twice)).contains("of its own"));
    let upper = Signature::new("Mine!", Scanner, ["/mine"]);
    assert!(told(Signatures::none().with(upper)).contains("lower case"));
}

#[test]
fn the_documented_set_can_be_changed() {
    let auto_ban = AutoBan::builder().build().unwrap();
    let ours = Signature::new("scanner.shop", SignatureKind::Scanner, ["/shop/admin.php"]);
    let signatures = Signatures::documented().without("scanner.wordpress").with(ours);
    let policy = SuspiciousPolicy::new(auto_ban, signatures).unwrap();
    for target in ["/wp-login.php", "/SHOP/admin.php"] {
        let mut head = palisade_test_support::head(target);
        let _verdict = policy.check(&mut head, &palisade_test_support::context());
    }
    let seen: Vec<_> = policy.hits().into_iter().filter(|hits| hits.seen > 0).collect();
    assert_eq!(seen.len(), 1);
    assert_eq!((&*seen[0].id, seen[0].kind), ("scanner.shop", "scanner"));
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
        let (short, long) = (cost(8 * 1024), cost(31 * 1024));
        assert!(long < short * 3, "{unit}: {short:?} {long:?}");
    }
}

#[test]
fn what_stands_behind_the_first_8_kib_is_not_looked_at() {
    let far = format!("/?q={}%3Cscript%3E", "a".repeat(8 * 1024));
    let near = format!("/?q={}%3Cscript%3E", "a".repeat(8 * 1024 - 20));
    assert_eq!((seen(&far), seen(&near).is_some()), (None, true));
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
        let probe: String = "<script".bytes().enumerate().map(|(place, byte)| {
            let byte = if mask >> place & 1 == 1 { byte.to_ascii_uppercase() } else { byte };
            if mask >> (place + 8) & 1 == 1 || byte == b'<' { format!("%{byte:02x}") } else { char::from(byte).to_string() }
        }).collect();
        prop_assert_eq!(seen(&format!("/?{before}{probe}{after}")), Some("injection.script".to_owned()));
    }
}
