//! The room that bans take: never more than the file can hold and be read back from, and never all of it by counting.

use crate::{BanTarget, ban::Record, ban_file};

/// How many bans there are, what they take in the file, and how many there may be.
///
/// A ban by a person always finds room that automatic ones leave, and automatic ones of IPv4 addresses, users and tokens some
/// that IPv6 networks leave: of those anyone has millions, and who filled the list with them would be free of bans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    all: Share,
    automatic: Share,
    networks: Share,
    most_bans: usize,
}

/// What bans of one kind take.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    bans: usize,
    bytes: usize,
}

/// One ban, as it takes room.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Piece {
    pub(crate) bytes: usize,
    pub(crate) pool: Pool,
}

/// Who made a ban, and how many others of its kind an attacker could have made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Pool {
    /// A person. All the room is for those.
    Person,
    /// Counting. One part of eight is left.
    Automatic,
    /// Counting, of an IPv6 address or network. One half is left.
    AutomaticNetwork,
}

/// What bounds a new ban.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bound {
    /// That of its pool.
    Pool,
    /// The whole: what was in force before the start is in force again.
    Whole,
}

// === impl Room ===

impl Room {
    pub(crate) fn new(most_bans: usize) -> Self {
        let all = Share { bans: 0, bytes: ban_file::FRAME };
        Self { all, automatic: Share::default(), networks: Share::default(), most_bans }
    }

    /// How many bans there are.
    pub(crate) const fn bans(&self) -> usize {
        self.all.bans
    }

    /// Takes the room for a ban, giving back that of the one it replaces. `false` if there is none.
    pub(crate) fn take(&mut self, piece: Piece, replaced: Option<Piece>, bound: Bound) -> bool {
        let before = *self;
        self.force(piece, replaced);
        let fits = self.fits(if bound == Bound::Pool { piece.pool } else { Pool::Person });
        if !fits {
            *self = before;
        }
        fits
    }

    /// Takes room that was given back under the same lock.
    pub(crate) fn force(&mut self, piece: Piece, replaced: Option<Piece>) {
        if let Some(replaced) = replaced {
            self.give_back(replaced);
        }
        for share in self.shares(piece.pool) {
            share.bans = share.bans.saturating_add(1);
            share.bytes = share.bytes.saturating_add(piece.bytes);
        }
    }

    pub(crate) fn give_back(&mut self, piece: Piece) {
        for share in self.shares(piece.pool) {
            share.bans = share.bans.saturating_sub(1);
        }
        self.give_bytes(piece);
    }

    /// Gives back bytes, and keeps the ban.
    pub(crate) fn give_bytes(&mut self, piece: Piece) {
        for share in self.shares(piece.pool) {
            share.bytes = share.bytes.saturating_sub(piece.bytes);
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.most_bans);
    }

    fn fits(&self, pool: Pool) -> bool {
        let bytes = usize::try_from(ban_file::MOST_BYTES_OF_BANS).unwrap_or(usize::MAX);
        let within = |share: &Share, left: usize| {
            let most = |all: usize| all.saturating_sub(all.checked_div(left).unwrap_or(0));
            share.bans <= most(self.most_bans) && share.bytes <= most(bytes)
        };
        let all = within(&self.all, usize::MAX);
        let automatic = || within(&self.automatic, 8);
        match pool {
            Pool::Person => all,
            Pool::Automatic => all && automatic(),
            Pool::AutomaticNetwork => all && automatic() && within(&self.networks, 2),
        }
    }

    /// The shares that a ban of this pool is part of.
    fn shares(&mut self, pool: Pool) -> impl Iterator<Item = &mut Share> {
        let automatic = (pool != Pool::Person).then_some(&mut self.automatic);
        let networks = (pool == Pool::AutomaticNetwork).then_some(&mut self.networks);
        std::iter::once(&mut self.all).chain(automatic).chain(networks)
    }
}

// === impl Pool ===

impl Pool {
    pub(crate) fn of(target: &BanTarget, record: &Record) -> Self {
        match target {
            _ if record.evidence.is_none() => Self::Person,
            BanTarget::Ip(key) if key.network().is_ipv6() => Self::AutomaticNetwork,
            _ => Self::Automatic,
        }
    }
}

// === impl Piece ===

impl Piece {
    pub(crate) fn of(target: &BanTarget, record: &Record) -> Self {
        Self { bytes: ban_file::len_of(target, record), pool: Pool::of(target, record) }
    }

    pub(crate) const fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes, pool: self.pool }
    }
}
