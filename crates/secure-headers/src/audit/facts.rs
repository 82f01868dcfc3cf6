//! An answer with its parts read.

use super::{Answer, cookie::Cookie, csp::Policies};

/// An answer with its parts read, once for all rules of a set.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) answer: &'a Answer,
    pub(super) cookies: Vec<Cookie>,
    pub(super) policies: Policies,
}

// === impl Facts ===

impl<'a> Facts<'a> {
    pub(super) fn of(answer: &'a Answer) -> Self {
        let lines = answer.each(http::header::SET_COOKIE);
        let cookies = Cookie::kept(lines.filter_map(|line| Cookie::read(&line)), &answer.host);
        Self { answer, cookies, policies: Policies::of(answer) }
    }
}
