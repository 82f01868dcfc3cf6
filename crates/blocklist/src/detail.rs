//! What is known of an entry beside its value: the few entries that have a reason or an end share one table.

use std::time::SystemTime;

/// Why an entry stands in the list, and until when it counts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Detail {
    pub(crate) reason: Option<Box<str>>,
    pub(crate) expires: Option<SystemTime>,
}

/// The place of a [`Detail`] in the table. Most entries have none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DetailId(u32);

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Details {
    table: Vec<Detail>,
}

// === impl DetailId ===

impl DetailId {
    const NONE: Self = Self(u32::MAX);
}

// === impl Details ===

impl Details {
    pub(crate) fn add(&mut self, detail: Detail) -> DetailId {
        if detail == Detail::default() {
            return DetailId::NONE;
        }
        // A table of 2^32 rows does not fit the file's size limit; an entry beyond it would count for ever.
        let id = u32::try_from(self.table.len()).map_or(DetailId::NONE, DetailId);
        self.table.push(detail);
        id
    }

    pub(crate) fn reason(&self, id: DetailId) -> Option<&str> {
        self.row(id)?.reason.as_deref()
    }

    /// Whether an entry counts at `at`. One that expires counts until then, not then.
    pub(crate) fn counts(&self, id: DetailId, at: SystemTime) -> bool {
        self.expires(id).is_none_or(|expires| at < expires)
    }

    /// Of two entries for the same thing, the one that counts longer.
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
