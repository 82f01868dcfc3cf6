//! A file as the index knows it, and what answers say of it.

use std::time::SystemTime;

use http::{HeaderMap, HeaderValue, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use palisade::core::Rejection;
use palisade_database::{Caller, VfsFileRow, VfsFiles as _};
use palisade_vfs_store::ObjectId;

use super::media::{self, Shown};
use crate::{app::Shared, elevations::time_of, routes::answers, vfs::FilePlace};

/// No program, no form, no style of it counts, wherever it is shown.
const HARMLESS: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// It is asked about again each time, so that what is revoked is gone, and coded by nobody: its tag is of these bytes.
const CACHED: HeaderValue = HeaderValue::from_static("private, no-cache, no-transform");

/// A file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) id: ObjectId,
    pub(super) length: u64,
    pub(super) modified: SystemTime,
    row: VfsFileRow,
}

// === impl File ===

impl File {
    /// The file at `place`, if there is one.
    pub(super) async fn at(shared: &Shared, place: &FilePlace) -> Result<Option<Self>, Rejection> {
        let found = async {
            let mut act = shared.database.read_as(Caller::service()).await?;
            act.file(&place.mount, &place.key).await
        };
        let row = found.await.map_err(|error| answers::database(&error))?;
        row.map(Self::read).transpose()
    }

    fn read(row: VfsFileRow) -> Result<Self, Rejection> {
        let id: ObjectId = row.object.parse().map_err(|error| answers::broken(&error))?;
        let (length, modified) = (row.length, time_of(row.modified_at));
        Ok(Self { id, length, modified, row })
    }

    /// Its object, as the index writes it.
    pub(super) fn object(&self) -> &str {
        &self.row.object
    }

    /// What all answers about it say.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let name = self.row.path.rsplit('/').next().unwrap_or_default();
        let shown = Shown::of(&self.row.content_type);
        headers.insert(header::CONTENT_TYPE, shown.media_type());
        headers.insert(header::CONTENT_DISPOSITION, media::disposition(shown.word(), name));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HARMLESS);
        headers.insert(header::CACHE_CONTROL, CACHED);
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.extend(self.validators());
        headers
    }

    /// Its tag and its time.
    pub(super) fn validators(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.extend(tag(&self.row.object).map(|tag| (header::ETAG, tag)));
        headers.extend(self.last_modified().map(|time| (header::LAST_MODIFIED, time)));
        headers
    }

    fn last_modified(&self) -> Option<HeaderValue> {
        let time = Timestamp::try_from(self.modified).ok()?;
        let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()?;
        HeaderValue::try_from(text).ok()
    }
}

/// The tag of a file whose content is this object: no other content ever has it.
pub(super) fn tag(object: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("\"{object}\"")).ok()
}
