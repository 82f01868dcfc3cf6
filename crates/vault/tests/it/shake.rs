//! SHAKE-128 (FIPS 202), as slow as the standard tells it: test vectors are drawn from it.

const RATE: usize = 168;

#[derive(Default)]
pub(crate) struct Shake {
    state: [u64; 25],
    /// Where the next byte goes, or comes from.
    at: usize,
    is_squeezing: bool,
}

impl Shake {
    pub(crate) fn absorb(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.xor(self.at, *byte);
            self.at += 1;
            if self.at == RATE {
                self.turn();
            }
        }
    }

    pub(crate) fn squeeze(&mut self, length: usize) -> Vec<u8> {
        if !self.is_squeezing {
            self.xor(self.at, 0x1f);
            self.xor(RATE - 1, 0x80);
            self.turn();
            self.is_squeezing = true;
        }
        let mut bytes = Vec::with_capacity(length);
        for _ in 0..length {
            if self.at == RATE {
                self.turn();
            }
            bytes.push((self.state[self.at / 8] >> (8 * (self.at % 8))) as u8);
            self.at += 1;
        }
        bytes
    }

    fn xor(&mut self, at: usize, byte: u8) {
        self.state[at / 8] ^= u64::from(byte) << (8 * (at % 8));
    }

    fn turn(&mut self) {
        permute(&mut self.state);
        self.at = 0;
    }
}

/// Keccak-f[1600]: FIPS 202 section 3.3.
fn permute(a: &mut [u64; 25]) {
    let mut lfsr = 1_u8;
    for _ in 0..24 {
        let c: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ a[x + 5 * y]));
        for at in 0..25 {
            a[at] ^= c[(at + 4) % 5] ^ c[(at + 1) % 5].rotate_left(1);
        }
        let (mut x, mut y, mut lane) = (1, 0, a[1]);
        for step in 1..25_u32 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            (a[x + 5 * y], lane) = (lane.rotate_left(step * (step + 1) / 2 % 64), a[x + 5 * y]);
        }
        for row in a.chunks_exact_mut(5) {
            let b: [u64; 5] = row.try_into().unwrap();
            for x in 0..5 {
                row[x] = b[x] ^ (!b[(x + 1) % 5] & b[(x + 2) % 5]);
            }
        }
        for bit in 0..7 {
            if lfsr & 1 == 1 {
                a[0] ^= 1 << ((1_u32 << bit) - 1);
            }
            lfsr = (lfsr << 1) ^ ((lfsr >> 7) * 0x71);
        }
    }
}
