//! What is known of an entry beside its value: the few entries that have a reason or an end share one table.

use std::{collections::HashMap, time::SystemTime};

/// Why an entry stands in the list, and until when it counts.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Detail {
    pub(crate) reason: Option<Box<str>>,
    pub(crate) expires: Option<SystemTime>,
}

/// The place of a [`Detail`] in the table, below 2^24. Most entries have none.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct DetailId(u32);

/// The table, as it grows.
#[derive(Debug, Default)]
pub(crate) struct DetailsBuilder {
    details: Details,
    /// Many entries have one reason: an imported list is one row.
    known: HashMap<Detail, DetailId>,
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Details {
    table: Vec<Detail>,
}

// === impl DetailId ===

impl DetailId {
    pub(crate) const NONE: Self = Self(0xff_ffff);

    /// 24 bits.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits & Self::NONE.0)
    }
}

// === impl DetailsBuilder ===

impl DetailsBuilder {
    pub(crate) fn add(&mut self, detail: Detail) -> DetailId {
        if detail == Detail::default() {
            return DetailId::NONE;
        }
        if let Some(known) = self.known.get(&detail) {
            return *known;
        }
        // A file within its size limit has no 2^24 different ones; an entry beyond them counts for ever.
        let id = u32::try_from(self.details.table.len()).map_or(DetailId::NONE, DetailId);
        if id >= DetailId::NONE {
            return DetailId::NONE;
        }
        self.details.table.push(detail.clone());
        self.known.insert(detail, id);
        id
    }

    pub(crate) fn longer(&self, one: DetailId, other: DetailId) -> DetailId {
        self.details.longer(one, other)
    }

    pub(crate) fn build(mut self) -> Details {
        self.details.table.shrink_to_fit();
        self.details
    }
}

// === impl Details ===

impl Details {
    pub(crate) fn reason(&self, id: DetailId) -> Option<&str> {
        self.row(id)?.reason.as_deref()
    }

    /// Whether an entry counts at `at`. One that expires counts until then, not then.
    #[inline]
    pub(crate) fn counts(&self, id: DetailId, at: SystemTime) -> bool {
        id == DetailId::NONE || self.expires(id).is_none_or(|expires| at < expires)
    }

    /// Of two entries for the same thing, the one that counts longer; of two that count equally long, `one`.
    pub(crate) fn longer(&self, one: DetailId, other: DetailId) -> DetailId {
        match (self.expires(one), self.expires(other)) {
            (None, _) => one,
            (_, None) => other,
            (Some(end), Some(later)) => {
                if later > end {
                    other
                } else {
                    one
                }
            }
        }
    }

    fn expires(&self, id: DetailId) -> Option<SystemTime> {
        self.row(id)?.expires
    }

    fn row(&self, id: DetailId) -> Option<&Detail> {
        self.table.get(usize::try_from(id.0).ok()?)
    }
}
