//! Where users' data is, and who brings its tables up to date.

use std::path::{Path, PathBuf};

use super::{
    Environment,
    audit::{self, CheckpointSettings},
    reader::Reader,
    secret::Secret,
    vault::{self, VaultKeys},
};

/// Where users' data is.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where it is. A password may be in it.
    pub url: Secret,
    /// The same as the owner of its tables, if that is somebody else who is known here.
    pub migrate_url: Option<Secret>,
    /// The file that it is, unless it is PostgreSQL.
    pub file: Option<PathBuf>,
    /// What seals secrets of users in it.
    pub vault_keys: VaultKeys,
    /// What signs the log of what was done, if anything does.
    pub checkpoints: Option<CheckpointSettings>,
}

/// The URL and the file that it names, if it names one.
type Place = (Secret, Option<PathBuf>);

pub(super) fn database(
    reader: &mut Reader<'_>,
    environment: Environment,
    data_dir: &Path,
) -> DatabaseSettings {
    let migrate_url = reader.parse("DATABASE_MIGRATE_URL", None, |url| {
        is_postgres(url).then(|| Some(Secret::new(url)))
    });
    let (url, file) = reader.parse("DATABASE_URL", usual(data_dir), |url| {
        let file = path_of(url).map(PathBuf::from);
        (is_postgres(url) || file.is_some()).then(|| (Secret::new(url), file))
    });
    if migrate_url.is_some() && file.is_some() {
        let fix = "needs DATABASE_URL of a PostgreSQL: what is in a file is brought up to date by the start";
        reader.wrong("DATABASE_MIGRATE_URL", fix);
    }
    let vault_keys = vault::keys(reader, environment, data_dir);
    let checkpoints = audit::checkpoints(reader);
    DatabaseSettings { url, migrate_url, file, vault_keys, checkpoints }
}

fn usual(data_dir: &Path) -> Place {
    let file = data_dir.join("palisade.db");
    // What means something in a URL.
    let path = file.display().to_string();
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    (Secret::new(format!("sqlite:{path}")), Some(file))
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The file that a URL names. What is in memory would be another database for each connection.
fn path_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
    (!path.is_empty() && path != ":memory:").then_some(path)
}
