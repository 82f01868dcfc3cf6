//! Laws that hold for any value, any context and any bytes.

use std::sync::LazyLock;

use palisade_vault::{Context, Sealed, Vault};
use proptest::{collection::vec, prelude::*};

use crate::stage::{PLACE, vault};

static VAULT: LazyLock<Vault> = LazyLock::new(|| vault(&[1, 2]));

/// The parts of a context, so that it can be made of them.
type Owned = ([String; 5], Option<u64>);

/// Few letters, so that parts run into each other where they can.
fn contexts() -> impl Strategy<Value = Owned> {
    let text = prop_oneof![8 => "[ab\u{0}\u{1}]{0,3}", 1 => any::<String>()];
    (prop::array::uniform5(text), prop::option::of(prop_oneof![0..3_u64, any::<u64>()]))
}

fn context(([tenant, table, column, row, purpose], revision): &Owned) -> Context<'_> {
    Context { tenant, table, column, row, purpose, revision: *revision }
}

/// Reads an encoded context, which is how one knows that no two are alike.
fn decoded(mut bytes: &[u8]) -> Owned {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    while let Some((number, rest)) = bytes.split_first() {
        assert_eq!(usize::from(*number), parts.len() + 1);
        let (length, rest) = rest.split_first_chunk::<8>().unwrap();
        let (part, rest) = rest.split_at(u64::from_be_bytes(*length) as usize);
        parts.push(part.to_vec());
        bytes = rest;
    }
    let revision = parts.get(5).map(|part| u64::from_be_bytes((**part).try_into().unwrap()));
    let texts = parts.into_iter().take(5).map(|part| String::from_utf8(part).unwrap());
    (texts.collect::<Vec<_>>().try_into().unwrap(), revision)
}

proptest! {
    #[test]
    fn an_encoded_context_can_be_read_back_so_no_two_are_alike(parts in contexts()) {
        prop_assert_eq!(decoded(&context(&parts).encoded()), parts);
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_and_in_no_other(
        value in vec(any::<u8>(), 0..200), here in contexts(), there in contexts(),
    ) {
        let sealed = VAULT.seal_now(&context(&here), &value).unwrap();
        prop_assert_eq!(sealed.as_bytes().len(), 143 + value.len());
        let opened = VAULT.open_now(&context(&here), &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &*value);
        prop_assert_eq!(VAULT.open_now(&context(&there), &sealed).is_ok(), here == there);
    }

    #[test]
    fn no_bytes_open(bytes in vec(any::<u8>(), 0..300), head in any::<bool>()) {
        let mut bytes = bytes;
        if head {
            bytes.splice(..0, *b"PSVT\x01\0\0\0\x01\0\x48");
        }
        let sealed = Sealed::from(bytes);
        prop_assert!(VAULT.open_now(&PLACE, &sealed).is_err());
        prop_assert!(VAULT.rewrap_now(&PLACE, &sealed).is_err());
    }

    #[test]
    fn a_change_of_any_bytes_is_refused(
        value in vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>(), with in vec(any::<u8>(), 1..8),
    ) {
        let mut bytes = VAULT.seal_now(&PLACE, &value).unwrap().into_bytes();
        let whole = bytes.clone();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + with.len());
        bytes.splice(at..end, with);
        let is_whole = bytes == whole;
        prop_assert_eq!(VAULT.open_now(&PLACE, &bytes.into()).is_ok(), is_whole);
    }
}
