//! What was taken back, and what changed: obeyed by the next request, and by streams that are open.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use palisade_core::{Code, Identity, Rejection, RejectionKind, SecurityContext, TokenDigest};

use crate::{
    Proof, Revocation, RevocationsBuilder, Revoked, UserId, Watch,
    by_user::{ByUser, Writing},
    config::{LEEWAY, Settings},
    mark::{Change, Mark, Noted, RevokedToken, later, latest_issue},
    revoked_tokens::Judged,
    watchers::Watchers,
};

const TOO_MANY: Code = Code::new("temporarily-unavailable", "Too many streams are open");

/// What was taken back, and what changed: tokens of a user by when they were issued, single tokens, and roles. Clones share
/// it.
///
/// Whoever reads takes no lock. What is written here is obeyed by the next request and by the streams that are open; see
/// the [crate docs](crate) for the rules and the bounds.
#[derive(Clone, Debug)]
pub struct Revocations {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Of everybody.
    all: ArcSwap<Mark>,
    users: ByUser<Mark>,
    /// The number of the last change. Written last, so that who reads it first sees what belongs to it.
    last: AtomicU64,
    watchers: Watchers,
    settings: Settings,
}

// === impl Revocations ===

impl Revocations {
    /// Starts with nothing taken back, by the system's clock and with the [builder](Self::builder)'s bounds.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    /// Starts from tokens that live a day at most, 100 000 users and 10 000 streams.
    pub fn builder() -> RevocationsBuilder {
        RevocationsBuilder::default()
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let inner = Inner {
            all: ArcSwap::default(),
            users: ByUser::default(),
            last: AtomicU64::new(0),
            watchers: Watchers::new(settings.most_streams),
            settings,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Takes back the tokens of `user` that were issued by `at`, and ends his streams: signing out everywhere, a new
    /// password, a ban. A token names whole seconds: one that was issued in the second of `at` is taken back too.
    ///
    /// Where the issuer's clock runs ahead of ours, a token may say that it was issued after it was: let `at` be that much
    /// later.
    pub fn revoke(&self, user: &UserId, at: SystemTime) {
        self.mark(user, |mark, change| {
            mark.revoke(at);
            mark.change(change);
        });
        self.end_streams(|who| user.is(who));
    }

    /// What [`revoke`](Self::revoke) takes back: for who keeps it, and then [takes it over](Self::take_over).
    #[must_use]
    pub fn plan_revoke(&self, user: &UserId, at: SystemTime) -> Revocation {
        let ends = later(at, self.inner.settings.life());
        Revocation::new(user.clone(), Revoked::IssuedUntil(at), ends)
    }

    /// Takes back what was taken back in another process, or before this one started. What is known here already changes
    /// nothing.
    pub fn take_over(&self, revocation: &Revocation) {
        let Revocation { user, what, ends } = revocation;
        match what {
            _ if *ends <= self.now() => {}
            Revoked::Token { digest, issued } => {
                let token = RevokedToken { digest: *digest, issued: *issued, until: *ends };
                if self.note_token(user, token) == Noted::Full {
                    self.revoke(user, latest_issue(*issued, self.now()));
                }
            }
            Revoked::IssuedUntil(at) => {
                let known = self.inner.users.read(user.identity(), Mark::revoked_until).flatten();
                if known < Some(*at) {
                    self.revoke(user, *at);
                }
            }
        }
    }

    /// Takes back all tokens that were issued by `at`, and ends all streams.
    pub fn revoke_all(&self, at: SystemTime) {
        self.mark_all(|mark, change| {
            mark.revoke(at);
            mark.change(change);
        });
        self.end_streams(|_| true);
    }

    /// Takes back one token until it ends by itself, and ends the streams it opened: signing out here and nowhere else.
    ///
    /// Of one user eight tokens are kept. For the next one, and for a proof that names no token, all his tokens are taken
    /// back that were issued until now.
    ///
    /// Returns what was taken back, for who keeps it.
    pub fn revoke_token(&self, proof: &Proof) -> Revocation {
        let (who, user) = (proof.identity(), UserId::of(proof.identity()));
        let Some(digest) = proof.token_name() else { return self.revoke_user_of(proof) };
        let undated = || later(self.now(), self.inner.settings.life());
        let until = who.expiry().map_or_else(undated, |end| later(end, LEEWAY));
        let issued = who.issue_time();
        match self.note_token(&user, RevokedToken { digest, issued, until }) {
            Noted::Yes => Revocation::new(user, Revoked::Token { digest, issued }, until),
            Noted::Full => self.revoke_user_of(proof),
        }
    }

    /// Up to when the tokens of `user` were taken back by when they were issued, with those of everybody or on their own;
    /// none if they were not.
    #[must_use]
    pub fn revoked_until(&self, user: &UserId) -> Option<SystemTime> {
        let Inner { all, users, .. } = &*self.inner;
        // In the order of `refuses`.
        let own = users.read(user.identity(), Mark::revoked_until).flatten();
        own.max(all.load().revoked_until())
    }

    /// How many users something was taken back from, or changed for, of late.
    #[must_use]
    pub fn users(&self) -> usize {
        self.inner.users.len()
    }

    /// How many streams are open whose end somebody watches.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.inner.watchers.count()
    }

    /// Takes note that roles, organisations or the state of `user` changed: his tokens stay good, what was remembered of him
    /// is asked anew, and his streams end. Call it when the change can be read, not before.
    pub fn user_changed(&self, user: &UserId) {
        self.mark(user, Mark::change);
        self.end_streams(|who| user.is(who));
    }

    /// Takes note that users changed, whoever they are.
    pub fn everyone_changed(&self) {
        self.mark_all(Mark::change);
        self.end_streams(|_| true);
    }

    /// Ends the streams of those who are meant, and nothing else: after a ban that names a subject whoever issued it, say.
    pub fn end_streams(&self, is_meant: impl Fn(&Identity) -> bool) {
        self.inner.watchers.end(|proof| is_meant(proof.identity()));
    }

    /// Watches over the stream that this request opens. Whatever was taken back or changed since
    /// [`RevokedTokensPolicy`](crate::RevokedTokensPolicy) judged the request ends it at once. A stream of nobody is never
    /// ended.
    ///
    /// # Errors
    ///
    /// 503 `temporarily-unavailable` if as many are open as may be, or 64 of this user.
    pub fn watch(&self, context: &SecurityContext) -> Result<Watch, Rejection> {
        let judged = context.attached::<Judged>();
        let since = judged.map_or_else(|| self.last_change(), |judged| judged.last_change);
        let Some(proof) = Proof::of(context) else {
            return Ok(Watch::new(self.clone(), None, None));
        };
        // The place is taken first: what comes from now on ends it, and what came before is looked for behind it.
        let place = self.inner.watchers.add(proof.clone()).ok_or_else(|| {
            Rejection::new(RejectionKind::Unavailable, TOO_MANY).retry_after(Duration::from_secs(1))
        })?;
        let (who, now) = (proof.identity(), context.arrived().wall());
        if self.refuses(who, || proof.token_name(), now) || self.changed_since(who, since) {
            self.inner.watchers.end_at(place);
        }
        Ok(Watch::new(self.clone(), Some(place), who.expiry()))
    }

    /// Whether what proved `who` was taken back.
    pub(crate) fn refuses(
        &self,
        who: &Identity,
        token: impl FnOnce() -> Option<TokenDigest>,
        now: SystemTime,
    ) -> bool {
        let Inner { all, users, settings, .. } = &*self.inner;
        let life = settings.life();
        let of_user = |mark: &Mark| mark.covers(who, now, life) || mark.lists(token);
        // First the many, then the one: what left the many while this reads is in the one by then.
        users.read(who, of_user).unwrap_or(false) || all.load().covers(who, now, life)
    }

    /// The number of the last change. Read before what it is to be compared with.
    pub(crate) fn last_change(&self) -> u64 {
        self.inner.last.load(Ordering::Acquire)
    }

    /// Whether anything about `who` changed behind change `number`.
    pub(crate) fn changed_since(&self, who: &Identity, number: u64) -> bool {
        let Inner { all, users, .. } = &*self.inner;
        // In the order of `refuses`.
        users.read(who, |mark| mark.is_behind(number)).unwrap_or(false)
            || all.load().is_behind(number)
    }

    pub(crate) fn watchers(&self) -> &Watchers {
        &self.inner.watchers
    }

    /// Takes back all tokens of the user of `proof` that were issued until now, and its own: the issuer's clock may run ahead
    /// of ours.
    fn revoke_user_of(&self, proof: &Proof) -> Revocation {
        let (who, user) = (proof.identity(), UserId::of(proof.identity()));
        let at = latest_issue(who.issue_time(), self.now());
        self.revoke(&user, at);
        self.plan_revoke(&user, at)
    }

    /// Takes note of one token, if there is room, and ends the streams that it opened.
    fn note_token(&self, user: &UserId, token: RevokedToken) -> Noted {
        let mut noted = Noted::Full;
        self.mark(user, |mark, change| noted = mark.revoke_token(token, change.at));
        if noted == Noted::Yes {
            self.inner.watchers.end(|other| other.token_name() == Some(token.digest));
        }
        noted
    }

    fn now(&self) -> SystemTime {
        self.inner.settings.clock.now().wall()
    }

    fn mark(&self, user: &UserId, write: impl FnOnce(&mut Mark, Change)) {
        let marks = self.inner.users.write();
        let change = self.next_change();
        let known = marks.value(user);
        let is_full = known.is_none() && marks.len() >= self.inner.settings.most_users;
        let everyone = is_full && self.make_room(&marks, change);
        let mut mark = known.unwrap_or_default();
        write(&mut mark, change);
        marks.put(user, mark);
        self.inner.last.store(change.number, Ordering::Release);
        drop(marks);
        if everyone {
            self.end_streams(|_| true);
        }
    }

    fn mark_all(&self, write: impl FnOnce(&mut Mark, Change)) {
        let turn = self.inner.users.write();
        let change = self.next_change();
        let mut all = Mark::clone(&self.inner.all.load());
        write(&mut all, change);
        self.inner.all.store(Arc::new(all));
        self.inner.last.store(change.number, Ordering::Release);
        drop(turn);
    }

    /// Forgets marks that nothing depends on any more. If all matter, they become one of everybody, so that none is
    /// forgotten that refuses something; returns whether that was needed.
    fn make_room(&self, marks: &Writing<'_, Mark>, change: Change) -> bool {
        let Settings { most_users, .. } = self.inner.settings;
        let life = self.inner.settings.life();
        let mut refused: Option<SystemTime> = None;
        marks.retain(|mark| {
            refused = refused.max(mark.refuses_until(change.at));
            mark.matters(change.at, life)
        });
        if marks.len() < most_users {
            return false;
        }
        let mut all = Mark::clone(&self.inner.all.load());
        all.change(change);
        if let Some(at) = refused {
            all.revoke(at);
        }
        // First the one, then the many: there is no moment in between that lets anyone in.
        self.inner.all.store(Arc::new(all));
        marks.retain(|_| false);
        true
    }

    /// Asked with the turn to write.
    fn next_change(&self) -> Change {
        let number = self.inner.last.load(Ordering::Acquire).saturating_add(1);
        Change { number, at: self.now() }
    }
}

impl Default for Revocations {
    fn default() -> Self {
        Self::new()
    }
}
