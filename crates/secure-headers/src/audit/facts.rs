//! An answer with its parts read.

use super::{Answer, cookie::Cookie, csp::Policies};

/// An answer with its parts read, once for all rules of a set.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) answer: &'a Answer,
    /// Those that a browser keeps.
    pub(super) cookies: Vec<Cookie>,
    /// Those that the Observatory's program keeps.
    pub(super) cookies_there: Vec<Cookie>,
    pub(super) policies: Policies,
}

// === impl Facts ===

impl<'a> Facts<'a> {
    pub(super) fn of(answer: &'a Answer) -> Self {
        let kept = |fit| {
            let lines = answer.each(http::header::SET_COOKIE);
            Cookie::kept(lines.filter_map(|line| Cookie::read(&line)), &answer.host, fit)
        };
        let cookies = kept(Cookie::keeps_its_prefix);
        let cookies_there = kept(Cookie::keeps_its_prefix_there);
        Self { answer, cookies, cookies_there, policies: Policies::of(answer) }
    }
}
