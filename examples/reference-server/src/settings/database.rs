//! Where users' data is, and who brings its tables up to date.

use std::path::{Path, PathBuf};

use super::{reader::Reader, secret::Secret};

/// Where users' data is.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where it is. A password may be in it.
    pub url: Secret,
    /// The same as the owner of its tables, if that is somebody else who is known here.
    pub migrate_url: Option<Secret>,
    /// The file that it is, unless it is PostgreSQL.
    pub file: Option<PathBuf>,
}

// === impl DatabaseSettings ===

impl DatabaseSettings {
    fn usual(data_dir: &Path) -> Self {
        let file = data_dir.join("palisade.db");
        // What means something in a URL.
        let path = file.display().to_string();
        let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Self { url: Secret::new(format!("sqlite:{path}")), migrate_url: None, file: Some(file) }
    }
}

pub(super) fn database(reader: &mut Reader<'_>, data_dir: &Path) -> DatabaseSettings {
    let migrate_url = reader.parse("DATABASE_MIGRATE_URL", None, |url| {
        is_postgres(url).then(|| Some(Secret::new(url)))
    });
    let usual = DatabaseSettings::usual(data_dir);
    let settings = reader.parse("DATABASE_URL", usual, |url| {
        let is_known = is_postgres(url) || path_of(url).is_some();
        is_known.then(|| DatabaseSettings {
            url: Secret::new(url),
            migrate_url: None,
            file: path_of(url).map(PathBuf::from),
        })
    });
    if migrate_url.is_some() && settings.file.is_some() {
        let fix = "needs DATABASE_URL of a PostgreSQL: what is in a file is brought up to date by the start";
        reader.wrong("DATABASE_MIGRATE_URL", fix);
    }
    DatabaseSettings { migrate_url, ..settings }
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
