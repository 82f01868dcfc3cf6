//! What makes two events alike, read without formatting more than is compared.

use std::{
    fmt,
    hash::{BuildHasher, Hasher},
};

use palisade_core::KeyedHash;
use tracing::{
    Event, Level,
    field::{Field, Visit},
};

/// Two events of the same name, code, client and user are alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// Of the name.
    pub(crate) name: u64,
    /// Of all four, if the event has a code. Without one, each is a fact of its own.
    pub(crate) like: Option<u64>,
}

struct Reader<H> {
    name: H,
    like: H,
    has_code: bool,
    is_kept: bool,
}

// === impl Key ===

impl Key {
    /// Reads it. None of what is never folded: errors, and facts that others limit, of admins and of bans.
    pub(crate) fn of(event: &Event<'_>, hash: &KeyedHash) -> Option<Self> {
        if *event.metadata().level() == Level::ERROR {
            return None;
        }
        let (name, like) = (hash.build_hasher(), hash.build_hasher());
        let mut reader = Reader { name, like, has_code: false, is_kept: false };
        event.record(&mut reader);
        let like = reader.has_code.then(|| reader.like.finish());
        (!reader.is_kept).then(|| Self { name: reader.name.finish(), like })
    }
}

/// Whether an event of this name is never folded.
fn is_kept(event: &str) -> bool {
    event.starts_with("admin.") || event.starts_with("ban.")
}

/// Which of the four fields this is.
pub(crate) fn part(field: &Field) -> Option<u8> {
    match field.name() {
        "event" => Some(0),
        "code" => Some(1),
        "client_ip" => Some(2),
        "user_id" => Some(3),
        _ => None,
    }
}

// === impl Reader ===

impl<H: Hasher> Reader<H> {
    fn note(&mut self, part: u8, value: &str) {
        if part == 0 {
            self.is_kept = is_kept(value);
            self.name.write(value.as_bytes());
        }
        self.has_code |= part == 1;
        self.like.write_u8(part);
        self.like.write(value.as_bytes());
    }
}

impl<H: Hasher> Visit for Reader<H> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(part) = part(field) {
            self.note(part, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Whole: a hash of the same pieces is another one.
        if let Some(part) = part(field) {
            self.note(part, &format!("{value:?}"));
        }
    }
}
