//! Where records of requests are kept.

use std::{error::Error, path::Path, sync::Arc};

use palisade::{
    analytics::{Analytics, AnalyticsPolicy, Config, Observer, Store},
    core::Clock,
};
use palisade_sqlite::{SqliteOptions, SqliteStore};

use crate::{app::StartError, locations::Locations, settings::Settings, writable};

/// The database, if there is one.
pub(crate) fn store(
    settings: &Settings,
    clock: &Clock,
) -> Result<Option<Arc<SqliteStore>>, StartError> {
    let Some(analytics) = &settings.analytics else { return Ok(None) };
    let Some(path) = &analytics.database else { return Ok(None) };
    let options = SqliteOptions::default()
        .keep_for(analytics.keep_for)
        .max_bytes(analytics.max_bytes)
        .clock(clock.clone());
    let store = SqliteStore::open(path, options).map_err(|error| about(settings, &error))?;
    Ok(Some(Arc::new(store)))
}

/// Whether the database could be opened, or made. Makes none. Returns where it is.
///
/// # Errors
///
/// A file of another program, or a place that cannot be written to.
pub(crate) fn check(settings: &Settings) -> Result<Option<&Path>, StartError> {
    let database = settings.analytics.as_ref().and_then(|analytics| analytics.database.as_deref());
    let Some(path) = database else { return Ok(None) };
    SqliteStore::check(path).map_err(|error| about(settings, &error))?;
    writable::file(path).map_err(|error| about(settings, &error))?;
    Ok(Some(path))
}

/// What is wrong with the database, and which setting says where it is.
fn about(settings: &Settings, error: &dyn Error) -> StartError {
    let database = settings.analytics.as_ref().and_then(|analytics| analytics.database.as_deref());
    let is_usual = database.and_then(Path::parent) == Some(&settings.data_dir);
    let setting = if is_usual { "DATA_DIR or ANALYTICS_DB" } else { "ANALYTICS_DB" };
    format!("{setting}: {error}").into()
}

/// What records, into the database or into memory; `observer` is shown all of it.
pub(crate) fn analytics(
    settings: &Settings,
    store: Option<&Arc<SqliteStore>>,
    observer: Observer,
    locations: Option<&Locations>,
    clock: &Clock,
) -> Result<Analytics, StartError> {
    let mut config = Config::new().observer(observer).clock(clock.clone());
    if let Some(locations) = locations {
        config = config.locator(Arc::new(locations.geo().clone()));
    }
    if let Some(store) = store {
        let store: Arc<dyn Store> = Arc::<SqliteStore>::clone(store);
        config = config.store(store);
    }
    if let Some(analytics) = &settings.analytics {
        config = config.addresses(analytics.addresses);
    }
    Ok(Analytics::start(config)?)
}

/// What stands in the stack, unless nothing is to be recorded.
pub(crate) fn policy(
    settings: &Settings,
    analytics: &Analytics,
    clock: &Clock,
) -> Option<AnalyticsPolicy> {
    let exclusions = settings.analytics.as_ref()?.exclusions.clone();
    Some(AnalyticsPolicy::new(analytics).clock(clock.clone()).exclusions(exclusions))
}
