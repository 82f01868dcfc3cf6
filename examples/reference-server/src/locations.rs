//! Where clients are: the database, who is asked about the rest, and what is kept of that.

use std::{fs, io, path::Path};

use palisade::{
    analytics::Addresses,
    core::Clock,
    geo::{Geo, MaxmindError, MaxmindFile, MaxmindWatch},
};

use crate::{
    app::StartError,
    settings::{GeoSettings, Settings},
    writable,
};

/// What providers answered.
const CACHE: &str = "geoip.json";

/// Knows where clients are.
#[derive(Debug)]
pub(crate) struct Locations {
    geo: Geo,
    /// Ends with the server.
    _watch: Option<MaxmindWatch>,
}

// === impl Locations ===

impl Locations {
    /// Opens what `settings` name, if they name somebody who knows. Within a runtime, if somebody is to be asked. Where addresses are
    /// not recorded whole, nothing of them is on the disk, nor stays there.
    pub(crate) fn open(settings: &Settings, clock: &Clock) -> Result<Option<Self>, StartError> {
        let cache = settings.cache_dir.join(CACHE);
        let keeps_addresses = keeps_addresses(settings);
        if !keeps_addresses {
            remove(&cache)?;
        }
        let Some(GeoSettings { database, provider, calls_per_minute, .. }) = &settings.geo else {
            return Ok(None);
        };
        let mut geo = Geo::builder().clock(clock.clone());
        let file = database.as_deref().map(|path| open_database(path, settings, clock));
        let file = file.transpose()?;
        let watch = file.as_ref().map(MaxmindFile::watch).transpose()?;
        if let Some(file) = file {
            geo = geo.database(file);
        }
        if let Some(provider) = provider {
            geo = geo.provider(provider.clone()).calls_per_minute(*calls_per_minute);
        }
        if keeps_addresses {
            geo = geo.cache_file(cache);
        }
        Ok(Some(Self { geo: geo.build()?, _watch: watch }))
    }

    /// What policies, analytics and metrics ask.
    pub(crate) fn geo(&self) -> &Geo {
        &self.geo
    }
}

/// Whether what is kept could be written where `settings` say: answers, and a copy of the database. Makes nothing.
///
/// # Errors
///
/// A place that cannot be written to.
pub(crate) fn check(settings: &Settings) -> Result<(), StartError> {
    let Some(geo) = &settings.geo else { return Ok(()) };
    if geo.database.is_some() || keeps_addresses(settings) {
        let folder = writable::folder(&settings.cache_dir);
        folder.map_err(|error| format!("CACHE_DIR {error}"))?;
    }
    Ok(())
}

/// Whether who runs this server wants whole addresses on the disk: what was answered is kept by address, with the time it came.
pub(crate) fn keeps_addresses(settings: &Settings) -> bool {
    settings.analytics.as_ref().is_some_and(|records| records.addresses == Addresses::Whole)
}

/// Removes what was kept under other settings.
fn remove(cache: &Path) -> io::Result<()> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::remove_file(cache) {
        Err(error) if !matches!(error.kind(), NotFound | NotADirectory) => {
            Err(io::Error::new(error.kind(), format!("CACHE_DIR {}: {error}", cache.display())))
        }
        _ => Ok(()),
    }
}

/// Opens the database at `path`.
pub(crate) fn open_database(
    path: &Path,
    settings: &Settings,
    clock: &Clock,
) -> Result<MaxmindFile, StartError> {
    let folder = &settings.cache_dir;
    fs::create_dir_all(folder).map_err(|error| {
        io::Error::new(error.kind(), format!("CACHE_DIR {}: {error}", folder.display()))
    })?;
    let mistaken = |error: MaxmindError| format!("GEOIP_DB {error}");
    Ok(MaxmindFile::open(path, folder, clock.clone()).map_err(mistaken)?)
}
