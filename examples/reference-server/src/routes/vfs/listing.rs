//! What a query wants listed.

use palisade::core::Rejection;
use serde::Deserialize;

use crate::routes::answers::invalid;

/// So many are on a page, if nothing is said, and at most.
const PAGE: usize = 100;
const LONGEST_PAGE: usize = 1000;

/// What is to be listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    /// What must match, from the path of the request on.
    pub(super) glob: String,
    /// The `next` of the page before.
    pub(super) cursor: Option<String>,
    limit: Option<usize>,
}

// === impl Listing ===

impl Listing {
    /// How many are on a page.
    pub(super) fn most(&self) -> Result<usize, Rejection> {
        let most =
            Some(self.limit.unwrap_or(PAGE)).filter(|most| (1..=LONGEST_PAGE).contains(most));
        most.ok_or_else(|| invalid("`limit` is 1 to 1000."))
    }
}
