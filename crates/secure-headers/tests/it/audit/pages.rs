//! What is seen in a page.

use palisade_secure_headers::audit::{Page, Script};

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
