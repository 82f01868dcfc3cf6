//! The bytes of a large file, which are nowhere as a whole: who knows where he is in it knows what is there.

use std::ops::Range;

use crate::Failure;

/// So many bytes come from one place of the pool. No chunk of the vault's is as long as two of them.
const PIECE: usize = 64 << 10;
/// So many places there are, and so no two pieces of the first 16 GiB are alike.
const PLACES: u64 = 1 << 18;
/// Odd: each number of a piece has a place of its own.
const STRIDE: u64 = 0x9e37_79b9;

/// What is written, and must be read again.
pub(super) struct Content {
    pool: Vec<u8>,
}

/// Compares what comes with what is due, byte by byte.
pub(super) struct Comparison<'a> {
    content: &'a Content,
    due: Range<u64>,
}

// === impl Content ===

impl Content {
    /// The same each time.
    pub(super) fn known() -> Self {
        let mut state = 0_u64;
        let length = usize::try_from(PLACES).unwrap_or_default().saturating_add(PIECE);
        let words = std::iter::repeat_with(|| splitmix(&mut state).to_le_bytes());
        Self { pool: words.flatten().take(length).collect() }
    }

    /// The bytes in `range`, some at a time.
    pub(super) fn pieces(&self, mut range: Range<u64>) -> impl Iterator<Item = &[u8]> {
        std::iter::from_fn(move || {
            let piece = self.from(range.start, &range);
            range.start = range.start.saturating_add(length_of(piece));
            (!piece.is_empty()).then_some(piece)
        })
    }

    /// Compares with what is in `due`.
    pub(super) fn compare(&self, due: Range<u64>) -> Comparison<'_> {
        Comparison { content: self, due }
    }

    /// What is left of the piece that `at` is in, as far as it is in `range`.
    fn from(&self, at: u64, range: &Range<u64>) -> &[u8] {
        let size = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let number = at.checked_div(size).unwrap_or_default();
        let place = number.wrapping_mul(STRIDE).checked_rem(PLACES).unwrap_or_default();
        let within = at.checked_rem(size).unwrap_or_default();
        let left = size.saturating_sub(within).min(range.end.saturating_sub(at));
        let start = place.saturating_add(within);
        let index = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        self.pool.get(index(start)..index(start.saturating_add(left))).unwrap_or_default()
    }
}

// === impl Comparison ===

impl Comparison<'_> {
    /// Takes the bytes that come next.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            let at = self.due.start;
            let due = self.content.from(at, &self.due);
            let both = due.len().min(bytes.len());
            let (Some(due), Some((come, rest))) = (due.get(..both), bytes.split_at_checked(both))
            else {
                return Err(format!("something is wrong behind byte {at}"));
            };
            if due.is_empty() {
                return Err(format!("{} bytes come behind the end", bytes.len()));
            }
            if due != come {
                let wrong = due.iter().zip(come).take_while(|(due, come)| due == come).count();
                let wrong = at.saturating_add(u64::try_from(wrong).unwrap_or_default());
                return Err(format!("byte {wrong} is not what was written"));
            }
            self.due.start = at.saturating_add(length_of(come));
            bytes = rest;
        }
        Ok(())
    }

    /// Whether all has come.
    pub(super) fn is_over(&self) -> bool {
        self.due.is_empty()
    }

    /// That all has come.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let left = self.due.end.saturating_sub(self.due.start);
        if left == 0 { Ok(()) } else { Err(format!("{left} bytes did not come")) }
    }
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The next of pseudo-random numbers.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
