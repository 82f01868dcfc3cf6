//! XAES-256-GCM by the vectors of C2SP: <https://c2sp.org/XAES-256-GCM>.

// They are no part of what the crate offers, so their files are compiled here.
#[path = "../../src/gcm.rs"]
mod gcm;
#[path = "../../src/xaes.rs"]
mod source;

use self::source::Xaes;
use crate::{shake::Shake, vectors::hex};

fn round_trip(key: [u8; 32], nonce: [u8; 24], plain: &[u8], aad: &[u8]) -> Vec<u8> {
    let xaes = Xaes::new(&key).unwrap();
    let mut text = plain.to_vec();
    xaes.seal(&nonce, aad, &mut text).unwrap();
    let mut opened = text.clone();
    assert_eq!(xaes.open(&nonce, aad, &mut opened).unwrap(), plain);
    let mut opened = text.clone();
    opened[0] ^= 1;
    assert!(xaes.open(&nonce, aad, &mut opened).is_err());
    text
}

#[test]
fn the_published_vectors_hold() {
    let nonce = *b"ABCDEFGHIJKLMNOPQRSTUVWX";
    let sealed = round_trip([1; 32], nonce, b"XAES-256-GCM", b"");
    assert_eq!(sealed, hex("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"));
    let sealed = round_trip([3; 32], nonce, b"XAES-256-GCM", b"c2sp.org/XAES-256-GCM");
    assert_eq!(sealed, hex("986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"));
}

#[test]
fn ten_thousand_random_messages_come_to_the_published_digest() {
    let (mut random, mut digest) = (Shake::default(), Shake::default());
    let start = Shake::default().squeeze(16);
    assert_eq!(start, hex("7f9c2ba4e88f827d616045507605853e"), "SHAKE-128 itself");
    for _ in 0..10_000 {
        let key = random.squeeze(32).try_into().unwrap();
        let nonce = random.squeeze(24).try_into().unwrap();
        let mut field = || {
            let length = random.squeeze(1)[0];
            random.squeeze(length.into())
        };
        let (plain, aad) = (field(), field());
        digest.absorb(&round_trip(key, nonce, &plain, &aad));
    }
    let expected = "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939";
    assert_eq!(digest.squeeze(32), hex(expected));
}
