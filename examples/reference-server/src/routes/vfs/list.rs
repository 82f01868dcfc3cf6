//! Lists the files below a folder that match a pattern, and that whoever asks is shown.

use std::{collections::HashMap, sync::Arc};

use axum::Json;
use jiff::Timestamp;
use palisade::{
    core::Rejection,
    vfs_acl::{Acl, Action, Listing as Names, Page, Pattern, VfsPath},
};
use palisade_database::{Caller, VfsFileRow, VfsFiles as _};
use serde_json::{Value, json};

use super::{allowed::Allowed, listing::Listing};
use crate::{
    app::Shared,
    routes::answers::{self, invalid},
    vfs::{FilePlace, case_of},
};

/// So many rows are read at once.
const ROWS: u32 = 1000;

/// What a page takes, as [`Names::within_steps`] counts: of names that do not match, some ten thousand.
const STEPS: u64 = 2_000_000;

/// A page of files, and how they are told.
struct Found {
    page: Page,
    rows: HashMap<VfsPath, VfsFileRow>,
}

/// The files of this mount alone: what lies in a mount inside it is listed there.
pub(super) async fn list(
    shared: &Arc<Shared>,
    allowed: &Allowed,
    listing: &Listing,
) -> Result<Json<Value>, Rejection> {
    let Found { page, rows } = found(shared, allowed, listing).await?;
    // Among many names it takes a while.
    allowed.still(shared).await?;
    let acl = shared.vfs.acl().current();
    let now = shared.clock.now().wall();
    let files = page.paths().iter().filter_map(|name| rows.get(name).map(|row| (name, row)));
    let files = files.map(|(name, row)| {
        // Who may list learns names; what else is known of a file is for who may read it.
        let may = acl.decide(allowed.question.who.caller(), name, Action::Read, now).is_allowed();
        let path = format!("{}/{}", allowed.place.mount, row.path);
        if may { described(&path, row) } else { json!({ "path": path }) }
    });
    let files: Vec<_> = files.collect();
    Ok(Json(json!({ "files": files, "next": page.next().map(VfsPath::as_str) })))
}

/// Names are offered as they are ordered in the index: where case does not count, in one case.
async fn found(shared: &Shared, allowed: &Allowed, listing: &Listing) -> Result<Found, Rejection> {
    let place = &allowed.place;
    let pattern = Pattern::with_case(&listing.glob, case_of(place.case));
    let pattern = pattern.map_err(|error| invalid(&error.to_string()))?;
    let prefix = prefix(place, pattern.head());
    let names = Names::new(shared.vfs.acl(), allowed.question.who.caller(), pattern);
    let names = names.below(named(&place.mount, &place.key)?).at_most(listing.most()?);
    let mut names = names.within_steps(STEPS);
    let mut after = None;
    if let Some(cursor) = &listing.cursor {
        let cursor = VfsPath::parse(cursor).map_err(|error| invalid(&error.to_string()))?;
        after = Some(inside(&cursor, place)?);
        names = names.after(&cursor);
    }
    let mut rows = HashMap::new();
    loop {
        let page = page(shared, place, after.as_deref(), &prefix).await?;
        after = page.last().map(|row| row.key.clone());
        let acl = shared.vfs.acl().current();
        let is_over = page.is_empty()
            || page.into_iter().any(|row| {
                let name =
                    named(&place.mount, &row.key).ok().filter(|name| is_in(&acl, name, place));
                name.is_some_and(|name| {
                    let kept = names.kept();
                    let ends = names.offer(&name, shared.clock.now().wall()).is_break();
                    // What is passed over takes no memory.
                    if names.kept() > kept {
                        rows.insert(name, row);
                    }
                    ends
                })
            });
        if is_over {
            break;
        }
    }
    let page = names.finish(shared.clock.now().wall());
    page.map(|page| Found { page, rows }).map_err(|error| invalid(&error.to_string()))
}

/// What the keys begin with of all that can match: what lies elsewhere is not read.
fn prefix(place: &FilePlace, head: &str) -> String {
    match (&*place.key, head) {
        ("", "") => String::new(),
        ("", folder) | (folder, "") => format!("{folder}/"),
        (folder, head) => format!("{folder}/{head}/"),
    }
}

/// Some rows. Each page is read by itself: a listing that takes long holds nobody up.
async fn page(
    shared: &Shared,
    place: &FilePlace,
    after: Option<&str>,
    prefix: &str,
) -> Result<Vec<VfsFileRow>, Rejection> {
    let read = async {
        let mut act = shared.database.read_as(Caller::service()).await?;
        act.files(&place.mount, after, prefix, ROWS).await
    };
    read.await.map_err(|error| answers::database(&error))
}

/// The path of a key, from the top on.
fn named(mount: &str, key: &str) -> Result<VfsPath, Rejection> {
    let path = if key.is_empty() { mount.to_owned() } else { format!("{mount}/{key}") };
    VfsPath::parse(&path).map_err(|error| invalid(&error.to_string()))
}

/// Whether a name lies in the mount that is listed, and not in one inside it.
fn is_in(acl: &Acl, name: &VfsPath, place: &FilePlace) -> bool {
    acl.place_of(name).is_some_and(|(mount, _)| mount.as_str() == place.mount)
}

/// The key of a cursor.
fn inside(cursor: &VfsPath, place: &FilePlace) -> Result<String, Rejection> {
    let inside = cursor.as_str().strip_prefix(place.mount.as_str());
    let inside = inside.and_then(|inside| inside.strip_prefix('/')).map(str::to_owned);
    inside.ok_or_else(|| invalid("`cursor` is the `next` of a page of this mount."))
}

fn described(path: &str, row: &VfsFileRow) -> Value {
    let modified = Timestamp::from_millisecond(row.modified_at).ok();
    json!({
        "path": path,
        "length": row.length,
        "contentType": row.content_type,
        "modifiedAt": modified.map(|time| time.to_string()),
        "etag": format!("\"{}\"", row.object),
    })
}
