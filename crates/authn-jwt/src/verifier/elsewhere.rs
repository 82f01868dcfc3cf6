//! What a verifier does where the keys at hand do not decide: it has keys fetched, and asks issuers.

use std::{
    future::ready,
    sync::{Arc, atomic::Ordering},
};

use palisade_core::{BoxFuture, Clock, ConfigError, IpKey, Moment};
use tokio::{runtime::Handle, task::JoinSet};

use super::{Verified, Verifier};
use crate::{
    Keys, TokenError,
    compact::Compact,
    issuer::Trusted,
    remote::{FetchedKeys, KeyRefresh, KeysStatus, Remote, UserCheck, keep_fresh},
    said::Said,
};

/// The verdict on a token, once somebody else was asked.
pub(crate) type Asked = BoxFuture<Result<Verified, TokenError>>;

/// A token that was refused, and about which somebody else may know better.
struct Doubted<'a> {
    token: &'a str,
    compact: Compact<'a>,
    issuer: &'a Trusted,
    now: Moment,
    client: Option<IpKey>,
}

impl Verifier {
    /// Fetches the keys of every issuer with [remote keys](crate::Issuer::remote_keys): now, when they are old, and when a
    /// token names one that is not there. In the background of the runtime this is called in, until what it returns is
    /// dropped. What is fetched already, for this verifier or a clone, is not fetched twice.
    ///
    /// # Errors
    ///
    /// Outside a runtime of tokio.
    pub fn fetch_keys(&self, clock: &Clock) -> Result<KeyRefresh, ConfigError> {
        let runtime = Handle::try_current().map_err(|_| {
            ConfigError::new("place to fetch keys from", "this thread")
                .expected("a runtime of tokio")
        })?;
        let (mut tasks, mut shifts) = (JoinSet::new(), Vec::new());
        for issuer in &self.inner.issuers {
            if let Some(Remote::Keys(keys)) = issuer.remote()
                && let Some(shift) = keys.start()
            {
                shifts.push(shift.clone());
                tasks.spawn_on(keep_fresh(shift, self.clone(), clock.clone()), &runtime);
            }
        }
        Ok(KeyRefresh::new(tasks, shifts))
    }

    /// How the remote keys are doing, issuer by issuer.
    pub fn remote_keys(&self) -> Vec<KeysStatus> {
        let remotes = self.inner.issuers.iter().filter_map(Trusted::remote);
        remotes.filter_map(Remote::status).collect()
    }

    /// Asks elsewhere about `token`, which `client` brought and which was refused with `error`, if anybody there may know
    /// better.
    pub(crate) fn ask(
        &self,
        token: &str,
        now: Moment,
        client: Option<IpKey>,
        error: TokenError,
    ) -> Option<Asked> {
        let is_wrong = error == TokenError::Signature;
        let may_be_known = match error {
            TokenError::UnknownKey => true,
            TokenError::Signature => self.fetches_keys(),
            error => error.is_unavailable(),
        };
        if !may_be_known {
            return None;
        }
        let compact = Compact::parse(token, self.inner.longest_token).ok()?;
        let issuer = self.issuer_of(&compact).ok()?;
        let doubted = Doubted { token, compact, issuer, now, client };
        match issuer.remote()? {
            Remote::Keys(keys) if is_wrong => self.ask_for_another_key(&doubted, keys),
            Remote::Keys(keys) => self.ask_for_key(&doubted, keys),
            Remote::User(_) if is_wrong => None,
            Remote::User(user) => Some(self.ask_issuer(&doubted, user)),
        }
    }

    /// Puts the keys of the issuer of this name in force, and forgets what was remembered.
    pub(crate) fn put_keys(&self, name: Option<&str>, keys: Keys) {
        if let Some(issuer) = self.issuer_named(name) {
            issuer.put_keys(keys);
            self.bump_epoch();
        }
    }

    fn fetches_keys(&self) -> bool {
        let mut remotes = self.inner.issuers.iter().filter_map(Trusted::remote);
        remotes.any(|remote| matches!(remote, Remote::Keys(_)))
    }

    /// What a token says that is good but for its signature.
    fn hear<'a>(&self, doubted: &'a Doubted<'_>) -> Result<Said<'a>, TokenError> {
        doubted.issuer.check_type(doubted.compact.typ.as_deref())?;
        Said::read(&doubted.compact, doubted.now.wall(), self.inner.leeway)
    }

    /// Has keys fetched for a token whose key is missing, and judges it again.
    fn ask_for_key(&self, doubted: &Doubted<'_>, keys: &FetchedKeys) -> Option<Asked> {
        // What is bad with every key is not worth a fetch.
        self.hear(doubted).and_then(|said| said.check(doubted.issuer)).ok()?;
        let fetch = keys.missed(doubted.now);
        // The key may have come since the token was judged.
        if fetch.is_none() && !doubted.issuer.has_key_for(&doubted.compact) {
            return None;
        }
        let Doubted { now, client, .. } = *doubted;
        let (verifier, token) = (self.clone(), Box::<str>::from(doubted.token));
        Some(Box::pin(async move {
            if let Some(mut fetch) = fetch {
                // However it ended, the keys of then decide.
                let _ = fetch.changed().await;
            }
            verifier.judge(&token, now, client)
        }))
    }

    /// Does so for a token whose signature is not that of the key which answered, where it is not the one that the token names.
    /// The signature was computed, and counts. While keys never came, it proves nothing.
    fn ask_for_another_key(&self, doubted: &Doubted<'_>, keys: &Arc<FetchedKeys>) -> Option<Asked> {
        if !doubted.issuer.has_stand_in_for(&doubted.compact) {
            return None;
        }
        self.hear(doubted).and_then(|said| said.check(doubted.issuer)).ok()?;
        let Some(mut fetch) = keys.missed(doubted.now) else {
            let unknown = Err::<Verified, _>(TokenError::KeysUnavailable);
            return if keys.is_loaded() { None } else { Some(Box::pin(ready(unknown))) };
        };
        let Doubted { now, client, .. } = *doubted;
        let (verifier, keys) = (self.clone(), Arc::clone(keys));
        let token = Box::<str>::from(doubted.token);
        Some(Box::pin(async move {
            let _ = fetch.changed().await;
            match verifier.judge(&token, now, client) {
                Err(TokenError::Signature) if !keys.is_loaded() => Err(TokenError::KeysUnavailable),
                verdict => verdict,
            }
        }))
    }

    /// Asks the issuer about a token.
    fn ask_issuer(&self, doubted: &Doubted<'_>, user: &Arc<UserCheck>) -> Asked {
        // Before anybody is asked: see `authenticate`.
        let epoch = self.inner.epoch.load(Ordering::SeqCst);
        let claimed = self.hear(doubted).and_then(|said| said.believed(doubted.issuer));
        let Doubted { now, client, .. } = *doubted;
        let (verifier, user) = (self.clone(), Arc::clone(user));
        let token = Box::<str>::from(doubted.token);
        Box::pin(async move {
            let claimed = claimed?;
            let answer = user.confirm(&token, claimed.identity().subject(), epoch).await;
            let sought = verifier.inner.cache.sought(&token);
            // Of all who waited for one answer, the first counts it, and remembers it for the others.
            if answer == Err(TokenError::Rejected) && verifier.recall(sought, epoch, now).is_none()
            {
                verifier.count_failure(client, now);
            }
            verifier.remember(sought, epoch, now, answer.map(|()| claimed))
        })
    }
}
