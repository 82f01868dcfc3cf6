//! Room for connections: how many there are at once, of all clients and of one.
//!
//! Where there is no room, connections that wait for their client make some, those first that wait longest: slow clients
//! cannot keep others out by being many. One that waits for a request does at once; one whose answer is not taken, or whose
//! body does not come, after a moment. A connection that works on an answer is never ended for another.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::core::{IpKey, Ipv6Prefix};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{Settings, pulse::Pulse, settings::ConnectionSettings};

/// How long to wait for a place before looking again for who could make room.
const AGAIN: Duration = Duration::from_millis(20);

/// Whether one client may have another connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Own {
    /// He may.
    Room,
    /// He may, for one of his own was asked to leave.
    Made,
    /// He has all that he may have, and all are at work.
    Full,
}

/// The places of all addresses that are listened on.
#[derive(Clone, Debug)]
pub(crate) struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    rules: ConnectionSettings,
    /// Clients that share an address for a reason.
    proxies: Option<palisade::client_ip::TrustedNetworks>,
    free: Arc<Semaphore>,
    taken: Mutex<Taken>,
    refused: AtomicU64,
}

/// How many places there are, and how it went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PlacesStatus {
    /// In all.
    pub(crate) most: usize,
    /// Taken now.
    pub(crate) taken: usize,
    /// Clients that hold them.
    pub(crate) clients: usize,
    /// Connections that got none, because their client had all that it may have.
    pub(crate) refused: u64,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    by: HashMap<u64, (IpKey, Arc<Pulse>)>,
    of: HashMap<IpKey, usize>,
}

/// The place that a connection takes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    pulse: Arc<Pulse>,
    id: u64,
    places: Places,
    _free: OwnedSemaphorePermit,
}

// === impl Places ===

impl Places {
    /// As many as `settings` say.
    pub(crate) fn new(settings: &Settings) -> Self {
        let shared = Shared {
            rules: settings.connections.clone(),
            proxies: settings.trusted_proxies.clone(),
            free: Arc::new(Semaphore::new(settings.connections.most)),
            taken: Mutex::default(),
            refused: AtomicU64::new(0),
        };
        Self(Arc::new(shared))
    }

    /// How many there are, and how it went.
    pub(crate) fn status(&self) -> PlacesStatus {
        let taken = self.taken();
        let (clients, taken) = (taken.of.len(), taken.by.len());
        let refused = self.0.refused.load(Ordering::Relaxed);
        PlacesStatus { most: self.0.rules.most, taken, clients, refused }
    }

    /// Takes one for a connection of `peer`. Waits while every other connection is being answered; none if that is so of
    /// as many of this client as it may have.
    pub(crate) async fn take(&self, peer: SocketAddr) -> Option<Place> {
        let key = IpKey::new(peer.ip(), Ipv6Prefix::default());
        let own = self.own(key, peer);
        if own == Own::Full {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(%peer, "this client has all the connections that one may have");
            return None;
        }
        let free = loop {
            if let Ok(free) = Arc::clone(&self.0.free).try_acquire_owned() {
                break free;
            }
            // His own makes room for him, no stranger's besides.
            if own == Own::Room {
                self.make_room(|_, _| true);
            }
            let free = Arc::clone(&self.0.free).acquire_owned();
            if let Ok(free) = timeout(AGAIN, free).await {
                break free.ok()?;
            }
            tracing::debug!(%peer, "there is no room for another connection yet");
            if own == Own::Made {
                self.0.refused.fetch_add(1, Ordering::Relaxed);
                return None;
            }
        };
        let pulse = Arc::new(Pulse::new(self.0.rules.times()));
        let id = self.taken().put(key, Arc::clone(&pulse));
        Some(Place { pulse, id, places: self.clone(), _free: free })
    }

    /// Asks whoever waits longest to leave, whatever for.
    pub(crate) fn make_room_for_any(&self) {
        self.make_room(|_, _| true);
    }

    /// Whether this client may have another one; if need be, its own that waits longest makes room. Those that were asked to
    /// leave and still answer do not count, up to as many again.
    fn own(&self, key: IpKey, peer: SocketAddr) -> Own {
        let most = self.0.rules.most_per_ip;
        let exempt = self.0.proxies.as_ref().is_some_and(|proxies| proxies.contains(peer.ip()));
        let count = self.taken().of.get(&key).copied().unwrap_or_default();
        if exempt || count < most {
            return Own::Room;
        }
        let leaving = self.taken().leaving(key);
        if leaving >= most {
            return Own::Full;
        }
        if count.saturating_sub(leaving) < most {
            return Own::Room;
        }
        let made = self.make_room(|owner, pulse| *owner == key && !pulse.is_leaving());
        if made { Own::Made } else { Own::Full }
    }

    /// Asks the connection that waits longest for its client to leave; whether there is one.
    fn make_room(&self, among: impl Fn(&IpKey, &Pulse) -> bool) -> bool {
        let taken = self.taken();
        let waiting = taken.by.values().filter(|(owner, pulse)| among(owner, pulse));
        let waiting = waiting.filter_map(|(_, pulse)| Some((pulse.waits_since()?, pulse)));
        let longest = waiting.min_by_key(|(since, _)| *since);
        longest.map(|(_, pulse)| pulse.leave()).is_some()
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Taken ===

impl Taken {
    fn put(&mut self, key: IpKey, pulse: Arc<Pulse>) -> u64 {
        self.next = self.next.wrapping_add(1);
        self.by.insert(self.next, (key, pulse));
        let count = self.of.entry(key).or_default();
        *count = count.saturating_add(1);
        self.next
    }

    /// How many of this client were asked to leave.
    fn leaving(&self, key: IpKey) -> usize {
        let own = self.by.values().filter(|(owner, _)| *owner == key);
        own.filter(|(_, pulse)| pulse.is_leaving()).count()
    }

    fn remove(&mut self, id: u64) {
        let Some((key, _)) = self.by.remove(&id) else { return };
        let Some(count) = self.of.get_mut(&key) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            self.of.remove(&key);
        }
    }
}

// === impl Place ===

impl Place {
    /// The pulse of the connection in it.
    pub(crate) fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().remove(self.id);
    }
}
