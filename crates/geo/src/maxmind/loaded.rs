//! One version of a database, checked, in memory.

use std::{
    fmt,
    net::IpAddr,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use maxminddb::{LookupResult, PathElement, Reader};
use palisade_core::{KeyedHash, Location};
use palisade_mapped_file::MappedFile;
use quick_cache::{UnitWeighter, sync};

use super::MaxmindError;
use crate::place_name::place_name;

/// The largest file.
const LARGEST: u64 = 1 << 30;
/// The most records that are kept decoded, about 200 bytes each. Addresses share records, so these are many addresses.
const RECORDS: usize = 4_096;

/// One version of a database.
pub(super) struct Loaded {
    reader: Reader<MappedFile>,
    kind: String,
    built: SystemTime,
    /// What was decoded, by where it lies in the file.
    records: sync::Cache<usize, Option<Arc<Location>>, UnitWeighter, KeyedHash>,
}

// === impl Loaded ===

impl Loaded {
    /// Reads and checks the database at `path`: its metadata, what it is about, its tree and every record that the tree leads to.
    pub(super) fn open(path: &Path, copies: &Path) -> Result<Self, MaxmindError> {
        let bytes = MappedFile::copy_of(path, copies, LARGEST)
            .map_err(|error| MaxmindError::io(path, &error))?;
        let broken = |error: maxminddb::MaxMindDbError| MaxmindError::new(path, one_line(&error));
        let reader = Reader::from_source(bytes).map_err(broken)?;
        let metadata = reader.metadata();
        let kind = metadata.database_type.clone();
        let knows = ["City", "Country", "Enterprise"].iter().any(|about| kind.contains(about));
        if !knows {
            let kind = kind.escape_debug().to_string();
            let kind: String = kind.chars().take(80).collect();
            let message = format!("a database of `{kind}`, not of cities or countries");
            return Err(MaxmindError::new(path, message));
        }
        let built = UNIX_EPOCH.checked_add(Duration::from_secs(metadata.build_epoch));
        let built = built.filter(|built| *built < far_future());
        let built =
            built.ok_or_else(|| MaxmindError::new(path, "the time it was made makes no sense"))?;
        reader.verify().map_err(broken)?;
        let weight = u64::try_from(RECORDS).unwrap_or(u64::MAX);
        let (hash, lifecycle) = (KeyedHash::random(), sync::DefaultLifecycle::default());
        let records = sync::Cache::with(RECORDS, weight, UnitWeighter, hash, lifecycle);
        Ok(Self { reader, kind, built, records })
    }

    pub(super) fn locate(&self, address: IpAddr) -> Option<Arc<Location>> {
        // An IPv6 address in a database of IPv4 is an error, and not known.
        let found = self.reader.lookup(address).ok()?;
        let offset = found.offset()?;
        self.records.get(&offset).unwrap_or_else(|| {
            let location = decode(&found).map(Arc::new);
            self.records.insert(offset, location.clone());
            location
        })
    }

    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) fn built(&self) -> SystemTime {
        self.built
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The location of a record, if it names a country: where the address is, not where it is registered.
fn decode(found: &LookupResult<'_, MappedFile>) -> Option<Location> {
    let text = |path: &[PathElement<'_>]| found.decode_path::<&str>(path).ok().flatten();
    let key = PathElement::Key;
    let country = text(&[key("country"), key("iso_code")])?.parse().ok()?;
    let mut location = Location::new().country(country);
    let region = [key("subdivisions"), PathElement::Index(0), key("names"), key("en")];
    location.region = text(&region).and_then(place_name);
    location.city = text(&[key("city"), key("names"), key("en")]).and_then(place_name);
    Some(location)
}

/// What is wrong with a file may hold what is in the file.
fn one_line(error: &maxminddb::MaxMindDbError) -> String {
    error.to_string().escape_debug().take(200).collect()
}

/// The year 2200: what was made later was not made.
fn far_future() -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(7_258_118_400)).unwrap_or(UNIX_EPOCH)
}
