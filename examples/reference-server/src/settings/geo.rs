//! Who knows where clients are.

use std::path::PathBuf;

use palisade::geo::{BigDataCloud, UnknownCountry};

use super::reader::Reader;

/// Who knows where clients are.
#[derive(Clone, Debug)]
pub struct GeoSettings {
    /// The database file.
    pub database: Option<PathBuf>,
    /// Who is asked about what it does not know.
    pub provider: Option<BigDataCloud>,
    /// How often, in a minute.
    pub calls_per_minute: u32,
    /// What becomes of requests of unknown countries.
    pub unknown: UnknownCountry,
}

pub(super) fn geo(reader: &mut Reader<'_>) -> Option<GeoSettings> {
    let calls = reader.number("GEOIP_CALLS_PER_MINUTE", 1..=6_000);
    let unknown = reader.either(
        "GEOIP_UNKNOWN",
        ("allow", UnknownCountry::Allow),
        ("deny", UnknownCountry::Deny),
    );
    let (database, is_asked) = (reader.path("GEOIP_DB"), reader.text("GEOIP_URL").is_some());
    if !is_asked {
        for name in ["GEOIP_KEY", "GEOIP_CALLS_PER_MINUTE"] {
            if reader.is_changed(name) {
                reader.wrong(name, "needs GEOIP_URL, which is not set");
            }
        }
    }
    if database.is_none() && !is_asked {
        if reader.is_changed("GEOIP_UNKNOWN") {
            // Somebody believes that countries are known.
            reader.wrong("GEOIP_UNKNOWN", "needs GEOIP_DB or GEOIP_URL, and neither is set");
        }
        return None;
    }
    Some(GeoSettings {
        database,
        provider: provider(reader),
        calls_per_minute: u32::try_from(calls).unwrap_or(1),
        unknown,
    })
}

fn provider(reader: &mut Reader<'_>) -> Option<BigDataCloud> {
    let (url, key) = (reader.text("GEOIP_URL")?, reader.text("GEOIP_KEY"));
    let built = match (url, key) {
        ("bigdatacloud", Some(key)) => BigDataCloud::new(key),
        ("bigdatacloud", None) => {
            reader
                .wrong("GEOIP_URL", "`bigdatacloud` needs GEOIP_KEY, the key of an account there");
            return None;
        }
        (base, key) => BigDataCloud::at(base, key),
    };
    let is_about_key = built.as_ref().is_err_and(|error| error.what().starts_with("key"));
    reader.built(if is_about_key { "GEOIP_KEY" } else { "GEOIP_URL" }, built)
}
