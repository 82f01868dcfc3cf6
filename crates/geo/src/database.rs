//! Who knows without being asked over a network.

use std::{fmt, net::IpAddr, path::PathBuf, sync::Arc, time::SystemTime};

use palisade_core::Location;
use serde::Serialize;

/// Somebody who knows where addresses are, here and now: a file, a table. It is asked on the path of requests, about every
/// address, private ones included.
pub trait LocationDatabase: fmt::Debug + Send + Sync {
    /// Where `address` is, if it is known. Must not block.
    fn locate(&self, address: IpAddr) -> Option<Arc<Location>>;

    /// How it is doing, if there is something to tell.
    fn status(&self) -> Option<DatabaseStatus> {
        None
    }

    /// Whether the newest version is not the one in force. Strangers may have it asked: must not block, nor wait for a version
    /// that is being read. Default: by the error in the [status](Self::status).
    fn is_degraded(&self) -> bool {
        self.status().is_some_and(|status| status.error.is_some())
    }
}

impl<D: LocationDatabase + ?Sized> LocationDatabase for Arc<D> {
    fn locate(&self, address: IpAddr) -> Option<Arc<Location>> {
        (**self).locate(address)
    }
    fn status(&self) -> Option<DatabaseStatus> {
        (**self).status()
    }
    fn is_degraded(&self) -> bool {
        (**self).is_degraded()
    }
}

/// How a database is doing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DatabaseStatus {
    /// Where it is.
    pub path: PathBuf,
    /// What it calls itself, such as `GeoLite2-City`.
    pub kind: String,
    /// When it was made.
    #[serde(serialize_with = "palisade_core::rfc3339::serialize")]
    pub built: SystemTime,
    /// When it was loaded.
    #[serde(serialize_with = "palisade_core::rfc3339::serialize")]
    pub loaded: SystemTime,
    /// How often a file was taken or refused since the start.
    pub loads: u64,
    /// Why the newest version of the file is not the one in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
