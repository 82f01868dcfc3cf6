//! What makes two events alike, read without formatting or copying what is compared.

use std::{
    fmt,
    hash::{BuildHasher, Hasher},
    ptr,
};

use palisade_core::KeyedHash;
use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
};

/// The fields that are compared.
const PARTS: [&str; 4] = ["event", "code", "client_ip", "user_id"];

/// Two events of the same name, code, client and user are alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// Of the name.
    pub(crate) name: u64,
    /// Of all four, if the event has a code. Without one, each is a fact of its own.
    pub(crate) like: Option<u64>,
}

/// Where the fields stand in the last event: in a flood the next one is of the same place in the sources.
#[derive(Debug, Default)]
pub(crate) struct Places {
    of: Option<&'static Metadata<'static>>,
    /// By the numbers of the fields, which are compared faster than their names.
    parts: [Option<usize>; 4],
}

struct Reader<'a, H> {
    places: &'a Places,
    /// Of what was read so far.
    like: H,
    name: u64,
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
        let mut reader = Reader { places, like, name: 0, has_code: false, is_kept: false };
        event.record(&mut reader);
        let like = reader.has_code.then(|| reader.like.finish());
        (!reader.is_kept).then_some(Self { name: reader.name, like })
    }
}

/// Whether an event of this name is never folded.
fn is_kept(event: &str) -> bool {
    event.starts_with("admin.") || event.starts_with("ban.")
}

/// Which of the four fields this is.
pub(crate) fn part(field: &Field) -> Option<usize> {
    PARTS.iter().position(|part| *part == field.name())
}

// === impl Places ===

impl Places {
    fn fit(&mut self, of: &'static Metadata<'static>) {
        if !self.of.is_some_and(|known| ptr::eq(known, of)) {
            let place = |part| of.fields().field(part).map(|field| field.index());
            *self = Self { of: Some(of), parts: PARTS.map(place) };
        }
    }

    fn part(&self, field: &Field) -> Option<usize> {
        let place = Some(field.index());
        self.parts.iter().position(|part| *part == place)
    }
}

// === impl Reader ===

impl<H: Hasher> Reader<'_, H> {
    fn note(&mut self, part: usize, value: &str) {
        self.like.write_usize(part);
        self.like.write(value.as_bytes());
        match part {
            0 => {
                self.is_kept = is_kept(value);
                // Fields come in the order in which they are written, and all who log write the name first. Where one does not,
                // what stands before it counts as a part of the name: it has more budgets, and no fewer lines are written.
                self.name = self.like.finish();
            }
            1 => self.has_code = true,
            _ => {}
        }
    }
}

impl<H: Hasher> Visit for Reader<'_, H> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if let Some(part) = self.places.part(field) {
            self.note(part, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Whole: a hash of the same pieces is another one.
        if let Some(part) = self.places.part(field) {
            self.note(part, &format!("{value:?}"));
        }
    }
}
