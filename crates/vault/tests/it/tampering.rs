//! What was changed, moved or replayed is not opened.

use palisade_vault::{Context, OpenError, RewrapError, Sealed, Vault};

use crate::stage::{PLACE, key_text, ring, vault, version};

/// Where the wrapped key of a ring ends, and the payload begins.
const PAYLOAD: usize = 5 + 4 + 2 + 72;
const COMMITMENT: usize = PAYLOAD + 12;
const CIPHERTEXT: usize = COMMITMENT + 32;

fn refused(vault: &Vault, context: &Context<'_>, bytes: &[u8]) -> OpenError {
    vault.open_now(context, &bytes.into()).expect_err("it is opened")
}

#[test]
fn c1_no_byte_of_a_sealed_value_can_be_changed() {
    let vault = vault(&[1]);
    let sealed = vault.seal_now(&PLACE, b"DE02120300000000202051").unwrap().into_bytes();
    assert_eq!(sealed.len(), 143 + 22);
    for place in 0..sealed.len() {
        for bit in [1, 0x80] {
            let mut changed = sealed.clone();
            changed[place] ^= bit;
            let error = refused(&vault, &PLACE, &changed);
            match place {
                // The mark; the length of the wrapped key, which moves all that follows.
                0..5 | 9..11 => {
                    assert!(matches!(error, OpenError::Malformed | OpenError::Tampered), "{place}");
                }
                5..9 => assert!(
                    matches!(error, OpenError::UnknownKey { .. } | OpenError::Malformed),
                    "{place}: {error:?}"
                ),
                _ => assert!(matches!(error, OpenError::Tampered), "{place}: {error:?}"),
            }
        }
    }
    assert_eq!(vault.open_now(&PLACE, &sealed.into()).unwrap().expose().len(), 22);
}

#[test]
fn c1_a_value_that_was_cut_off_or_added_to_is_refused_at_every_length() {
    let vault = vault(&[1]);
    let sealed = vault.seal_now(&PLACE, b"DE02120300000000202051").unwrap().into_bytes();
    for length in 0..sealed.len() {
        let error = refused(&vault, &PLACE, &sealed[..length]);
        assert!(matches!(error, OpenError::Malformed | OpenError::Tampered), "{length}");
    }
    for more in [&b"\0"[..], b"0123456789abcdef"] {
        let longer = [&sealed, more].concat();
        assert!(matches!(refused(&vault, &PLACE, &longer), OpenError::Tampered));
    }
}

#[test]
fn c1_a_value_is_nothing_in_another_place() {
    let vault = vault(&[1]);
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    let others = [
        Context { tenant: "other", ..PLACE },
        Context { tenant: "", ..PLACE },
        Context { table: "suppliers", ..PLACE },
        Context { column: "bic", ..PLACE },
        Context { row: "43", ..PLACE },
        Context { row: "42 ", ..PLACE },
        Context { purpose: "marketing", ..PLACE },
        Context { tenant: "acmecustomers", table: "", ..PLACE },
        Context { revision: None, ..PLACE },
        Context { revision: Some(6), ..PLACE },
    ];
    for other in others {
        let error = vault.open_now(&other, &sealed).expect_err("it is opened elsewhere");
        assert!(matches!(error, OpenError::Tampered), "{other:?}: {error:?}");
        let error = vault.rewrap_now(&other, &sealed).expect_err("it is rewrapped elsewhere");
        assert!(matches!(error, RewrapError::Open(OpenError::Tampered)), "{other:?}: {error:?}");
    }
}

#[test]
fn c1_parts_of_two_values_do_not_make_a_third() {
    let vault = vault(&[1]);
    // The same place: nothing but the data keys sets them apart.
    let one = vault.seal_now(&PLACE, b"one value").unwrap().into_bytes();
    let two = vault.seal_now(&PLACE, b"two value").unwrap().into_bytes();
    let parts = [11..PAYLOAD, PAYLOAD..COMMITMENT, COMMITMENT..CIPHERTEXT, CIPHERTEXT..one.len()];
    for mask in 1..15 {
        let mut mixed = one.clone();
        for (bit, part) in parts.iter().enumerate() {
            if mask >> bit & 1 == 1 {
                mixed[part.clone()].copy_from_slice(&two[part.clone()]);
            }
        }
        assert!(matches!(refused(&vault, &PLACE, &mixed), OpenError::Tampered), "{mask:b}");
    }
}

