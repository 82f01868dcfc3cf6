//! What quotas are called in Redis: digests, in which no user or address stands.

use palisade_autoban::{BanTarget, BannedUser};
use palisade_core::IdentityKind;
use palisade_ratelimit::{Charge, Key};
use sha2::{Digest, Sha256};

use crate::{RedisOptions, script::hex};

/// What is in front of every key.
#[derive(Clone)]
pub(crate) struct Names {
    namespace: Box<str>,
    salt: Box<[u8]>,
}

/// A digest of several parts, each with its length before it: `a`, `bc` and `ab`, `c` differ.
struct Parts {
    digest: Sha256,
}

// === impl Names ===

impl Names {
    pub(crate) fn new(options: &RedisOptions) -> Self {
        Self { namespace: options.namespace.clone(), salt: options.salt.clone() }
    }

    /// `palisade:{client}:rl:limit`. In a cluster the braces put all quotas of a client on one node, so that one call reaches them.
    ///
    /// The quota is part of the name, so one that is changed begins anew: what is owed to the old one is counted in other units, and
    /// instances of before and after the change would put each other's numbers right.
    pub(crate) fn of(&self, charge: &Charge<'_>) -> String {
        let (namespace, client) = (&self.namespace, self.client(&charge.key));
        let limit = self.limit(charge);
        format!("{namespace}:{{{client}}}:rl:{limit}")
    }

    /// Under what the violations of somebody are counted.
    pub(crate) fn violations(&self, target: &BanTarget) -> String {
        format!("{}:{{{}}}:violations", self.namespace, self.target(target))
    }

    /// Whom a ban is for, without saying it.
    pub(crate) fn target(&self, target: &BanTarget) -> String {
        let parts = Parts::new(&self.salt, "target");
        match target {
            BanTarget::Ip(key) => parts.add(b"ip").add(key.to_string().as_bytes()),
            BanTarget::User(BannedUser { issuer, subject, .. }) => parts
                .add(b"user")
                .add(&[u8::from(issuer.is_some())])
                .add(issuer.as_deref().unwrap_or_default().as_bytes())
                .add(subject.as_bytes()),
            BanTarget::Token(digest) => parts.add(b"token").add(digest.to_string().as_bytes()),
            _ => parts.add(format!("{target:?}").as_bytes()),
        }
        .finish()
    }

    fn client(&self, key: &Key<'_>) -> String {
        let parts = Parts::new(&self.salt, "client");
        let parts = match key {
            Key::User { kind, issuer, subject, .. } => {
                let issuer = issuer.map(str::as_bytes);
                parts
                    .add(b"user")
                    .add(kind_name(*kind).as_bytes())
                    .add(&[u8::from(issuer.is_some())])
                    .add(issuer.unwrap_or_default())
                    .add(subject.as_bytes())
            }
            Key::Address(address) => parts.add(b"address").add(address.to_string().as_bytes()),
            _ => parts.add(format!("{key:?}").as_bytes()),
        };
        parts.finish()
    }

    fn limit(&self, charge: &Charge<'_>) -> String {
        let quota = charge.quota;
        Parts::new(&self.salt, "limit")
            .add(charge.name.as_bytes())
            .add(&quota.limit().to_be_bytes())
            .add(&quota.window().as_nanos().to_be_bytes())
            .add(&quota.burst().to_be_bytes())
            .finish()
    }
}

fn kind_name(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Jwt => "jwt",
        IdentityKind::ApiKey => "api-key",
        _ => "other",
    }
}

// === impl Parts ===

impl Parts {
    fn new(salt: &[u8], what: &str) -> Self {
        Self { digest: Sha256::new() }.add(salt).add(what.as_bytes())
    }

    fn add(mut self, part: &[u8]) -> Self {
        self.digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.digest.update(part);
        self
    }

    /// 128 bits: to find two clients that share a quota takes 2^64 tries.
    fn finish(self) -> String {
        hex(self.digest.finalize().get(..16).unwrap_or_default())
    }
}

/// Without the salt.
impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}
