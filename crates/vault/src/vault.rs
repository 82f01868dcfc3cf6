//! Seals values for their places, and opens them there.

use std::{fmt, sync::Arc};

use crate::{
    Context, DataKey, KeyProvider, KeyRing, OpenError, RewrapError, SealError, Sealed, Secret,
    alert, payload, sealed::Parts,
};

/// Seals values for their places, and opens them there.
///
/// Where the keys are a [`KeyRing`] nothing has to be waited for: `seal_now`, `open_now`, `rewrap_now` and `reseal_now` do what
/// their twins do. It is cheap to clone, and clones share the keys.
pub struct Vault<P: ?Sized = KeyRing> {
    keys: Arc<P>,
}

// === impl Vault ===

impl<P: KeyProvider> Vault<P> {
    /// A vault with these keys.
    #[must_use]
    pub fn new(keys: P) -> Self {
        Self::shared(Arc::new(keys))
    }
}

impl<P: KeyProvider + ?Sized> Vault<P> {
    /// A vault with keys that others use too.
    #[must_use]
    pub const fn shared(keys: Arc<P>) -> Self {
        Self { keys }
    }

    /// Who keeps the keys.
    #[must_use]
    pub fn keys(&self) -> &P {
        &self.keys
    }

    /// Seals `plaintext` for the place `context`, under a data key of its own.
    ///
    /// # Errors
    ///
    /// It is too long, or nobody wraps its key.
    pub async fn seal(&self, context: &Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let key = payload::key_for(plaintext)?;
        let wrapped = self.keys.wrap_key(&key, context).await?;
        payload::seal(&key, &wrapped, context, plaintext)
    }

    /// Opens what was sealed for the place `context`.
    ///
    /// # Errors
    ///
    /// It is not what was sealed there, or nobody unwraps its key: see [`OpenError`].
    pub async fn open(&self, context: &Context<'_>, sealed: &Sealed) -> Result<Secret, OpenError> {
        alert::told(context, sealed.key_version(), self.opened(context, sealed).await)
    }

    /// Whether `sealed` is under a key older than the primary one. What cannot be read is too: rewrapping it says why not.
    #[must_use]
    pub fn needs_rewrap(&self, sealed: &Sealed) -> bool {
        sealed.key_version().is_none_or(|version| version < self.keys.primary())
    }

    /// Wraps the data key of `sealed` under the primary key. The ciphertext stays as it is, bytes that were changed in it
    /// included: who opens it finds them.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`seal`](Self::seal).
    pub async fn rewrap(
        &self,
        context: &Context<'_>,
        sealed: &Sealed,
    ) -> Result<Sealed, RewrapError> {
        let rewrapped = self.rewrapped(context, sealed).await;
        alert::told_rewrap(context, sealed.key_version(), rewrapped)
    }

    /// Opens `sealed` and seals it anew, under another data key: for when a key of the ring was stolen, and with it all the
    /// data keys that it wrapped.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`seal`](Self::seal).
    pub async fn reseal(
        &self,
        context: &Context<'_>,
        sealed: &Sealed,
    ) -> Result<Sealed, RewrapError> {
        let opened = self.open(context, sealed).await?;
        Ok(self.seal(context, opened.expose()).await?)
    }

    async fn opened(&self, context: &Context<'_>, sealed: &Sealed) -> Result<Secret, OpenError> {
        let parts = self.current(sealed.parts()?)?;
        let key = self.unwrapped(context, parts).await?;
        payload::open(&key, context, parts.payload)
    }

    async fn rewrapped(
        &self,
        context: &Context<'_>,
        sealed: &Sealed,
    ) -> Result<Sealed, RewrapError> {
        let parts = self.current(sealed.parts()?)?;
        let key = self.unwrapped(context, parts).await?;
        payload::check(&key, context, parts.payload)?;
        let wrapped = self.keys.wrap_key(&key, context).await.map_err(SealError::from)?;
        Ok(payload::rehead(&wrapped, parts.payload)?)
    }

    /// The parts of what is sealed, if its key is not too old.
    pub(crate) fn current<'a>(&self, parts: Parts<'a>) -> Result<Parts<'a>, OpenError> {
        let (version, minimum) = (parts.version, self.keys.minimum());
        if version < minimum {
            return Err(OpenError::BelowMinimum { version, minimum });
        }
        Ok(parts)
    }

    pub(crate) async fn unwrapped(
        &self,
        context: &Context<'_>,
        parts: Parts<'_>,
    ) -> Result<DataKey, OpenError> {
        let unwrapped = self.keys.unwrap_key(parts.version, parts.wrapped, context).await;
        unwrapped.map_err(|error| OpenError::of(error, parts.version))
    }
}

impl Vault {
    /// [`seal`](Self::seal), at once.
    ///
    /// # Errors
    ///
    /// It is too long.
    pub fn seal_now(&self, context: &Context<'_>, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let key = payload::key_for(plaintext)?;
        let wrapped = self.keys.wrap(&key, context)?;
        payload::seal(&key, &wrapped, context, plaintext)
    }

    /// [`open`](Self::open), at once.
    ///
    /// # Errors
    ///
    /// It is not what was sealed there: see [`OpenError`].
    pub fn open_now(&self, context: &Context<'_>, sealed: &Sealed) -> Result<Secret, OpenError> {
        let opened = || {
            let parts = self.current(sealed.parts()?)?;
            let key = self.unwrapped_now(context, parts)?;
            payload::open(&key, context, parts.payload)
        };
        alert::told(context, sealed.key_version(), opened())
    }

    /// [`rewrap`](Self::rewrap), at once.
    ///
    /// # Errors
    ///
    /// Those of [`open_now`](Self::open_now) and [`seal_now`](Self::seal_now).
    pub fn rewrap_now(
        &self,
        context: &Context<'_>,
        sealed: &Sealed,
    ) -> Result<Sealed, RewrapError> {
        let rewrapped = || {
            let parts = self.current(sealed.parts()?)?;
            let key = self.unwrapped_now(context, parts)?;
            payload::check(&key, context, parts.payload)?;
            Ok(payload::rehead(&self.keys.wrap(&key, context)?, parts.payload)?)
        };
        alert::told_rewrap(context, sealed.key_version(), rewrapped())
    }

    /// [`reseal`](Self::reseal), at once.
    ///
    /// # Errors
    ///
    /// Those of [`open_now`](Self::open_now) and [`seal_now`](Self::seal_now).
    pub fn reseal_now(
        &self,
        context: &Context<'_>,
        sealed: &Sealed,
    ) -> Result<Sealed, RewrapError> {
        let opened = self.open_now(context, sealed)?;
        Ok(self.seal_now(context, opened.expose())?)
    }

    pub(crate) fn unwrapped_now(
        &self,
        context: &Context<'_>,
        parts: Parts<'_>,
    ) -> Result<DataKey, OpenError> {
        let unwrapped = self.keys.unwrap(parts.version, parts.wrapped, context);
        unwrapped.map_err(|error| OpenError::of(error, parts.version))
    }
}

impl<P: ?Sized> Clone for Vault<P> {
    fn clone(&self) -> Self {
        Self { keys: Arc::clone(&self.keys) }
    }
}

impl<P: KeyProvider + ?Sized> fmt::Debug for Vault<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let primary = self.keys.primary();
        f.debug_struct("Vault").field("primary", &primary.number()).finish_non_exhaustive()
    }
}
