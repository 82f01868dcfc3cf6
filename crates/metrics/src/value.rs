//! One figure.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// One figure: a whole number, which is written as it is, or one with a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A whole number. Readers keep 53 bits of it.
    Whole(u64),
    /// Any number, infinities and `NaN` included.
    Real(f64),
}

// === impl Value ===

impl Value {
    /// Writes it as both formats want it: `+Inf`, `-Inf`, `NaN`, and fractions that read back as they were.
    pub(crate) fn write(self, text: &mut String) {
        match self {
            Self::Whole(number) => text.push_str(itoa::Buffer::new().format(number)),
            Self::Real(number) if number.is_nan() => text.push_str("NaN"),
            Self::Real(f64::INFINITY) => text.push_str("+Inf"),
            Self::Real(f64::NEG_INFINITY) => text.push_str("-Inf"),
            // The shortest text that reads back as this number, always with a `.` or an `e`.
            Self::Real(number) => {
                // Writing into a text does not fail.
                let _infallible = write!(text, "{number:?}");
            }
        }
    }

    /// What may stand in a counter: neither negative, nor no number (`OpenMetrics` 1.0, "Counter").
    pub(crate) fn of_a_counter(self) -> Self {
        match self {
            Self::Real(number) if number.is_nan() || number < 0.0 => Self::Real(0.0),
            other => other,
        }
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Whole(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

/// 1 for yes, 0 for no.
impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Whole(yes.into())
    }
}

/// In seconds.
impl From<Duration> for Value {
    fn from(time: Duration) -> Self {
        Self::Real(time.as_secs_f64())
    }
}

/// In seconds since 1970-01-01T00:00:00Z; those before are negative.
impl From<SystemTime> for Value {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH);
        Self::Real(
            since.map_or_else(
                |before| -before.duration().as_secs_f64(),
                |since| since.as_secs_f64(),
            ),
        )
    }
}
