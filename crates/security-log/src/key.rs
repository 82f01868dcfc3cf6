//! What makes two events alike, read without formatting or copying what is compared.

use std::{
    fmt::{self, Write as _},
    hash::{BuildHasher, Hasher},
    net::Ipv6Addr,
    ptr,
};

use palisade_core::{IpKey, Ipv6Prefix, KeyedHash};
use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
};

/// The fields that are compared.
const PARTS: [&str; 8] =
    ["event", "code", "client_ip", "user_id", "policy", "enforced", "limit", "issuer"];
/// Where they stand among them.
pub(crate) const EVENT: usize = 0;
const CODE: usize = 1;
pub(crate) const CLIENT: usize = 2;
/// The most fields that `tracing` gives an event.
const MOST_FIELDS: usize = 32;

/// Two events whose fields of these names say the same are alike; an IPv6 network of 64 bits is one client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// Of the name.
    pub(crate) name: u64,
    /// If the event has a code. Without one, each is a fact of its own.
    pub(crate) refusal: Option<Refusal>,
}

/// Something that clients can cause as often as they like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// Of all parts.
    pub(crate) like: u64,
    /// Of the client, if it is known.
    pub(crate) client: Option<u64>,
}

/// Where the fields stand in the last event: in a flood the next one is of the same place in the sources.
#[derive(Debug, Default)]
pub(crate) struct Places {
    of: Option<&'static Metadata<'static>>,
    /// By the numbers of the fields, which are compared faster than their names.
    parts: [Option<usize>; MOST_FIELDS],
}

struct Reader<'a, H> {
    places: &'a Places,
    hash: &'a KeyedHash,
    /// Of what was read so far.
    like: H,
    name: u64,
    client: Option<u64>,
    has_code: bool,
    is_kept: bool,
}

// === impl Key ===

impl Key {
    /// Reads it. None of what is never folded: errors, and facts that others limit, of admins and of bans.
    pub(crate) fn of(event: &Event<'_>, hash: &KeyedHash, places: &mut Places) -> Option<Self> {
        if *event.metadata().level() == Level::ERROR {
            return None;
        }
        places.fit(event.metadata());
        let like = hash.build_hasher();
        let (name, client, has_code, is_kept) = (0, None, false, false);
        let mut reader = Reader { places, hash, like, name, client, has_code, is_kept };
        event.record(&mut reader);
        let refusal = Refusal { like: reader.like.finish(), client: reader.client };
        let refusal = reader.has_code.then_some(refusal);
        (!reader.is_kept).then_some(Self { name: reader.name, refusal })
    }
}

/// Whether an event of this name is never folded.
fn is_kept(event: &str) -> bool {
    event.starts_with("admin.") || event.starts_with("ban.")
}

/// Which of the fields this is.
pub(crate) fn part(field: &Field) -> Option<usize> {
    PARTS.iter().position(|part| *part == field.name())
}

/// The network of an IPv6 address: whoever has one has all of it. None of what is something else.
pub(crate) fn network(client: &str) -> Option<IpKey> {
    if !client.contains(':') {
        return None;
    }
    let address: Ipv6Addr = client.parse().ok()?;
    Some(IpKey::new(address.into(), Ipv6Prefix::default()))
}

// === impl Places ===

impl Places {
    fn fit(&mut self, of: &'static Metadata<'static>) {
        if self.of.is_some_and(|known| ptr::eq(known, of)) {
            return;
        }
        *self = Self { of: Some(of), parts: [None; MOST_FIELDS] };
        for field in of.fields() {
            if let Some(place) = self.parts.get_mut(field.index()) {
                *place = part(&field);
            }
        }
    }

    fn part(&self, field: &Field) -> Option<usize> {
        self.parts.get(field.index()).copied().flatten()
    }
}

// === impl Reader ===

impl<H: Hasher> Reader<'_, H> {
    fn note(&mut self, part: usize, value: &str) {
        self.like.write_usize(part);
        match part {
            CLIENT => return self.note_client(value),
            CODE => self.has_code = true,
            _ => {}
        }
        self.like.write(value.as_bytes());
        if part == EVENT {
            self.is_kept = is_kept(value);
            // Fields come in the order in which they are written, and all who log write the name first. Where one does not,
            // what stands before it counts as a part of the name: it has more budgets, and no fewer lines are written.
            self.name = self.like.finish();
        }
    }

    fn note_client(&mut self, client: &str) {
        let client = match network(client) {
            Some(network) => self.hash.hash_one(network),
            None => self.hash.hash_one(client.as_bytes()),
        };
        self.client = Some(client);
        self.like.write_u64(client);
    }
}

impl<H: Hasher> Visit for Reader<'_, H> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(part) = self.places.part(field) {
            self.note(part, value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if let Some(part) = self.places.part(field) {
            self.note(part, if value { "true" } else { "false" });
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Whole: a hash of the same pieces is another one.
        if let Some(part) = self.places.part(field) {
            let mut text = String::new();
            // What was shown until it failed is compared.
            _ = write!(text, "{value:?}");
            self.note(part, &text);
        }
    }
}
