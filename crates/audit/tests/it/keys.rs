//! Keys, and the lines that they sign.

use palisade_audit::{
    CheckpointError, KeyText, SignedCheckpoint, SigningKey, TrustedKeys, VerifyingKey,
};

use crate::scene::{checkpoint, log_of};

fn key() -> SigningKey {
    SigningKey::generate("audit.example.com").unwrap()
}

fn signed(key: &SigningKey) -> SignedCheckpoint {
    let (log, records) = log_of(3);
    key.sign(checkpoint(log, &records[2]))
}

/// What of a key's text is secret.
fn secret_of(text: &KeyText) -> &str {
    text.expose().splitn(5, '+').last().unwrap()
}

#[test]
fn a_signed_line_opens_by_its_key_and_says_what_was_signed() {
    let (log, records) = log_of(3);
    let (key, known) = (key(), checkpoint(log, &records[2]));
    let line = key.sign(known.clone()).to_string();
    let trusted: TrustedKeys = [key.verifying_key()].into_iter().collect();
    assert_eq!(trusted.open_line(&line), Ok(known));
    assert!(line.starts_with(&format!("palisade-audit/1 log={log} sequence=3 hash=")), "{line}");
    assert!(line.len() < 400 && !line.contains('\n'));
}

#[test]
fn every_byte_of_a_line_counts() {
    let key = key();
    let line = signed(&key).to_string();
    let trusted: TrustedKeys = [key.verifying_key()].into_iter().collect();
    for place in 0..line.len() {
        for bit in 0..7 {
            let mut bytes = line.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(trusted.open_line(&changed).is_err(), "{changed}");
        }
    }
    for changed in [
        format!("{line} "),
        format!(" {line}"),
        line.replace("sequence=3", "sequence=03"),
        line.replace("time=1", "time=+1"),
    ] {
        assert_eq!(trusted.open_line(&changed), Err(CheckpointError::Unreadable), "{changed}");
    }
}

#[test]
fn a_line_of_another_key_does_not_count_whatever_name_it_has() {
    let (ours, theirs) = (key(), key());
    let trusted: TrustedKeys = [ours.verifying_key()].into_iter().collect();
    let line = signed(&theirs).to_string();
    assert!(matches!(trusted.open_line(&line), Err(CheckpointError::UnknownKey(_))));
    let forged = line.replace(&theirs.id().to_string(), &ours.id().to_string());
    assert!(matches!(trusted.open_line(&forged), Err(CheckpointError::NotSigned(_))));
}

#[test]
fn keys_are_replaced_and_old_lines_still_count() {
    let (old, new) = (key(), SigningKey::generate("audit.example.com").unwrap());
    let file = format!("# retired in May\n{}\n\n{}\n", old.verifying_key(), new.verifying_key());
    let trusted: TrustedKeys = file.parse().unwrap();
    let lines = format!("{}\n{}\nnothing\n", signed(&old), signed(&new));
    let opened = trusted.read(lines.as_bytes()).unwrap();
    assert_eq!(opened.trusted.len(), 2);
    assert_eq!(opened.refused, [(3, CheckpointError::Unreadable)]);
}

#[test]
fn a_key_comes_back_from_its_text() {
    let key = key();
    let text = key.to_text();
    assert!(text.expose().starts_with("PRIVATE+KEY+audit.example.com+"));
    let back: SigningKey = format!("{}\n", text.expose()).parse().unwrap();
    assert_eq!(back.verifying_key(), key.verifying_key());
    let public: VerifyingKey = key.verifying_key().to_string().parse().unwrap();
    assert_eq!(public, key.verifying_key());
    for name in ["", "a b", "a+b", "é", &"x".repeat(65)] {
        assert!(SigningKey::generate(name).is_err(), "{name}");
    }
}

#[test]
fn a_mistyped_key_is_refused_and_no_word_of_a_secret_is_repeated() {
    let key = key();
    let (secret, public) = (key.to_text(), key.verifying_key().to_string());
    let bytes = secret_of(&secret);
    let cut = &secret.expose()[..secret.expose().len() - 3];
    for wrong in [cut, bytes, &public, "", "PRIVATE+KEY+"] {
        let error = wrong.parse::<SigningKey>().unwrap_err().to_string();
        assert!(!error.contains(bytes.get(..10).unwrap()), "{error}");
    }
    let error = secret.expose().parse::<VerifyingKey>().unwrap_err().to_string();
    assert!(!error.contains(bytes), "the wrong one of the two was given: {error}");
    let other = public.replacen("audit", "adult", 1);
    assert!(other.parse::<VerifyingKey>().is_err(), "the digest is of name and key");
    let other = secret.expose().replacen("audit", "adult", 1);
    assert!(other.parse::<SigningKey>().is_err(), "nobody would trust what it signs");
}

#[test]
fn nothing_shows_a_signing_key_by_the_way() {
    let key = key();
    let text: KeyText = key.to_text();
    assert!(!format!("{key:?} {text:?}").contains(secret_of(&text)));
}
