//! The bans in force, in bounded memory: never more than the file can hold and be read back from.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade_core::{IpKey, Ipv6Prefix, TokenDigest};

use crate::{BanList, ban::Record, ban_file, shards::Shards, target::Target};

/// All bans. A full store takes no more, and says so; it never drops one to take another.
#[derive(Debug)]
pub(crate) struct Bans {
    ips: Shards<IpKey, Slot>,
    users: Shards<Arc<str>, Slot>,
    tokens: Shards<TokenDigest, Slot>,
    /// A bit for each length of an IPv6 prefix that was ever banned: only those are looked up.
    prefixes: [AtomicU64; 3],
    /// Held by every writer.
    room: Mutex<Room>,
}

#[derive(Debug)]
struct Room {
    bans: usize,
    bytes: usize,
    most_bans: usize,
}

#[derive(Clone, Debug)]
struct Slot {
    record: Record,
    /// Its size in the file.
    bytes: usize,
}

/// What a request needs to know of a ban.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) left: Option<Duration>,
    pub(crate) by: Box<str>,
}

/// What became of a ban that was to be added.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Added {
    /// It is in force.
    New,
    /// There is one that lasts at least as long.
    Known,
    /// There is no room.
    Full,
}

// === impl Bans ===

impl Bans {
    pub(crate) fn new(most_bans: usize) -> Self {
        Self {
            ips: Shards::default(),
            users: Shards::default(),
            tokens: Shards::default(),
            prefixes: Default::default(),
            room: Mutex::new(Room { bans: 0, bytes: ban_file::FRAME, most_bans }),
        }
    }

    pub(crate) fn has_ips(&self) -> bool {
        !self.ips.is_empty()
    }

