//! Keys that are elsewhere, and have to be waited for.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use palisade_vault::{
    Context, DataKey, KeyProvider, KeyRing, KeyVersion, OpenError, ProviderError, ProviderFuture,
    RewrapError, SealError, Vault, Wrapped,
};

use crate::stage::{PLACE, key_text, ring, vault, version};

/// Asks a ring, and has to be waited for.
struct Remote {
    ring: KeyRing,
    is_down: AtomicBool,
}

impl Remote {
    fn new(ring: KeyRing) -> Self {
        Self { ring, is_down: AtomicBool::new(false) }
    }

    async fn reached(&self) -> Result<(), ProviderError> {
        tokio::task::yield_now().await;
        if self.is_down.load(Ordering::Relaxed) {
            return Err(ProviderError::unavailable("no route to host"));
        }
        Ok(())
    }
}

impl KeyProvider for Remote {
    fn primary(&self) -> KeyVersion {
        self.ring.primary()
    }

    fn wrap_key<'a>(
        &'a self,
        key: &'a DataKey,
        context: &'a Context<'a>,
    ) -> ProviderFuture<'a, Wrapped> {
        Box::pin(async move {
            self.reached().await?;
            self.ring.wrap_key(key, context).await
        })
    }

    fn unwrap_key<'a>(
        &'a self,
        version: KeyVersion,
        wrapped: &'a [u8],
        context: &'a Context<'a>,
    ) -> ProviderFuture<'a, DataKey> {
        Box::pin(async move {
            self.reached().await?;
            self.ring.unwrap_key(version, wrapped, context).await
        })
    }
}

/// Wraps to this.
struct Odd(Vec<u8>);

impl KeyProvider for Odd {
    fn primary(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    fn wrap_key<'a>(&'a self, _: &'a DataKey, _: &'a Context<'a>) -> ProviderFuture<'a, Wrapped> {
        Box::pin(async { Ok(Wrapped::new(KeyVersion::FIRST, self.0.clone())) })
    }

    fn unwrap_key<'a>(
        &'a self,
        _: KeyVersion,
        _: &'a [u8],
        _: &'a Context<'a>,
    ) -> ProviderFuture<'a, DataKey> {
        Box::pin(async { Ok(DataKey::new([7; 32])) })
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn a_remote_provider_seals_opens_rewraps_and_reseals() {
    let (one, two) = (key_text(), key_text());
    let remote = Arc::new(Remote::new(ring(&format!("1:{one}"))));
    let vault: Vault<dyn KeyProvider> = Vault::shared(remote.clone());
    let sealed = is_send(vault.seal(&PLACE, b"value")).await.unwrap();
    assert!(!vault.needs_rewrap(&sealed));
    remote.ring.replace(ring(&format!("2:{two},1:{one}"))).unwrap();
    assert!(vault.needs_rewrap(&sealed));
    let rewrapped = is_send(vault.rewrap(&PLACE, &sealed)).await.unwrap();
    assert_eq!(rewrapped.key_version(), Some(version(2)));
    let resealed = is_send(vault.reseal(&PLACE, &sealed)).await.unwrap();
    for sealed in [sealed, rewrapped, resealed] {
        let opened = is_send(vault.open(&PLACE, &sealed)).await.unwrap();
        assert_eq!(opened.expose(), b"value");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_says_nothing_about_the_value() {
    let vault = Vault::new(Remote::new(ring(&format!("1:{}", key_text()))));
    let sealed = vault.seal(&PLACE, b"value").await.unwrap();
    vault.keys().is_down.store(true, Ordering::Relaxed);
    let error = vault.open(&PLACE, &sealed).await.expect_err("it answers");
    let OpenError::Unavailable(source) = &error else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "no route to host");
    let error = vault.seal(&PLACE, b"value").await.expect_err("it answers");
    assert!(matches!(error, SealError::Unavailable(_)));
    let error = vault.rewrap(&PLACE, &sealed).await.expect_err("it answers");
    assert!(matches!(error, RewrapError::Open(OpenError::Unavailable(_))));
    vault.keys().is_down.store(false, Ordering::Relaxed);
    assert_eq!(vault.open(&PLACE, &sealed).await.unwrap().expose(), b"value");
}

#[tokio::test]
async fn a_provider_that_answers_with_another_key_opens_nothing() {
    let vault = Vault::new(Odd(vec![1; 100]));
    let sealed = vault.seal(&PLACE, b"value").await.unwrap();
    assert!(matches!(vault.open(&PLACE, &sealed).await, Err(OpenError::Tampered)));
}

#[tokio::test]
async fn a_wrapped_key_that_no_reader_would_take_is_not_stored() {
    for wrapped in [vec![], vec![0; 6145], vec![0; 70_000]] {
        let error = Vault::new(Odd(wrapped)).seal(&PLACE, b"value").await.expect_err("stored");
        let SealError::Unavailable(source) = &error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), "the wrapped key is empty, or too long");
    }
    let longest = Vault::new(Odd(vec![0; 6144])).seal(&PLACE, b"value").await.unwrap();
    assert_eq!(longest.key_version(), Some(KeyVersion::FIRST));
}

#[tokio::test]
async fn a_ring_answers_without_being_waited_for() {
    let vault = vault(&[1]);
    let sealed = vault.seal(&PLACE, b"value").await.unwrap();
    assert_eq!(vault.open_now(&PLACE, &sealed).unwrap().expose(), b"value");
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    assert_eq!(vault.open(&PLACE, &sealed).await.unwrap().expose(), b"value");
    assert_eq!(vault.reseal(&PLACE, &sealed).await.unwrap().key_version(), Some(version(1)));
}
