//! API keys: any text, and texts that are written like keys.

use std::{iter, sync::LazyLock};

use palisade_authn_api_key::{ApiKeys, KeyFault, KeyFormat};
use palisade_core::{ConfigError, ManualClock};

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ID: usize = 12;
const SECRET: usize = 32;
const CHECKSUM: usize = 7;

static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::new().expect("two formats"));

/// What keys are judged by.
struct Bench {
    live: KeyFormat,
    test: KeyFormat,
    /// There are none.
    keys: ApiKeys,
    clock: ManualClock,
}

impl Bench {
    fn new() -> Result<Self, ConfigError> {
        let (live, clock) = (KeyFormat::new("acme", "live")?, ManualClock::new());
        let keys = ApiKeys::builder(live.clone()).clock(clock.clock()).build()?;
        Ok(Self { live, test: KeyFormat::new("acme", "test")?, keys, clock })
    }
}

/// Takes the input for a key, for what keys begin with, and for the digits of a key.
pub fn api_key(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    judged(&text);
    begun(&text);
    written(data);
}

/// What is read as a key is one as the format says, with the checksum of its text. It opens nothing where there is no key.
fn judged(text: &str) {
    if let Ok(id) = BENCH.live.read(text) {
        let body = text.len().checked_sub(CHECKSUM).and_then(|end| text.get(..end));
        let body = body.expect("room for a checksum");
        assert_eq!(sealed(body), text);
        assert!(body.starts_with(&format!("acme_live_{id}_")), "{text:?} is not of {id}");
        assert_eq!(body.len(), "acme_live__".len() + ID + SECRET, "{text:?}");
        assert_eq!(BENCH.test.read(text), Err(KeyFault::Foreign(id)), "{text:?}");
    }
    assert!(BENCH.keys.verify(text, BENCH.clock.now()).is_err(), "{text:?} opens something");
}

/// A format that builds reads its keys.
fn begun(text: &str) {
    let (prefix, environment) = text.split_once('_').unwrap_or((text, "live"));
    if let Ok(format) = KeyFormat::new(prefix, environment) {
        let (id, secret) = ("0".repeat(ID), "0".repeat(SECRET));
        let key = sealed(&format!("{prefix}_{environment}_{id}_{secret}"));
        assert_eq!(format.read(&key).map(|id| id.to_string()), Ok(id), "{key:?}");
    }
}

/// What is written like a key is read; with any one character changed it is not.
fn written(data: &[u8]) {
    let mut digits = data.iter().copied().chain(iter::repeat(0)).map(u32::from).map(digit);
    let id: String = digits.by_ref().take(ID).collect();
    let secret: String = digits.take(SECRET).collect();
    let key = sealed(&format!("acme_live_{id}_{secret}"));
    judged(&key);
    assert_eq!(BENCH.live.read(&key).map(|id| id.to_string()), Ok(id), "{key:?}");
    for place in 0..key.len() {
        let mut typo = key.clone();
        let other = if key[place..].starts_with('0') { "1" } else { "0" };
        typo.replace_range(place..=place, other);
        let read = BENCH.live.read(&typo);
        assert!(
            matches!(read, Err(KeyFault::Malformed | KeyFault::Checksum)),
            "{typo:?}: {read:?}"
        );
    }
}

/// `body` with its checksum: CRC-32 in digits, the highest bits first.
fn sealed(body: &str) -> String {
    let crc = crc32(body.as_bytes());
    let sum = [30, 25, 20, 15, 10, 5, 0].map(|shift| digit(crc >> shift));
    body.chars().chain(sum).collect()
}

/// The digit of the lowest five bits.
fn digit(bits: u32) -> char {
    char::from(DIGITS[(bits & 31) as usize])
}

/// Bit by bit, as the standard says it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _bit| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}
