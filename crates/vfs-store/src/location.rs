//! A storage by its URL.

use std::{path::PathBuf, sync::Arc};

use object_store::{ObjectStore, ObjectStoreScheme, prefix::PrefixStore};
use palisade_core::ConfigError;
use palisade_vault::{KeyProvider, Vault};
use url::Url;

use crate::Objects;

/// What is allowed.
const EXPECTED: &str = "`file:///folder`, `s3://bucket/prefix`, `gs://…`, `az://…` or `memory:///`";

impl<P: KeyProvider + ?Sized> Objects<P> {
    /// Objects in the storage at `url`: `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix`,
    /// `az://container/prefix`, or `memory:///`.
    ///
    /// `options` are those of the crate `object_store`: `aws_access_key_id`, `aws_endpoint`, `google_service_account`, … Nothing
    /// is read from the environment, and nothing is asked yet.
    ///
    /// # Errors
    ///
    /// The URL is none of these, the crate is built without the feature for it (`aws`, `gcp`, `azure`), an option is missing,
    /// or the folder cannot be opened. Options are not told: they may be secret.
    pub fn open<K: AsRef<str>, V: Into<String>>(
        url: &str,
        options: impl IntoIterator<Item = (K, V)>,
        vault: Vault<P>,
    ) -> Result<Self, ConfigError> {
        let parsed = Url::parse(url).map_err(|_| unknown(&scheme_of(url)))?;
        let shown = without_secrets(&parsed);
        let (scheme, _) = ObjectStoreScheme::parse(&parsed).map_err(|_| unknown(&shown))?;
        let feature = match scheme {
            ObjectStoreScheme::Local => return Self::at_folder(&parsed, vault),
            ObjectStoreScheme::Memory => return Ok(Self::in_memory(vault)),
            ObjectStoreScheme::AmazonS3 => ("aws", cfg!(feature = "aws")),
            ObjectStoreScheme::GoogleCloudStorage => ("gcp", cfg!(feature = "gcp")),
            ObjectStoreScheme::MicrosoftAzure => ("azure", cfg!(feature = "azure")),
            _ => return Err(unknown(&shown)),
        };
        if let (feature, false) = feature {
            let expected = format!("another one: this is built without the feature `{feature}`");
            return Err(ConfigError::new("storage", shown).expected(expected));
        }
        let (store, prefix) = object_store::parse_url_opts(&parsed, options)
            .map_err(|error| ConfigError::new("storage", shown).expected(error.to_string()))?;
        let store: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(store, prefix));
        Ok(Self::over(store, vault))
    }

    fn at_folder(url: &Url, vault: Vault<P>) -> Result<Self, ConfigError> {
        let path: PathBuf = url.to_file_path().map_err(|()| unknown(&without_secrets(url)))?;
        let told = |error: std::io::Error| {
            ConfigError::new("storage", without_secrets(url))
                .expected(format!("a folder that can be opened: {error}"))
        };
        Self::folder(path, vault).map_err(told)
    }
}

/// A URL as it may be shown.
fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    if url.password().is_some() {
        let _known = url.set_password(Some("***"));
    }
    url.to_string()
}

/// What may be shown of a text that is no URL: nobody knows where in it a password is.
fn scheme_of(text: &str) -> String {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let is_scheme = |scheme: &&str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    scheme.filter(is_scheme).map_or_else(|| "…".to_owned(), |scheme| format!("{scheme}://…"))
}

fn unknown(url: &str) -> ConfigError {
    ConfigError::new("storage", url).expected(EXPECTED)
}
