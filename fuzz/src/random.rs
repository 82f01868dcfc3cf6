//! Inputs by chance: what is kept, changed a few times.

use std::iter;

/// Longer ones are cut.
const LONGEST: usize = 16 * 1024;

/// Pieces that mean something to one of the targets.
const PIECES: [&[u8]; 44] = [
    b"/",
    b"//",
    b".",
    b"..",
    b"\\",
    b";",
    b"?",
    b"%",
    b"%00",
    b"%25",
    b"%2e",
    b"%2F",
    b"%41",
    b"%40",
    b"%7E",
    b"%C3%A9",
    b"%C2%85",
    b":id",
    b"{id}",
    b"{*rest}",
    b"*",
    b"_",
    b"\n",
    b"\0",
    b"\xff",
    b"{",
    b"}",
    b"\"",
    b",",
    b"null",
    b"-1",
    b"1e999",
    b"\"alg\":\"none\"",
    b"\"crit\":[]",
    b"\"kid\":\"test-hs256\"",
    b"eyJhbGciOiJIUzI1NiJ9",
    b"**/",
    b"[!a-c]",
    b"{a,b}",
    b"a/c/",
    b"docs/secret",
    b"NUL",
    b"~1",
    b"\xc3\x9f",
];

/// Numbers by chance: SplitMix64. Nothing here is a secret.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of `kept`, or a few random bytes, with some changes.
    pub(crate) fn input(&mut self, kept: &[Vec<u8>]) -> Vec<u8> {
        let mut input = if self.below(16) == 0 {
            let length = self.below(64);
            iter::repeat_with(|| self.byte()).take(length).collect()
        } else {
            self.pick(kept).cloned().unwrap_or_default()
        };
        for _ in 0..=self.below(6) {
            self.change(&mut input, kept);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, kept: &[Vec<u8>]) {
        let start = self.below(input.len() + 1);
        let end = start + self.below((input.len() - start).min(32) + 1);
        match self.below(7) {
            0 => {
                if let Some(byte) = input.get_mut(start) {
                    *byte ^= 1 << self.below(8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(start) {
                    *byte = self.byte();
                }
            }
            2 => drop(input.drain(start..end)),
            // Long inputs are made by repeating.
            3 => {
                let part = input[start..end].repeat(1 << self.below(10));
                drop(input.splice(start..end, part));
            }
            4 => drop(input.splice(start..start, self.piece())),
            5 => drop(input.splice(start..end, self.piece())),
            // The front of this one, the back of another.
            _ => {
                let other = self.pick(kept).map(Vec::as_slice).unwrap_or_default();
                let from = self.below(other.len() + 1);
                input.truncate(start);
                input.extend_from_slice(&other[from..]);
            }
        }
    }

    fn piece(&mut self) -> Vec<u8> {
        self.pick(&PIECES).map(|piece| piece.to_vec()).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        let number = self.next() % (end.max(1) as u64);
        number as usize
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
