//! `/api/vfs/…`: files, each by its path, for whoever the rules of its mount let.

mod allowed;
mod conditions;
mod download;
mod file;
mod list;
mod listing;
mod media;
mod membership;
mod range;
mod read;
mod record;
mod remove;
mod write;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, Method};
use palisade::{
    core::{Code, Rejection, RejectionKind},
    route_registry::AccessRouter,
};
use palisade_vfs_store::Objects;

use self::allowed::Allowed;
use super::{Routes, answers};
use crate::{
    app::Shared,
    openapi::{Operation, count, list_of, number, object, or_null, text, time},
};

/// All that stands behind the prefix is a path.
const MOUNT: &str = "/api/vfs/:mount";
/// A file, whose body has a limit of its own.
pub(crate) const FILE: &str = "/api/vfs/:mount/*path";
const PREFIX: &str = "/api/vfs/";

const NO_KEYS: Code = Code::new("files-unavailable", "This service keeps no files now");
/// What is read of a file is not what was written.
const DAMAGED: Code = Code::new("file-damaged", "What is kept of the file was changed");
const PRECONDITION: Code =
    Code::new("precondition-failed", "The file is not what the request makes its condition");

pub(super) fn routes() -> Routes {
    // What the rules of a mount let anybody read he may read, unless all of the server asks for an identity.
    AccessRouter::new()
        .protected(MOUNT, get(look))
        .protected(FILE, get(look).put(put).delete(delete))
}

pub(super) fn operations() -> Vec<Operation> {
    let file = || {
        let file = object().has("path", text()).may_have("length", count());
        let file = file.may_have("contentType", text()).may_have("modifiedAt", time());
        file.may_have("etag", text())
    };
    let page = || object().has("files", list_of(file())).has("next", or_null(text()));
    let listed = |operation: Operation| {
        operation
            .query("glob", text(), "Lists what matches this pattern, below the path")
            .query("limit", number(1, Some(1000)), "How many, 100 if nothing is said")
            .query("cursor", text(), "The `next` of the page before")
    };
    let conditional = |operation: Operation| {
        let operation =
            operation.header("If-Match", text(), "Tags, of which the file must have one");
        operation.header(
            "If-None-Match",
            text(),
            "Tags, of which it must have none; `*` for no file at all",
        )
    };
    vec![
        listed(Operation::get(MOUNT, "The files in a mount, by a pattern"))
            .json(200, "The files", page())
            .refuses([401, 403, 404, 422]),
        conditional(listed(Operation::get(FILE, "A file; with `glob`, the files below it")))
            .about("What the rules of its mount do not let one know of is 404, as what is not there. A download ends within a second of the grant's end.")
            .header("Range", text(), "One range of bytes")
            .header("If-Range", text(), "The tag for which the range counts")
            .json_or(["application/octet-stream"], "The content; or the files", page())
            .bytes(206, "The range of it")
            .nothing(304, "It is what you have")
            .refuses([401, 403, 404, 412, 416, 422, 500]),
        conditional(Operation::put(FILE, "Writes a file, all of it or nothing"))
            .takes_type("application/octet-stream", text())
            .nothing(201, "It is there")
            .nothing(204, "It is there in place of another")
            .refuses([401, 403, 404, 409, 412]),
        conditional(Operation::delete(FILE, "Removes a file"))
            .nothing(204, "It is gone")
            .refuses([401, 403, 404, 409, 412, 422]),
    ]
}

async fn look(
    State(shared): State<Arc<Shared>>,
    allowed: Allowed,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    match &allowed.listing {
        Some(listing) => Ok(list::list(&shared, &allowed, listing).await?.into_response()),
        None if method == Method::HEAD => read::head(&shared, &allowed, &headers).await,
        None => read::get(&shared, allowed, &headers).await,
    }
}

async fn put(
    State(shared): State<Arc<Shared>>,
    allowed: Allowed,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    write::put(&shared, &allowed, &headers, body).await
}

async fn delete(
    State(shared): State<Arc<Shared>>,
    allowed: Allowed,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    remove::delete(&shared, &allowed, &headers).await
}

/// Where content is.
fn objects(shared: &Shared) -> Result<&Objects, Rejection> {
    shared.files.as_ref().ok_or_else(|| {
        Rejection::new(RejectionKind::Unavailable, NO_KEYS)
            .retry_after(answers::LATER)
            .reason("neither VAULT_KEYS nor VAULT_KEYS_FILE is set")
    })
}

/// 412, in the same words whichever condition it was.
fn precondition_failed() -> Rejection {
    Rejection::new(RejectionKind::PreconditionFailed, PRECONDITION)
}