#[test]
fn c1_an_old_value_is_refused_where_the_revision_is_known() {
    let vault = vault(&[1]);
    let old = vault.seal_now(&PLACE, b"old").unwrap();
    let now = Context { revision: Some(8), ..PLACE };
    let new = vault.seal_now(&now, b"new").unwrap();
    assert_eq!(vault.open_now(&now, &new).unwrap().expose(), b"new");
    assert!(matches!(vault.open_now(&now, &old), Err(OpenError::Tampered)));
}

#[test]
fn c1_a_version_that_was_changed_opens_nothing() {
    let vault = vault(&[1, 2, 3]);
    let sealed = vault.seal_now(&PLACE, b"value").unwrap().into_bytes();
    assert_eq!(Sealed::from(&*sealed).key_version(), Some(version(3)));
    let with = |number: u32| {
        let mut changed = sealed.clone();
        changed[5..9].copy_from_slice(&number.to_be_bytes());
        refused(&vault, &PLACE, &changed)
    };
    assert!(matches!(with(2), OpenError::Tampered));
    assert!(matches!(with(0), OpenError::Malformed));
    let OpenError::UnknownKey { version: said } = with(9) else {
        panic!("a key that is not there")
    };
    assert_eq!(said, version(9));
}

#[test]
fn c1_what_is_under_a_key_below_the_minimum_is_refused_though_the_key_is_there() {
    let (old, new) = (key_text(), key_text());
    let before = Vault::new(ring(&format!("1:{old}")));
    let sealed = before.seal_now(&PLACE, b"value").unwrap();
    for text in [format!("2:{new},1:{old},minimum=2"), format!("2:{new},minimum=2")] {
        let after = Vault::new(ring(&text));
        let error = after.open_now(&PLACE, &sealed).expect_err("a key below the minimum counts");
        let OpenError::BelowMinimum { version: said, minimum } = error else { panic!("{error:?}") };
        assert_eq!((said, minimum), (version(1), version(2)));
        let error = after.rewrap_now(&PLACE, &sealed).expect_err("it is rewrapped");
        assert!(matches!(error, RewrapError::Open(OpenError::BelowMinimum { .. })), "{error:?}");
    }
}

#[test]
fn a_rewrap_of_a_changed_ciphertext_is_still_refused_by_who_opens_it() {
    let vault = vault(&[1]);
    let mut bytes = vault.seal_now(&PLACE, b"value").unwrap().into_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    let rewrapped = vault.rewrap_now(&PLACE, &bytes.clone().into()).unwrap();
    assert!(matches!(vault.open_now(&PLACE, &rewrapped), Err(OpenError::Tampered)));
    let resealed = vault.reseal_now(&PLACE, &bytes.into());
    assert!(matches!(resealed, Err(RewrapError::Open(OpenError::Tampered))));
}

#[test]
fn no_error_and_no_debug_print_shows_a_value_or_a_key() {
    let text = key_text();
    let vault = Vault::new(ring(&format!("1:{text}")));
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    let opened = vault.open_now(&PLACE, &sealed).unwrap();
    let shown = format!("{vault:?} {:?} {sealed:?} {opened:?}", vault.keys());
    let expected = "Vault { primary: 1, .. } KeyRing { versions: [1], primary: 1, minimum: 1, .. } \
                    Sealed { key_version: Some(KeyVersion(1)), bytes: 148, .. } Secret(…)";
    assert_eq!(shown, expected);
    assert!(!format!("{:?}", text.parse::<palisade_vault::Key>().unwrap()).contains(&text));
}
