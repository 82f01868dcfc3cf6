//! The bans in force, in bounded memory: never more than the file can hold and be read back from.

use std::{
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade_core::{Identity, IpKey, Ipv6Prefix, TokenDigest};

use crate::{
    BanList, BanTarget, BannedUser,
    ban::Record,
    room::{Bound, Piece, Room},
    shards::Shards,
    unsettled::Unsettled,
    user_name::{Names, UserName},
};

/// All bans. A full store takes no more, and says so; it never drops one to take another.
#[derive(Debug)]
pub(crate) struct Bans {
    ips: Shards<IpKey, Slot>,
    users: Shards<BannedUser, Slot>,
    tokens: Shards<TokenDigest, Slot>,
    /// A bit for each length of an IPv6 prefix that was ever banned: only those are looked up.
    prefixes: [AtomicU64; 3],
    /// Held by every writer.
    room: Mutex<Room>,
    /// Held before `room` by who changes what may be undone.
    pub(crate) unsettled: Unsettled,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Slot {
    pub(crate) record: Record,
    pub(crate) piece: Piece,
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
            room: Mutex::new(Room::new(most_bans)),
            unsettled: Unsettled::default(),
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

    /// The ban of a user: of his issuer, or of the subject of every one.
    pub(crate) fn find_user(&self, identity: &Identity, at: SystemTime) -> Option<Found> {
        if self.users.is_empty() {
            return None;
        }
        let subject = identity.subject();
        let issuers = [None, Some(identity.issuer().unwrap_or_default())];
        let found = issuers.into_iter().filter_map(|issuer| {
            let name: &dyn UserName = &Names { issuer, subject };
            self.users.read(name, |slot| slot.found(at))
        });
        found.max_by_key(|found| found.left.unwrap_or(Duration::MAX))
    }

    pub(crate) fn find_token(&self, digest: &TokenDigest, at: SystemTime) -> Option<Found> {
        self.tokens.read(digest, |slot| slot.found(at))
    }

    /// Adds a ban, unless one is in force at `at` that lasts at least as long.
    pub(crate) fn add(&self, target: &BanTarget, record: Record, at: SystemTime) -> Added {
        self.add_within(Bound::Pool, target, record, at)
    }

    /// The same of one that was in force before the start.
    pub(crate) fn restore(&self, target: &BanTarget, record: Record, at: SystemTime) -> Added {
        self.add_within(Bound::Whole, target, record, at)
    }

    fn add_within(
        &self,
        bound: Bound,
        target: &BanTarget,
        record: Record,
        at: SystemTime,
    ) -> Added {
        let mut room = self.room();
        let known = self.slot(target);
        if known
            .as_ref()
            .is_some_and(|known| known.record.counts(at) && known.record.outlasts(&record))
        {
            return Added::Known;
        }
        let piece = Piece::of(target, &record);
        if !room.take(piece, known.map(|known| known.piece), bound) {
            return Added::Full;
        }
        self.put(target, Slot { record, piece });
        Added::New
    }

    /// Removes the ban unless it began after `at`. Returns it if it was in force at `now`.
    pub(crate) fn lift(
        &self,
        target: &BanTarget,
        at: SystemTime,
        now: SystemTime,
    ) -> Option<Record> {
        let mut room = self.room();
        let slot = self.slot(target).filter(|slot| slot.record.since <= at)?;
        self.take_out(target);
        room.give_back(slot.piece);
        Some(slot.record).filter(|record| record.counts(now))
    }

    pub(crate) fn is_banned(&self, target: &BanTarget, at: SystemTime) -> bool {
        let counts = |slot: &Slot| slot.record.counts(at).then_some(());
        let found = match target {
            BanTarget::Ip(key) => self.ips.read(key, counts),
            BanTarget::User(user) => self.users.read(user, counts),
            BanTarget::Token(digest) => self.tokens.read(digest, counts),
        };
        found.is_some()
    }

    /// What stands there, whether in force or not.
    pub(crate) fn record(&self, target: &BanTarget) -> Option<Record> {
        self.slot(target).map(|slot| slot.record)
    }

    /// Whom `named` stands for: himself, and for the subject of every issuer each of them.
    pub(crate) fn users_named(&self, named: &BannedUser) -> Vec<BanTarget> {
        let mut users = Vec::new();
        self.users.each(|user, _| {
            if user.subject == named.subject && (named.issuer.is_none() || named == user) {
                users.push(BanTarget::User(user.clone()));
            }
        });
        users
    }

    /// The banned keys that hold `addr`, whether in force or not.
    pub(crate) fn keys_holding(&self, addr: IpAddr) -> Vec<IpKey> {
        self.keys_of(addr).filter(|key| self.ips.read(key, |_| Some(())).is_some()).collect()
    }

    /// Drops the bans that ended before `at`, and shows each to `see`. Returns whether there were any.
    pub(crate) fn cleanup(&self, at: SystemTime, mut see: impl FnMut(BanTarget, &Record)) -> bool {
        let mut room = self.room();
        let before = room.bans();
        let mut keep = |slot: &Slot, target: &dyn Fn() -> BanTarget| {
            let counts = slot.record.counts(at);
            if !counts {
                room.give_back(slot.piece);
                see(target(), &slot.record);
            }
            counts
        };
        self.ips.retain(|key, slot| keep(slot, &|| BanTarget::Ip(*key)));
        self.users.retain(|user, slot| keep(slot, &|| BanTarget::User(user.clone())));
        self.tokens.retain(|digest, slot| keep(slot, &|| BanTarget::Token(*digest)));
        room.bans() < before
    }

    /// Drops all bans.
    pub(crate) fn clear(&self) {
        let mut room = self.room();
        room.clear();
        self.ips.retain(|_, _| false);
        self.users.retain(|_, _| false);
        self.tokens.retain(|_, _| false);
    }

    pub(crate) fn list(&self, at: SystemTime) -> BanList {
        let mut list = BanList::default();
        self.each(|target, record| {
            if !record.counts(at) {
                return;
            }
            let ban = record.ban_of(target);
            match target {
                BanTarget::Ip(_) => list.ips.push(ban),
                BanTarget::User(_) => list.users.push(ban),
                BanTarget::Token(_) => list.tokens.push(ban),
            }
        });
        list
    }

    /// Shows what is not to be undone any more: the bans, and in place of those that may be what stood there before. Who changes
    /// something that may be undone waits meanwhile; nobody else does.
    pub(crate) fn each_settled(&self, mut see: impl FnMut(&BanTarget, &Record)) {
        let unsettled = self.unsettled.lock();
        self.each(|target, record| {
            if !unsettled.is_open(target) {
                see(target, record);
            }
        });
        unsettled.settled().for_each(|(target, record)| see(target, record));
    }

    /// Shows every ban, also those that ended and were not cleaned up: addresses, then users, then tokens.
    pub(crate) fn each(&self, mut see: impl FnMut(&BanTarget, &Record)) {
        self.ips.each(|key, slot| see(&BanTarget::Ip(*key), &slot.record));
        self.users.each(|user, slot| see(&BanTarget::User(user.clone()), &slot.record));
        self.tokens.each(|digest, slot| see(&BanTarget::Token(*digest), &slot.record));
    }

    pub(crate) fn put(&self, target: &BanTarget, slot: Slot) {
        match target {
            BanTarget::Ip(key) => {
                self.note_prefix(key.prefix());
                self.ips.insert(*key, slot);
            }
            BanTarget::User(user) => self.users.insert(user.clone(), slot),
            BanTarget::Token(digest) => self.tokens.insert(*digest, slot),
        }
    }

    pub(crate) fn take_out(&self, target: &BanTarget) {
        let _taken: Option<Slot> = match target {
            BanTarget::Ip(key) => self.ips.remove(key),
            BanTarget::User(user) => self.users.remove(user),
            BanTarget::Token(digest) => self.tokens.remove(digest),
        };
    }

    pub(crate) fn slot(&self, target: &BanTarget) -> Option<Slot> {
        let slot = |slot: &Slot| Some(slot.clone());
        match target {
            BanTarget::Ip(key) => self.ips.read(key, slot),
            BanTarget::User(user) => self.users.read(user, slot),
            BanTarget::Token(digest) => self.tokens.read(digest, slot),
        }
    }

    pub(crate) fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
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

// === impl Slot ===

impl Slot {
    fn found(&self, at: SystemTime) -> Option<Found> {
        self.record
            .counts(at)
            .then(|| Found { left: self.record.left(at), by: self.record.by.clone() })
    }
}
