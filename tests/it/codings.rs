//! What a client accepts never changes what became of its request.

use http::Method;
use palisade_test_support::Ask;

use crate::site::{DONE, Site};

#[test]
fn a_client_that_accepts_no_coding_of_ours_and_none_at_all_gets_a_plain_answer() {
    let site = Site::new();
    let alice = site.token("alice", &["admin"]);
    for accepts in [
        "identity;q=0",
        "*;q=0",
        "compress, identity;q=0",
        "br;q=0, *;q=0",
        "gzip;q=9, *;q=0",
        "gzip;q=0, gzip, *;q=0",
        "x-gzip;q=0, gzip, *;q=0",
    ] {
        let ask = Ask::method(Method::POST, "/api/admin/bans").bearer(&alice);
        let answer = site.ask(ask.header("accept-encoding", accepts));
        assert_eq!((answer.status(), &*answer.body), (200, DONE.as_bytes()), "{accepts}");
        assert_eq!(answer.header("content-encoding"), None, "{accepts}");
        // The site's quota is one request a minute.
        site.time.advance(std::time::Duration::from_secs(61));
    }
}

#[test]
fn codings_that_are_wanted_may_stand_in_several_lines() {
    let site = Site::new();
    let alice = site.token("alice", &["admin"]);
    let ask = Ask::method(Method::POST, "/api/admin/bans").bearer(&alice);
    let ask = ask.header("accept-encoding", "br;q=0").header("accept-encoding", "gzip");
    let answer = site.ask(ask);
    assert_eq!((answer.status(), answer.header("content-encoding")), (200, Some("gzip")));
}
