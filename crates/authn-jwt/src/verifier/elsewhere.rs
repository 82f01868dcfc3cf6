//! What a verifier does where the keys at hand do not decide: it has keys fetched, and asks issuers.

use std::sync::{Arc, atomic::Ordering};

use palisade_core::{BoxFuture, Clock, ConfigError, IpKey, Moment};
use tokio::{runtime::Handle, task::JoinSet};

use super::{Verified, Verifier};
use crate::{
    TokenError,
    compact::Compact,
    issuer::Trusted,
    remote::{KeyRefresh, KeysStatus, Remote, keep_fresh},
    said::Said,
};

/// The verdict on a token, once somebody else was asked.
pub(crate) type Asked = BoxFuture<Result<Verified, TokenError>>;

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
        if error != TokenError::UnknownKey && !error.is_unavailable() {
            return None;
        }
        // Before anybody is asked: see `authenticate`.
        let epoch = self.inner.epoch.load(Ordering::SeqCst);
        let compact = Compact::parse(token, self.inner.longest_token).ok()?;
        let issuer = self.issuer_of(&compact).ok()?;
        let remote = issuer.remote()?;
        let claimed = issuer
            .check_type(compact.typ.as_deref())
            .and_then(|()| Said::read(&compact, now.wall(), self.inner.leeway))
            .and_then(|said| said.believed(issuer));
        let (verifier, token) = (self.clone(), Box::<str>::from(token));
        match remote {
            Remote::Keys(keys) => {
                // What is bad with every key is not worth a fetch.
                if claimed.is_err() {
                    return None;
                }
                let fetch = keys.missed(now);
                // The key may have come since the token was judged.
                if fetch.is_none() && !issuer.has_key_for(&compact) {
                    return None;
                }
                Some(Box::pin(async move {
                    if let Some(mut fetch) = fetch {
                        // However it ended, the keys of then decide.
                        let _ = fetch.changed().await;
                    }
                    verifier.judge(&token, now, client)
                }))
            }
            Remote::User(user) => {
                let user = Arc::clone(user);
                Some(Box::pin(async move {
                    let claimed = claimed?;
                    let answer = user.confirm(&token, claimed.identity().subject()).await;
                    let sought = verifier.inner.cache.sought(&token);
                    // Of all who waited for one answer, the first counts it, and remembers it for the others.
                    if answer == Err(TokenError::Rejected)
                        && verifier.recall(sought, epoch, now).is_none()
                    {
                        verifier.count_failure(client, now);
                    }
                    verifier.remember(sought, epoch, now, answer.map(|()| claimed))
                }))
            }
        }
    }
}
