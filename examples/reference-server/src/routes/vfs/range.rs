//! Which bytes of a file are asked for (RFC 9110 section 14).

use std::ops::Range;

use http::HeaderValue;

/// Which bytes are asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// All: nothing was said, or nothing that is understood, or several ranges at once.
    All,
    /// These.
    Part(Range<u64>),
    /// None that is there.
    Nothing,
}

// === impl Wanted ===

impl Wanted {
    /// What `header` asks for, of a file of so many bytes.
    pub(super) fn read(header: Option<&HeaderValue>, length: u64) -> Self {
        let text = header.and_then(|header| header.to_str().ok());
        let ranges = text
            .and_then(|text| text.trim().split_once('='))
            .filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"))
            .map(|(_, ranges)| ranges);
        let one = ranges.map(str::trim).filter(|ranges| !ranges.contains(','));
        let Some((first, last)) = one.and_then(|one| one.split_once('-')) else { return Self::All };
        match (number(first), number(last)) {
            (Ok(Some(first)), Ok(Some(last))) if first <= last => {
                Self::within(first..last.saturating_add(1), length)
            }
            (Ok(Some(first)), Ok(None)) => Self::within(first..length, length),
            (Ok(None), Ok(Some(last))) if last > 0 => {
                Self::within(length.saturating_sub(last)..length, length)
            }
            (Ok(None), Ok(Some(_))) => Self::Nothing,
            _ => Self::All,
        }
    }

    fn within(range: Range<u64>, length: u64) -> Self {
        if range.start >= length {
            return Self::Nothing;
        }
        Self::Part(range.start..range.end.min(length))
    }
}

/// A number, where one stands. One that is beyond all is as good as the largest.
fn number(text: &str) -> Result<Option<u64>, ()> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(());
    }
    Ok(Some(text).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap_or(u64::MAX)))
}
