//! Where clients are: the database, who is asked about the rest, and what is kept of that.

use std::{fs, io, path::Path};

use palisade::{
    analytics::Addresses,
    core::Clock,
    geo::{Geo, MaxmindError, MaxmindFile, MaxmindWatch},
};

use crate::{app::StartError, settings::GeoSettings, writable};

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
    /// Opens what `settings` name. Within a runtime, if somebody is to be asked. Where `addresses` are not to be kept whole,
    /// nothing of them is on the disk.
    pub(crate) fn open(
        settings: &GeoSettings,
        addresses: Addresses,
        clock: &Clock,
    ) -> Result<Self, StartError> {
        let mut geo = Geo::builder().clock(clock.clone());
        let file = settings.database.as_deref().map(|path| database(path, settings, clock));
        let file = file.transpose()?;
        let watch = file.as_ref().map(MaxmindFile::watch).transpose()?;
        if let Some(file) = file {
            geo = geo.database(file);
        }
        if let Some(provider) = &settings.provider {
            geo = geo.provider(provider.clone()).calls_per_minute(settings.calls_per_minute);
        }
        let cache = settings.cache_dir.join(CACHE);
        match addresses {
            Addresses::Whole => geo = geo.cache_file(cache),
            // Its keys are addresses, and when they first came.
            _ => remove(&cache)?,
        }
        Ok(Self { geo: geo.build()?, _watch: watch })
    }

    /// What policies, analytics and metrics ask.
    pub(crate) fn geo(&self) -> &Geo {
        &self.geo
    }
}

/// Whether what is kept could be written where `settings` say. Makes nothing.
///
/// # Errors
///
/// A place that cannot be written to.
pub(crate) fn check(settings: &GeoSettings) -> Result<(), StartError> {
    let folder = writable::folder(&settings.cache_dir);
    Ok(folder.map_err(|error| format!("CACHE_DIR {error}"))?)
}

/// Removes what was kept under other settings.
fn remove(cache: &Path) -> io::Result<()> {
    match fs::remove_file(cache) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io::Error::new(error.kind(), format!("CACHE_DIR {}: {error}", cache.display())))
        }
        _ => Ok(()),
    }
}

/// Opens the database.
pub(crate) fn database(
    path: &Path,
    settings: &GeoSettings,
    clock: &Clock,
) -> Result<MaxmindFile, StartError> {
    let folder = &settings.cache_dir;
    fs::create_dir_all(folder).map_err(|error| {
        io::Error::new(error.kind(), format!("CACHE_DIR {}: {error}", folder.display()))
    })?;
    let mistaken = |error: MaxmindError| format!("GEOIP_DB {error}");
    Ok(MaxmindFile::open(path, folder, clock.clone()).map_err(mistaken)?)
}
