//! How much of an address is kept, and the key that pseudonyms are made with.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};

use crate::{Addresses, RecordedAddress};

const SECONDS_OF_A_DAY: u64 = 86_400;

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// Makes of a client's address what is kept of it.
#[derive(Debug)]
pub(crate) struct Keeper {
    addresses: Addresses,
    key: Mutex<DailyKey>,
}

/// 256 random bits, for one day by UTC.
struct DailyKey {
    day: u64,
    /// Overwritten in its place.
    key: [u8; 32],
}

// === impl Keeper ===

impl Keeper {
    pub(crate) fn new(addresses: Addresses, now: SystemTime) -> Self {
        Self { addresses, key: Mutex::new(DailyKey { day: day_of(now), key: rand::random() }) }
    }

    /// What is kept of `address` by who writes it down `now`.
    pub(crate) fn keep(&self, address: IpAddr, now: SystemTime) -> RecordedAddress {
        let address = address.to_canonical();
        match self.addresses {
            Addresses::Whole => RecordedAddress::Ip(address),
            Addresses::Network => RecordedAddress::Ip(network_of(address)),
            Addresses::DailyHash => RecordedAddress::Pseudonym(self.of_today(now).hash(address)),
        }
    }

    /// Destroys the key of a day that is over.
    pub(crate) fn turn_the_day(&self, now: SystemTime) {
        drop(self.of_today(now));
    }

    fn of_today(&self, now: SystemTime) -> MutexGuard<'_, DailyKey> {
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let today = day_of(now);
        if key.day != today {
            key.key = rand::random();
            key.day = today;
        }
        key
    }
}

fn day_of(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / SECONDS_OF_A_DAY
}

fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80)).into(),
    }
}

// === impl DailyKey ===

impl DailyKey {
    /// HMAC-SHA-256 (RFC 2104) of the address, its first 128 bits. There are 2^32 addresses of IPv4: a hash without a key, or
    /// with one that can be guessed, is undone by trying them all.
    fn hash(&self, address: IpAddr) -> u128 {
        let inner = self.begin(0x36);
        let inner = match address {
            IpAddr::V4(v4) => inner.chain_update(v4.octets()),
            IpAddr::V6(v6) => inner.chain_update(v6.octets()),
        };
        let digest: [u8; 32] = self.begin(0x5c).chain_update(inner.finalize()).finalize().into();
        digest.iter().take(16).fold(0, |hash, byte| hash << 8 | u128::from(*byte))
    }

    fn begin(&self, pad: u8) -> Sha256 {
        let mut block = [pad; BLOCK];
        for (byte, key) in block.iter_mut().zip(self.key) {
            *byte ^= key;
        }
        Sha256::new().chain_update(block)
    }
}

/// Shows nothing of the key.
impl fmt::Debug for DailyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DailyKey").field("day", &self.day).finish_non_exhaustive()
    }
}
