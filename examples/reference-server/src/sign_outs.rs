//! What was signed out of, kept in the database: a restart forgets none, and all instances obey.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use palisade::{
    core::TokenDigest,
    users::{Revocation, Revocations, Revoked, UserId},
};
use palisade_database::{Act, DatabaseError, SignOut, SignOuts as _};

use crate::directory::{Directory, read_name};

/// So many are read at once.
const PAGE: u32 = 1000;

/// What the database is to keep of a sign-out.
#[derive(Clone, Debug)]
pub struct KeptSignOut(SignOut);

// === impl KeptSignOut ===

impl KeptSignOut {
    /// What was taken back.
    pub(crate) fn new(revocation: &Revocation, directory: &Directory) -> Self {
        let user = &revocation.user;
        let (token, issued_until) = match &revocation.what {
            Revoked::Token { digest, issued } => (Some(digest.to_string()), *issued),
            Revoked::IssuedUntil(at) => (None, Some(*at)),
        };
        Self(SignOut {
            user_id: directory.name_of(user),
            issuer: user.issuer().map(str::to_owned),
            token,
            issued_until: issued_until.map(milliseconds),
            ends_at: milliseconds(revocation.ends),
        })
    }

    /// Writes it.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        act.sign_out(&self.0).await
    }
}

/// Takes over what is kept behind the sign-out with the number `seen`. Says how far that is.
pub(crate) async fn take_over(
    act: &mut Act,
    revocations: &Revocations,
    seen: i64,
) -> Result<i64, DatabaseError> {
    let revision = act.sign_outs_revision().await?;
    // A lower number is that of a database that was put back.
    let mut after = if revision < seen { 0 } else { seen };
    loop {
        let rows = act.sign_outs(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.number;
        rows.iter().filter_map(|row| read(&row.sign_out)).for_each(|it| revocations.take_over(&it));
    }
    Ok(revision.max(after))
}

fn read(sign_out: &SignOut) -> Option<Revocation> {
    let SignOut { user_id, issuer, token, issued_until, ends_at } = sign_out;
    let (named, subject) = read_name(user_id);
    let user = UserId::new(subject);
    let user = match named.or_else(|| issuer.clone()) {
        Some(issuer) => user.issued_by(issuer),
        None => user,
    };
    let issued = issued_until.map(time);
    let what = match token {
        Some(token) => Revoked::Token { digest: TokenDigest::from_hex(token)?, issued },
        None => Revoked::IssuedUntil(issued?),
    };
    Some(Revocation::new(user, what, time(*ends_at)))
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}
