//! What is not at hand: keys that are fetched, and issuers that are asked about each token.

mod discovery;
mod endpoint;
mod fetch_error;
mod fetched_keys;
mod fetcher;
mod flights;
mod refresh;
mod remote_keys;
mod remote_user;
mod status;
mod supabase;
mod user_check;

use std::{
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade_core::ConfigError;

pub(crate) use self::{fetched_keys::FetchedKeys, refresh::keep_fresh, user_check::UserCheck};
pub use self::{
    refresh::KeyRefresh,
    remote_keys::RemoteKeys,
    remote_user::RemoteUser,
    status::{FetchFailure, KeysStatus},
    supabase::Supabase,
};
use crate::{Keys, TokenError};

/// How long one question may take, from the look-up of the name to the last byte.
const TIME_LIMITS: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(10);
const USUAL_TIME_LIMIT: Duration = Duration::from_secs(5);

/// Whom an issuer says to ask.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Keys(RemoteKeys),
    User(RemoteUser),
}

/// Who is asked where the keys at hand do not decide.
#[derive(Debug)]
pub(crate) enum Remote {
    Keys(Arc<FetchedKeys>),
    User(Arc<UserCheck>),
}

// === impl Source ===

impl Source {
    /// Makes ready to ask for the issuer of this name, which has `local` keys at hand.
    pub(crate) fn open(self, issuer: Option<&str>, local: &Keys) -> Result<Remote, ConfigError> {
        match self {
            Self::Keys(keys) => keys.open(issuer, local).map(Arc::new).map(Remote::Keys),
            Self::User(user) => user.open().map(Arc::new).map(Remote::User),
        }
    }
}

// === impl Remote ===

impl Remote {
    /// What to say of a token whose key is not at hand, while nobody was asked.
    pub(crate) fn missing_key(&self) -> TokenError {
        match self {
            Self::Keys(keys) if keys.is_loaded() => TokenError::UnknownKey,
            Self::Keys(_) => TokenError::KeysUnavailable,
            Self::User(_) => TokenError::AuthUnavailable,
        }
    }

    pub(crate) fn status(&self) -> Option<KeysStatus> {
        match self {
            Self::Keys(keys) => Some(keys.status()),
            Self::User(_) => None,
        }
    }
}

fn check_time_limit(limit: Duration) -> Result<(), ConfigError> {
    if TIME_LIMITS.contains(&limit) {
        return Ok(());
    }
    Err(ConfigError::new("time limit of a fetch", format!("{limit:?}")).expected("10 ms to 10 s"))
}

/// Nothing here can be left half written, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
