//! A value is sealed under one data key, and no second one opens it.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
};
use palisade_vault::{
    Context, DataKey, KeyProvider, KeyVersion, OpenError, ProviderFuture, Sealed, Vault, Wrapped,
};

use crate::{ghash::collision, stage::PLACE};

const MARK: &[u8] = b"PSVT\x01";
const NONCE: [u8; 12] = *b"twelve bytes";

/// Whoever attacks here has all keys in his hand: what he says is the data key is the data key.
pub(crate) struct Accomplice;

impl KeyProvider for Accomplice {
    fn primary(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    fn wrap_key<'a>(
        &'a self,
        key: &'a DataKey,
        _context: &'a Context<'a>,
    ) -> ProviderFuture<'a, Wrapped> {
        Box::pin(async { Ok(Wrapped::new(KeyVersion::FIRST, key.expose().to_vec())) })
    }

    fn unwrap_key<'a>(
        &'a self,
        _version: KeyVersion,
        wrapped: &'a [u8],
        _context: &'a Context<'a>,
    ) -> ProviderFuture<'a, DataKey> {
        Box::pin(async move { Ok(DataKey::new(wrapped.try_into().unwrap())) })
    }
}

/// What docs/sealed-format.md says: the key of the payload, and the commitment.
fn derived(data_key: &[u8; 32]) -> ([u8; 32], [u8; 32]) {
    let info = [b"palisade-vault payload", MARK, &NONCE, &PLACE.encoded(), &[1]].concat();
    let block = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, data_key), &info);
    let (key, commitment) = block.as_ref().split_at(32);
    (key.try_into().unwrap(), commitment.try_into().unwrap())
}

fn sealed(data_key: &[u8; 32], commitment: &[u8; 32], text: &[u8]) -> Sealed {
    let head = [MARK, &1_u32.to_be_bytes(), &32_u16.to_be_bytes(), data_key].concat();
    [&head, NONCE.as_slice(), commitment, text].concat().into()
}

#[tokio::test]
async fn c3_one_ciphertext_that_two_keys_open_is_opened_by_the_committed_one_alone() {
    let (one, two) = ([0x11; 32], [0x22; 32]);
    let ((key_one, commitment), (key_two, other)) = (derived(&one), derived(&two));
    assert_ne!(commitment, other);
    let aad = [MARK, &commitment, &PLACE.encoded()].concat();
    let text = collision([&key_one, &key_two], &NONCE, &aad, 4);

    // AES-GCM itself takes it under both, and says two things.
    let plain = [key_one, key_two].map(|key| {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
        let mut text = text.clone();
        let nonce = Nonce::assume_unique_for_key(NONCE);
        key.open_in_place(nonce, Aad::from(&aad), &mut text).unwrap().to_vec()
    });
    assert_ne!(plain[0], plain[1]);

    let vault = Vault::new(Accomplice);
    let opened = vault.open(&PLACE, &sealed(&one, &commitment, &text)).await.unwrap();
    assert_eq!(opened.expose(), plain[0]);
    let refused = vault.open(&PLACE, &sealed(&two, &commitment, &text)).await;
    assert!(matches!(refused, Err(OpenError::Tampered)), "{refused:?}");
    let refused = vault.open(&PLACE, &sealed(&two, &other, &text)).await;
    assert!(matches!(refused, Err(OpenError::Tampered)), "{refused:?}");
    let refused = vault.rewrap(&PLACE, &sealed(&two, &commitment, &text)).await;
    assert!(refused.is_err(), "a value is wrapped under a key that it does not commit to");
}

#[tokio::test]
async fn c3_the_commitment_is_to_the_place_as_well() {
    let key = [0x11; 32];
    let (_, commitment) = derived(&key);
    let elsewhere = Context { row: "43", ..PLACE };
    // The accomplice unwraps for any place; the value does not open there.
    let vault = Vault::new(Accomplice);
    let refused = vault.open(&elsewhere, &sealed(&key, &commitment, &[0; 16])).await;
    assert!(matches!(refused, Err(OpenError::Tampered)), "{refused:?}");
}