    pub(crate) fn has_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Addresses, users, tokens.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        (self.ips.len(), self.users.len(), self.tokens.len())
    }

    pub(crate) fn find_ip(&self, addr: IpAddr, at: SystemTime) -> Option<(IpKey, Found)> {
        if self.ips.is_empty() {
            return None;
        }
        let found = self.keys_of(addr).filter_map(|key| {
            let found = self.ips.read(&key, |slot| slot.found(at))?;
            Some((key, found))
        });
        // Of several the one that lasts longest: `Retry-After` must not promise too much.
        found.max_by_key(|(_, found)| found.left.unwrap_or(Duration::MAX))
    }

    pub(crate) fn find_user(&self, subject: &str, at: SystemTime) -> Option<Found> {
        self.users.read(subject, |slot| slot.found(at))
    }

    pub(crate) fn find_token(&self, digest: &TokenDigest, at: SystemTime) -> Option<Found> {
        self.tokens.read(digest, |slot| slot.found(at))
    }

    /// Adds a ban, unless one is in force that lasts at least as long.
    pub(crate) fn add(&self, target: &Target, record: Record) -> Added {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.slot(target);
        if known.as_ref().is_some_and(|known| {
            known.record.counts(record.since) && known.record.outlasts(&record)
        }) {
            return Added::Known;
        }
        self.put(&mut room, target, known.map(|known| known.bytes), record)
    }

    /// Adds a ban in place of the one that may be in force.
    pub(crate) fn replace(&self, target: &Target, record: Record) -> Added {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.slot(target).map(|known| known.bytes);
        self.put(&mut room, target, known, record)
    }

    /// Removes a ban. Returns whether it was in force at `at`.
    pub(crate) fn remove(&self, target: &Target, at: SystemTime) -> bool {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = match target {
            Target::Ip(key) => self.ips.remove(key),
            Target::User(subject) => self.users.remove(subject),
            Target::Token(digest) => self.tokens.remove(digest),
        };
        let Some(slot) = removed else { return false };
        room.give_back(slot.bytes);
        slot.record.counts(at)
    }

    /// The banned keys that hold `addr`, whether in force or not.
    pub(crate) fn keys_holding(&self, addr: IpAddr) -> Vec<IpKey> {
        self.keys_of(addr).filter(|key| self.ips.read(key, |_| Some(())).is_some()).collect()
    }

    /// Drops the bans that ended before `at`. Returns whether there were any.
    pub(crate) fn cleanup(&self, at: SystemTime) -> bool {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let before = room.bans;
        let mut keep = |slot: &Slot| {
            let counts = slot.record.counts(at);
            if !counts {
                room.give_back(slot.bytes);
            }
            counts
        };
        self.ips.retain(|_, slot| keep(slot));
        self.users.retain(|_, slot| keep(slot));
        self.tokens.retain(|_, slot| keep(slot));
        room.bans < before
    }

    /// Drops all bans.
    pub(crate) fn clear(&self) {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        (room.bans, room.bytes) = (0, ban_file::FRAME);
        self.ips.retain(|_, _| false);
        self.users.retain(|_, _| false);
        self.tokens.retain(|_, _| false);
    }

    pub(crate) fn list(&self, at: SystemTime) -> BanList {
        let mut list = BanList::default();
        self.each(at, |target, record| {
            let ban = record.clone().into_ban(target.to_string());
            match target {
                Target::Ip(_) => list.ips.push(ban),
                Target::User(_) => list.users.push(ban),
                Target::Token(_) => list.tokens.push(ban),
            }
        });
        list
    }

    /// Shows every ban in force at `at`: addresses, then users, then tokens.
    pub(crate) fn each(&self, at: SystemTime, mut see: impl FnMut(&Target, &Record)) {
        let mut show = |target: Target, slot: &Slot| {
            if slot.record.counts(at) {
                see(&target, &slot.record);
            }
        };
        self.ips.each(|key, slot| show(Target::Ip(*key), slot));
        self.users.each(|subject, slot| show(Target::User(Arc::clone(subject)), slot));
        self.tokens.each(|digest, slot| show(Target::Token(*digest), slot));
    }

    fn put(&self, room: &mut Room, target: &Target, known: Option<usize>, record: Record) -> Added {
        let bytes = ban_file::len_of(target, &record);
        if !room.take(bytes, known) {
            return Added::Full;
        }
        let slot = Slot { record, bytes };
        match target {
            Target::Ip(key) => {
                self.note_prefix(key.prefix());
                self.ips.insert(*key, slot);
            }
            Target::User(subject) => self.users.insert(Arc::clone(subject), slot),
            Target::Token(digest) => self.tokens.insert(*digest, slot),
        }
        Added::New
    }

    fn slot(&self, target: &Target) -> Option<Slot> {
        let slot = |slot: &Slot| Some(slot.clone());
        match target {
            Target::Ip(key) => self.ips.read(key, slot),
            Target::User(subject) => self.users.read(subject, slot),
            Target::Token(digest) => self.tokens.read(digest, slot),
        }
    }

    /// The keys under which a ban of `addr` may stand, wider ones first.
    fn keys_of(&self, addr: IpAddr) -> impl Iterator<Item = IpKey> {
        let addr = addr.to_canonical();
        let whole = addr.is_ipv4().then(|| IpKey::new(addr, Ipv6Prefix::WHOLE));
        let words = if addr.is_ipv6() { self.prefixes.as_slice() } else { &[] };
        let networks = words.iter().zip([0_u8, 64, 128]).flat_map(|(word, first)| {
            let word = word.load(Ordering::Acquire);
            (0..64_u8)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| first.saturating_add(bit))
        });
        let networks =
            networks.filter_map(move |bits| Some(IpKey::new(addr, Ipv6Prefix::new(bits).ok()?)));
        whole.into_iter().chain(networks)
    }

    fn note_prefix(&self, prefix: u8) {
        if let Some(word) = self.prefixes.get(usize::from(prefix >> 6)) {
            word.fetch_or(1 << (prefix & 63), Ordering::AcqRel);
        }
    }
}

// === impl Room ===

impl Room {
    /// Takes the room for a ban of `bytes`, giving back that of the one it replaces. `false` if there is none.
    fn take(&mut self, bytes: usize, replaced: Option<usize>) -> bool {
        let bans = self.bans.saturating_add(usize::from(replaced.is_none()));
        let total = self.bytes.saturating_sub(replaced.unwrap_or_default()).saturating_add(bytes);
        if bans > self.most_bans
            || !u64::try_from(total).is_ok_and(|total| total <= ban_file::LIMIT)
        {
            return false;
        }
        (self.bans, self.bytes) = (bans, total);
        true
    }

    fn give_back(&mut self, bytes: usize) {
        self.bans = self.bans.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

// === impl Slot ===

impl Slot {
    fn found(&self, at: SystemTime) -> Option<Found> {
        self.record
            .counts(at)
            .then(|| Found { left: self.record.left(at), by: self.record.by.clone() })
    }
}
