//! What is in the folder.

use std::sync::Arc;

use cap_std::fs::{Dir, Metadata};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{ObjectMeta, Result, path::Path};

use super::{
    blocking,
    fault::{Due, Fault},
    rooms::Rooms,
};
use crate::object_id::{FOLDER, ObjectId, shard_name};

/// The objects whose paths are in the folder `prefix`, by their ids. One of 256 folders is read at a time.
pub(super) fn list(
    rooms: &Arc<Rooms>,
    prefix: Option<&Path>,
) -> BoxStream<'static, Result<ObjectMeta>> {
    let rooms = Arc::clone(rooms);
    let shards = shards_in(prefix.map_or("", |prefix| prefix.as_ref()));
    let listed = stream::iter(shards).then(move |shard| {
        let rooms = Arc::clone(&rooms);
        async move {
            let found = blocking(move || in_shard(&rooms, shard)).await;
            let path = || Path::from_iter([FOLDER, &shard_name(shard)]);
            found.map_err(|fault| fault.told(&path()))
        }
    });
    listed.map_ok(|found| stream::iter(found.into_iter().map(Ok))).try_flatten().boxed()
}

/// The folders that `prefix` holds.
fn shards_in(prefix: &str) -> Vec<u8> {
    let of_all = 0..=u8::MAX;
    match prefix {
        "" | FOLDER => of_all.collect(),
        prefix => of_all.filter(|shard| is_folder_of(*shard, prefix)).collect(),
    }
}

fn is_folder_of(shard: u8, prefix: &str) -> bool {
    let rest = prefix.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
    rest == Some(shard_name(shard).as_str())
}

/// The objects in one folder. A folder that is not there has none; what is no object's file is left out.
fn in_shard(rooms: &Rooms, shard: u8) -> std::result::Result<Vec<ObjectMeta>, Fault> {
    let folder = match rooms.shard(shard) {
        Err(Fault::Missing) => return Ok(Vec::new()),
        folder => folder?,
    };
    let mut found = Vec::new();
    for entry in folder.entries()? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.parse::<ObjectId>().ok());
        if let Some(id) = id.filter(|id| id.shard() == shard)
            && let Some(meta) = described(&folder, id)?
        {
            found.push(meta);
        }
    }
    found.sort_unstable_by(|a, b| a.location.cmp(&b.location));
    Ok(found)
}

/// What is known of a file, unless it is none, or gone meanwhile.
fn described(folder: &Dir, id: ObjectId) -> std::result::Result<Option<ObjectMeta>, Fault> {
    let name = id.to_string();
    match folder.symlink_metadata(&name) {
        Ok(found) if !found.is_file() => Ok(None),
        Ok(found) => meta(id, &found).map(Some),
        Err(error) => match Fault::of(error, folder, &name, Due::File) {
            Fault::Missing => Ok(None),
            fault => Err(fault),
        },
    }
}

fn meta(id: ObjectId, found: &Metadata) -> std::result::Result<ObjectMeta, Fault> {
    Ok(ObjectMeta {
        location: id.path(),
        last_modified: found.modified()?.into_std().into(),
        size: found.len(),
        e_tag: None,
        version: None,
    })
}
