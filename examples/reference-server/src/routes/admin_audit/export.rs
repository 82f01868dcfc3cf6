//! `GET /api/admin/audit/export`: the whole log as lines of JSON, page by page.

use std::{io, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header;
use palisade::core::Rejection;
use palisade_audit::{Action, Record};
use palisade_database::{AuditLog as _, Caller, Database, DatabaseError};

use super::{act, keep, refused};
use crate::{app::Shared, routes::admin_action::Admin};

/// Records of one page: some hundred kilobytes at the most.
const PAGE: u32 = 500;

/// A file that is being made. When the client hangs up it is dropped, and nothing more is asked.
struct File {
    database: Database,
    caller: Caller,
    /// Where it goes on.
    after: u64,
    /// Where it ends: with the record of itself.
    last: u64,
}

/// As the verifier reads it (`palisade-server audit verify --export`), to the record of this very export.
pub(super) async fn export(
    State(shared): State<Arc<Shared>>,
    admin: Admin,
) -> Result<Response, Rejection> {
    let action = admin.does(Action::EXPORTED.as_str());
    let recorded = keep(act(&shared, &admin).await?, &action).await?;
    let caller = shared.directory.caller(admin.identity());
    let database = shared.database.clone();
    File { database, caller, after: 0, last: recorded.sequence }.into_response().await
}

// === impl File ===

impl File {
    /// Makes the first page, so that a database that does not answer is a 503 and no broken file; the rest as it is read.
    async fn into_response(mut self) -> Result<Response, Rejection> {
        let first = self.page().await.map_err(|error| refused(&error))?;
        let pages = stream::unfold((Some(first), Some(self)), async |(ready, file)| {
            let mut file: Self = file?;
            let page = match ready {
                Some(page) => Ok(page),
                None if file.after >= file.last => return None,
                None => file.page().await,
            };
            match page {
                Ok(page) => Some((Ok(Bytes::from(page)), (None, Some(file)))),
                // The file ends without its end, which every client notices.
                Err(_) => {
                    Some((Err(io::Error::other("the database does not answer")), (None, None)))
                }
            }
        });
        let headers = [
            (header::CONTENT_TYPE, "application/x-ndjson"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\""),
        ];
        Ok((headers, Body::from_stream(pages)).into_response())
    }

    async fn page(&mut self) -> Result<Vec<u8>, DatabaseError> {
        let mut act = self.database.read_as(self.caller.clone()).await?;
        let records = act.audit_records(self.after, PAGE).await?;
        let is_in = |record: &&Record| record.sequence <= self.last;
        let mut lines = Vec::new();
        for record in records.iter().filter(is_in) {
            // Into memory: that does not fail.
            drop(record.write_line(&mut lines));
        }
        // Records that were removed meanwhile are missing in the file, too.
        self.after = records.last().map_or(self.last, |record| record.sequence);
        Ok(lines)
    }
}
