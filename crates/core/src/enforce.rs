//! Whether a refusal is carried out or only recorded.

/// Whether a refusal is carried out or only recorded ("shadow mode").
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a refusal is carried out or it is not")]
pub enum Enforce {
    /// A refusal ends the request.
    #[default]
    Block,
    /// A refusal is recorded in the trail, counted and logged with `enforced=false`; the request goes on.
    ReportOnly,
}

impl Enforce {
    /// Returns the milder of the two: what is only reported outside is only reported inside.
    #[must_use]
    pub fn milder(self, other: Self) -> Self {
        if self == Self::ReportOnly { self } else { other }
    }
}
