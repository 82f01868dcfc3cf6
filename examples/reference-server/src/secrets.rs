//! What seals secrets of users, and where each of them is at home.

use std::{fs::OpenOptions, io::Write as _, path::Path};

use palisade::core::{Code, ConfigError, SECURITY_TARGET};
use palisade_audit::{Action, Actor, Event, Outcome, Target};
use palisade_database::{
    AuditLog as _, Caller, Database, DatabaseError, StaleSecret, UserSecrets as _,
};
use palisade_vault::{Context, Key, KeyRing, OpenError, RewrapError, Sealed, Vault};

use crate::{
    app::StartError,
    settings::{Settings, VaultKeys},
};

/// What was kept of a secret is not what was sealed there.
pub(crate) const DAMAGED: Code =
    Code::new("secret-damaged", "What is kept of the secret was changed");

/// So many are wrapped again in one transaction.
const AT_ONCE: u32 = 100;

/// The vault with the keys that `settings` name, if they name any.
///
/// # Errors
///
/// Keys that cannot be used, with the name of the setting.
pub(crate) fn vault(settings: &Settings) -> Result<Option<Vault>, StartError> {
    let about = |setting: &str, error: &dyn std::fmt::Display| -> StartError {
        format!("{setting}: {error}").into()
    };
    let ring = match &settings.database.vault_keys {
        VaultKeys::Text(text) => {
            KeyRing::parse(text.exposed()).map_err(|error| about("VAULT_KEYS", &error))?
        }
        VaultKeys::File(path) => {
            KeyRing::read(path).map_err(|error| about("VAULT_KEYS_FILE", &error))?
        }
        VaultKeys::Own(path) => {
            if !path.try_exists()? {
                make(path).map_err(|error| about("DATA_DIR", &error))?;
            }
            let named = |error: ConfigError| format!("{}: {error}", path.display());
            KeyRing::read(path).map_err(named).map_err(|error| about("DATA_DIR", &error))?
        }
        VaultKeys::Missing => return Ok(None),
    };
    Ok(Some(Vault::new(ring)))
}

/// Makes a file with one key, and says so.
fn make(path: &Path) -> Result<(), StartError> {
    let key = Key::generate()?.expose_base64();
    let mut options = OpenOptions::new();
    // Never over another's: what that sealed would be lost.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || {
        let mut file = options.open(path)?;
        writeln!(file, "1:{}", key.expose_str().unwrap_or_default())?;
        file.sync_all()
    };
    write().map_err(|error| format!("{}: {error}", path.display()))?;
    tracing::info!(path = %path.display(), "a key that seals secrets of users, and files, was made: without it nobody can open them");
    Ok(())
}

/// The row of a secret: whose it is, and its name. No name has a `|`.
pub(crate) fn row(user: &str, name: &str) -> String {
    format!("{user}|{name}")
}

/// The place of a secret, for which alone it is sealed.
pub(crate) fn place(row: &str, revision: i64) -> Context<'_> {
    Context {
        tenant: "",
        table: "user_secrets",
        column: "sealed",
        row,
        purpose: "secret of a user",
        revision: u64::try_from(revision).ok(),
    }
}

/// Whether it says something about the value, and not about the keys.
pub(crate) fn is_alarm(error: &OpenError) -> bool {
    !matches!(error, OpenError::Unavailable(_))
}

/// Wraps by the newest key what older ones sealed: once, at the start.
pub(crate) async fn rewrap(database: Database, vault: Vault) {
    let mut total: u64 = 0;
    loop {
        match rewrap_some(&database, &vault).await {
            Ok(0) => break,
            Ok(some) => total = total.saturating_add(some),
            Err(error) => {
                tracing::error!(target: SECURITY_TARGET, event = "vault.unwrapped", %error, "secrets of users that an older key sealed could not be wrapped by the newest: the next start tries again");
                break;
            }
        }
    }
    if total > 0 {
        tracing::info!(target: SECURITY_TARGET, event = "vault.rewrapped", secrets = total, "secrets of users were wrapped by the newest key: files that an older one sealed still need that");
    }
}

/// How many of the next ones were wrapped again.
async fn rewrap_some(database: &Database, vault: &Vault) -> Result<u64, DatabaseError> {
    let newest = palisade_vault::KeyProvider::primary(vault.keys()).number();
    let mut act = database.act_as(Caller::service()).await?;
    let stale = act.stale_secrets(newest, AT_ONCE).await?;
    let mut wrapped = 0_u64;
    for secret in &stale {
        let row = row(&secret.user_id, &secret.name);
        let sealed = Sealed::from(secret.sealed.as_slice());
        match vault.rewrap_now(&place(&row, secret.revision), &sealed) {
            Ok(sealed) => {
                let put = act.put_back(secret, sealed.as_bytes(), newest).await?;
                wrapped = wrapped.saturating_add(u64::from(put));
            }
            // The vault told the security log; the row stays as it is.
            Err(RewrapError::Open(error)) if is_alarm(&error) => {
                act.record(found_damaged(secret)).await?;
            }
            Err(_) => {}
        }
    }
    act.commit().await?;
    Ok(wrapped)
}

fn found_damaged(secret: &StaleSecret) -> Event {
    let event = Event::new(Action::new("secret.rewrap"), Actor::system(), Outcome::Failed(DAMAGED));
    event.target(Target::new("secret", &row(&secret.user_id, &secret.name)))
}
