//! A part of the measurements: it can be measured alone, and has a file of its own in `benches/results/`.

/// A part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Counts,
    Times,
    Turns,
    Socket,
    Threads,
    Memory,
    Large,
}

impl Part {
    /// All, in the order they are measured.
    pub(crate) const ALL: [Self; 7] = [
        Self::Counts,
        Self::Times,
        Self::Turns,
        Self::Socket,
        Self::Threads,
        Self::Memory,
        Self::Large,
    ];

    /// What it is called on the command line and in file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Times => "times",
            Self::Turns => "turns",
            Self::Socket => "socket",
            Self::Threads => "threads",
            Self::Memory => "memory",
            Self::Large => "large",
        }
    }

    /// The part of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}
