//! What the log says of probes: the first of a client within a minute, so that nobody fills a disk.

use std::{
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
};

use palisade_core::{IpKey, KeyedHash, SECURITY_TARGET, SecurityContext};

use super::Signature;
use crate::alerts::Fold;

/// So many events within a minute at most, whoever sends from however many addresses: those that share a place are folded
/// into one.
const PLACES: usize = 256;

#[derive(Debug)]
pub(super) struct Told {
    hash: KeyedHash,
    places: Box<[Mutex<Fold>]>,
}

// === impl Told ===

impl Told {
    /// Logs a probe, or counts it if one of the same client was logged less than a minute ago.
    pub(super) fn tell(&self, signature: &Signature, context: &SecurityContext) {
        let key = context.client_ip().map(palisade_core::ClientIp::key);
        let Some(folded) = self.fold(key, context) else { return };
        tracing::info!(
            target: SECURITY_TARGET,
            event = "request.suspicious",
            signature = signature.id(),
            kind = signature.kind().as_str(),
            request_id = %context.request_id(),
            client_ip = context.client_ip().map(tracing::field::display),
            folded,
            "suspicious"
        );
    }

    fn fold(&self, key: Option<IpKey>, context: &SecurityContext) -> Option<u64> {
        let places = u64::try_from(self.places.len()).ok()?;
        let place = self.hash.hash_one(key).checked_rem(places)?;
        let fold = self.places.get(usize::try_from(place).ok()?)?;
        fold.lock().unwrap_or_else(PoisonError::into_inner).raise(context.arrived().instant())
    }
}

impl Default for Told {
    fn default() -> Self {
        let places = (0..PLACES).map(|_| Mutex::default()).collect();
        Self { hash: KeyedHash::default(), places }
    }
}
