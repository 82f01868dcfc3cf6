//! What is seen in a page.

use std::time::{Duration, Instant};

use palisade_secure_headers::audit::{Page, RuleSet, Script};

fn scripts(html: &str) -> Vec<(Option<String>, Option<String>)> {
    Page::read(html)
        .scripts
        .into_iter()
        .map(|Script { src, integrity, .. }| (src, integrity))
        .collect()
}

fn from(src: &str, integrity: Option<&str>) -> (Option<String>, Option<String>) {
    (Some(src.to_owned()), integrity.map(str::to_owned))
}

#[test]
fn scripts_are_found_however_they_are_written() {
    for html in [
        "<script src=/a.js></script>",
        "<SCRIPT\n\tasync SRC = '/a.js' ></SCRIPT>",
        "<script src=\"/a.js\" src=\"/b.js\">",
        "<script/src=/a.js>",
        "<p title='>'><script defer src=/a.js>",
    ] {
        assert_eq!(scripts(html), [from("/a.js", None)], "{html}");
    }
    assert_eq!(
        scripts("<script src='/a?b=1&amp;c=2' integrity=sha384-x>"),
        [from("/a?b=1&c=2", Some("sha384-x"))]
    );
    assert_eq!(scripts("<script>1</script><script src=''></script>"), [(None, None), (None, None)]);
}

#[test]
fn what_only_looks_like_a_script_is_none() {
    for html in [
        "<!-- <script src=a></script> -->",
        "<title><script src=a></script></title>",
        "<textarea><script src=a></textarea>",
        "<style><script src=a></style>",
        "<script src=a",
        "< script src=a>",
        "<scripture src=a>",
        "<p title='<script src=a>'>",
        "&lt;script src=a>",
        "<!-- never closed <script src=a>",
    ] {
        assert_eq!(scripts(html), [], "{html}");
    }
    let written =
        "<script>document.write('<script src=a><\\/script>')</script><script src=b></script>";
    assert_eq!(scripts(written), [(None, None), from("b", None)]);
}

#[test]
fn policies_and_referrers_are_found() {
    let page = Page::read(
        "<meta charset=utf-8><META HTTP-EQUIV=' content-security-policy ' content=\"default-src &#39;none&#39;\">\
         <meta http-equiv=refresh content=0><meta name=Referrer content=origin><meta name=referrer content=no-referrer>",
    );
    assert_eq!(page.policies, ["default-src 'none'"]);
    assert_eq!(page.referrer.as_deref(), Some("no-referrer"));
}

#[test]
fn what_a_page_says_turns_no_line_of_the_terminal() {
    let page = Page::read(
        "<meta http-equiv=content-security-policy content='x\u{202e}\u{2066}\u{1b}[2J y'>",
    );
    let answer = super::answer(&[("content-type", "text/html")]).page(page);
    for rules in RuleSet::all() {
        let text = rules.audit(&answer).to_string();
        assert!(!text.contains(['\u{202e}', '\u{2066}', '\u{1b}']), "{text}");
    }
}

/// Pages of 2 MiB, each written to make some reader of policies work for the square of its length.
#[test]
fn a_page_full_of_policies_is_read_in_no_time() {
    const SIZE: usize = 2 * 1024 * 1024;
    let long = |piece: &dyn Fn(usize) -> String| {
        let mut text = String::new();
        for number in 0.. {
            if text.len() >= SIZE {
                break;
            }
            text.push_str(&piece(number));
        }
        text
    };
    let directives = long(&|number| format!("{number} a;"));
    let sources = format!("img-src {}", long(&|number| format!("{number} ")));
    let again = format!(
        "report-uri {}",
        long(&|number| if number < 200_000 { format!("{number} ") } else { ";report-uri".into() })
    );
    for policies in [vec![directives], vec![sources.clone(), sources], vec![again.clone(), again]] {
        let page = Page { policies, ..Page::default() };
        let answer = super::answer(&[("content-type", "text/html")]).page(page);
        let start = Instant::now();
        for rules in RuleSet::all() {
            assert!(rules.audit(&answer).failures().count() > 0);
        }
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn a_policy_too_long_to_be_read_holds_nothing() {
    let policy = "default-src 'none'; base-uri 'none'";
    let check = |policy: &str, expected: &str| {
        let page = Page { policies: vec![policy.to_owned()], ..Page::default() };
        let report = RuleSet::asvs().audit(&super::answer(&[]).page(page));
        assert_eq!(super::row(&report, "3.4.3").verdict.as_str(), expected);
    };
    check(policy, "pass");
    check(&format!("{policy};{}", " ".repeat(60_000)), "pass");
    check(&format!("{policy};{}", " ".repeat(70_000)), "FAIL");
}
