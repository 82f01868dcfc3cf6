//! What a caller says of the trace that its request belongs to (W3C Trace Context, level 2).

use http::HeaderMap;

/// The span of a caller, as `traceparent` and `tracestate` name it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the server is nobody's dependency")]
pub struct Parent {
    /// Never 0.
    pub trace_id: u128,
    /// Never 0.
    pub span_id: u64,
    /// The lowest bit says whether the caller samples.
    pub flags: u8,
    /// What systems along the way keep there; at most 512 bytes.
    pub state: String,
}

/// More than this of `tracestate` need not be passed on (section 3.3.1.5).
const LONGEST_STATE: usize = 512;

/// `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits.
const LENGTH: usize = 55;

// === impl Parent ===

impl Parent {
    /// Reads it. None where there is none, more than one, or one that breaks the rules: the trace then begins anew (section 4.3).
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all("traceparent").iter();
        let (Some(one), None) = (all.next(), all.next()) else { return None };
        let mut parent = Self::parse(one.to_str().ok()?)?;
        let states = headers.get_all("tracestate").iter();
        let states: Vec<&str> = states.filter_map(|state| state.to_str().ok()).collect();
        let state = states.join(",");
        if state.len() <= LONGEST_STATE {
            parent.state = state;
        }
        Some(parent)
    }

    fn parse(text: &str) -> Option<Self> {
        let (known, rest) = text.as_bytes().split_at_checked(LENGTH)?;
        let mut parts = known.split(|byte| *byte == b'-');
        let mut digits = |length: usize| {
            let part = parts.next().filter(|part| part.len() == length)?;
            // Small letters alone (section 3.2.2).
            let are_digits = part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            are_digits.then(|| std::str::from_utf8(part).ok()).flatten()
        };
        let version = digits(2)?;
        let trace_id = u128::from_str_radix(digits(32)?, 16).ok()?;
        let span_id = u64::from_str_radix(digits(16)?, 16).ok()?;
        let flags = u8::from_str_radix(digits(2)?, 16).ok()?;
        // What a later version adds stands behind another dash (section 4.3).
        let ends_well = match (version, rest) {
            ("ff", _) => false,
            (_, []) => true,
            ("00", _) => false,
            (_, [first, ..]) => *first == b'-',
        };
        let is_fine = ends_well && trace_id != 0 && span_id != 0;
        is_fine.then(|| Self { trace_id, span_id, flags, state: String::new() })
    }
}
