//! Where the keys are that seal secrets of users.

use std::path::{Path, PathBuf};

use palisade_vault::KeyRing;

use super::{Environment, reader::Reader, secret::Secret};

/// Where the keys are that seal secrets of users.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum VaultKeys {
    /// As a text.
    Text(Secret),
    /// In a file of the operator's.
    File(PathBuf),
    /// In a file that the server makes.
    Own(PathBuf),
    /// There are none.
    Missing,
}

pub(super) fn keys(
    reader: &mut Reader<'_>,
    environment: Environment,
    data_dir: &Path,
) -> VaultKeys {
    let file = reader.path("VAULT_KEYS_FILE");
    if let Some(text) = reader.text("VAULT_KEYS") {
        if file.is_some() {
            reader.wrong("VAULT_KEYS", "VAULT_KEYS_FILE is set too: leave one of the two out");
        }
        reader.built("VAULT_KEYS", KeyRing::parse(text).map(drop));
        return VaultKeys::Text(Secret::new(text));
    }
    if let Some(path) = file {
        reader.built("VAULT_KEYS_FILE", KeyRing::read(&path).map(drop));
        return VaultKeys::File(path);
    }
    match environment {
        Environment::Development => VaultKeys::Own(data_dir.join("vault.keys")),
        Environment::Production => VaultKeys::Missing,
    }
}
