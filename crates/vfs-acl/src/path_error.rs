//! Why a text is no path.

use std::fmt;

use palisade_core::ConfigError;

/// Why a text is no [`VfsPath`](crate::VfsPath). It does not hold the text: it may be shown to whoever sent it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PathError {
    fault: PathFault,
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PathFault {
    /// Nothing there.
    Empty,
    /// Begins with `/`.
    Absolute,
    /// Two separators in a row, or one at the end.
    EmptySegment,
    /// `.` or `..`.
    DotSegment,
    /// A backslash: a separator to some readers.
    Separator,
    /// A colon: a drive or a stream to some readers.
    Drive,
    /// A control character, NUL among them, or one that does not show.
    Control,
    /// A percent escape that is left or that is broken, or one that makes a separator.
    Encoded,
    /// A character that looks like a separator or a dot.
    LookAlike,
    /// Not in Unicode normalisation form C: the same name could be written in two ways.
    NotNormal,
    /// Decodes to bytes that are no text.
    NotUtf8,
    /// A segment ends in a dot or a space, which some stores drop.
    TrailingDotOrSpace,
    /// A name that some stores take for something else: a device (`NUL`, `com1.txt`), a fork, or the short name of another
    /// file (`SECRET~1`).
    Reserved,
    /// Over 1024 bytes, or a segment over 255.
    TooLong,
}

// === impl PathError ===

impl PathError {
    /// What is wrong.
    pub fn fault(&self) -> PathFault {
        self.fault
    }

    /// The mistake in a configuration that `text` is.
    pub(crate) fn in_config(self, what: &str, text: &str) -> ConfigError {
        ConfigError::new(what, text).expected(self.fault.expected())
    }
}

impl From<PathFault> for PathError {
    fn from(fault: PathFault) -> Self {
        Self { fault }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a path: expected {}", self.fault.expected())
    }
}

impl std::error::Error for PathError {}

// === impl PathFault ===

impl PathFault {
    /// Whether no honest client sends this. Names that are too long or written otherwise (macOS) come from honest ones.
    pub fn is_suspicious(self) -> bool {
        matches!(
            self,
            Self::DotSegment
                | Self::Separator
                | Self::Control
                | Self::Encoded
                | Self::LookAlike
                | Self::NotUtf8
        )
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Empty => "at least one segment",
            Self::Absolute => "no `/` at the beginning",
            Self::EmptySegment => "no empty segment and no `/` at the end",
            Self::DotSegment => "no segment `.` or `..`",
            Self::Separator => "no backslash",
            Self::Drive => "no colon",
            Self::Control => "no control character and none that does not show",
            Self::Encoded => "each escape decoded once, and none that makes a separator",
            Self::LookAlike => "no character that looks like a separator or a dot",
            Self::NotNormal => "Unicode normalisation form C",
            Self::NotUtf8 => "UTF-8",
            Self::TrailingDotOrSpace => "no segment that ends in a dot or a space",
            Self::Reserved => "no name of a device and no short name, as `NUL` and `SECRET~1` are",
            Self::TooLong => "at most 1024 bytes, and 255 in a segment",
        }
    }
}
