//! What a caller wants to do with a path, and sets of it.

use std::fmt;

use http::Method;

/// What a caller wants to do with a path.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a sixth action must break every place that maps one to something"
)]
pub enum Action {
    /// Reads the content and its metadata.
    Read,
    /// Creates or replaces the content.
    Write,
    /// Learns the names of what lies directly below.
    List,
    /// Removes it.
    Delete,
    /// Gives others access to it, or takes it away.
    Share,
}

/// A set of actions.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct Actions(u8);

// === impl Action ===

impl Action {
    /// Every action.
    pub const EVERY: [Self; 5] = [Self::Read, Self::Write, Self::List, Self::Delete, Self::Share];

    /// The name in logs and explanations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
            Self::Delete => "delete",
            Self::Share => "share",
        }
    }

    /// What `method` does to the resource it is for; nothing for a method that says nothing about that.
    #[must_use]
    pub fn of_method(method: &Method) -> Option<Self> {
        match *method {
            Method::GET | Method::HEAD => Some(Self::Read),
            Method::PUT | Method::POST | Method::PATCH => Some(Self::Write),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Write => 1 << 1,
            Self::List => 1 << 2,
            Self::Delete => 1 << 3,
            Self::Share => 1 << 4,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// === impl Actions ===

impl Actions {
    /// No action.
    pub const NONE: Self = Self(0);
    /// Every action.
    pub const ALL: Self = Self(0b1_1111);

    /// Whether `action` is in the set.
    #[must_use]
    pub const fn contains(self, action: Action) -> bool {
        self.0 & action.bit() != 0
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with `action` in it.
    #[must_use]
    pub const fn with(self, action: Action) -> Self {
        Self(self.0 | action.bit())
    }

    /// What is in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The actions of the set.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::EVERY.into_iter().filter(move |action| self.contains(*action))
    }
}

impl FromIterator<Action> for Actions {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Action> for Actions {
    fn from(action: Action) -> Self {
        Self::NONE.with(action)
    }
}

impl<const N: usize> From<[Action; N]> for Actions {
    fn from(actions: [Action; N]) -> Self {
        actions.into_iter().collect()
    }
}

/// Shows the set as `read, list`, or `nothing`.
impl fmt::Display for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (index, action) in self.iter().enumerate() {
            write!(f, "{}{action}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Actions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Actions({self})")
    }
}
