//! What was taken back of one user, or of everybody.

use std::time::{Duration, SystemTime};

use palisade_core::{Identity, IdentityKind, TokenDigest};

/// The most single tokens of one user that are kept.
const MOST_TOKENS: usize = 8;

/// What was taken back of one user, or of everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark {
    /// The last change, which ends streams and what was remembered.
    change: Option<Change>,
    /// Tokens issued by then are refused.
    issued_until: Option<SystemTime>,
    /// Tokens that are refused one by one.
    tokens: Vec<RevokedToken>,
}

/// A change: its number among all, and when it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) number: u64,
    pub(crate) at: SystemTime,
}

/// A token that is refused as long as it would be good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RevokedToken {
    pub(crate) digest: TokenDigest,
    /// When it says that it was issued.
    pub(crate) issued: Option<SystemTime>,
    pub(crate) until: SystemTime,
}

/// Whether something was taken note of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Noted {
    Yes,
    /// There is no room.
    Full,
}

// === impl Mark ===

impl Mark {
    /// What was known before `change` does not hold any more.
    pub(crate) fn change(&mut self, change: Change) {
        self.change = Some(change);
    }

    /// Refuses what was issued by `at`.
    pub(crate) fn revoke(&mut self, at: SystemTime) {
        self.issued_until = self.issued_until.max(Some(at));
    }

    /// Refuses one token more, if there is room.
    pub(crate) fn revoke_token(&mut self, token: RevokedToken, now: SystemTime) -> Noted {
        self.tokens.retain(|known| now < known.until && known.digest != token.digest);
        if self.tokens.len() >= MOST_TOKENS {
            return Noted::Full;
        }
        self.tokens.push(token);
        Noted::Yes
    }

    /// Whether there was a change behind change `number`.
    pub(crate) fn is_behind(&self, number: u64) -> bool {
        self.change.is_some_and(|change| change.number > number)
    }

    /// Whether what proved `who` is refused for when it was issued. A token that does not say so counts as issued before
    /// whatever revocation a token can have outlived; a key is no token, and taken back where keys are kept.
    pub(crate) fn covers(&self, who: &Identity, now: SystemTime, life: Duration) -> bool {
        let Some(until) = self.issued_until else { return false };
        match who.issue_time() {
            _ if who.kind() == IdentityKind::ApiKey => false,
            Some(issued) => issued <= until,
            None => now < later(until, life),
        }
    }

    /// Whether `token` is refused by itself. It is asked for only if there are such tokens: a digest has its price.
    pub(crate) fn lists(&self, token: impl FnOnce() -> Option<TokenDigest>) -> bool {
        !self.tokens.is_empty()
            && token().is_some_and(|token| self.tokens.iter().any(|known| known.digest == token))
    }

    /// Up to when tokens are refused for when they were issued.
    pub(crate) fn revoked_until(&self) -> Option<SystemTime> {
        self.issued_until
    }

    /// Who refuses what was issued by then refuses at least what this mark does; none if it refuses nothing.
    pub(crate) fn refuses_until(&self, now: SystemTime) -> Option<SystemTime> {
        let tokens = self.tokens.iter().filter(|token| now < token.until);
        self.issued_until.max(tokens.map(|token| latest_issue(token.issued, now)).max())
    }

    /// Whether anything that may still come depends on it.
    pub(crate) fn matters(&self, now: SystemTime, life: Duration) -> bool {
        let changed = self.change.map(|change| change.at);
        [changed, self.issued_until].into_iter().flatten().any(|at| now < later(at, life))
            || self.tokens.iter().any(|token| now < token.until)
    }
}

/// Up to when is refused what is refused for being issued by now: the clock of its issuer may run ahead of ours.
pub(crate) fn latest_issue(issued: Option<SystemTime>, now: SystemTime) -> SystemTime {
    issued.map_or(now, |issued| issued.max(now))
}

/// A time that the system cannot name is as late as the one it can.
pub(crate) fn later(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_add(by).unwrap_or(time)
}
