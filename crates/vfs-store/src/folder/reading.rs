//! Bytes of a file in the folder.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    Attributes, Extensions, GetOptions, GetResult, GetResultPayload, ObjectMeta, Result,
};

use super::{blocking, fault::Fault, rooms::Rooms};
use crate::ObjectId;

/// So many bytes are in memory where somebody reads a whole file.
const PIECE: u64 = 4 << 20;

/// A file that is open, and what is known of it.
pub(super) struct Opened {
    file: File,
    meta: ObjectMeta,
}

// === impl Opened ===

impl Opened {
    pub(super) fn new(rooms: &Rooms, id: ObjectId) -> std::result::Result<Self, Fault> {
        let file = rooms.object(id)?;
        let found = file.metadata()?;
        let meta = ObjectMeta {
            location: id.path(),
            last_modified: found.modified()?.into(),
            size: found.len(),
            e_tag: None,
            version: None,
        };
        Ok(Self { file, meta })
    }

    /// What `options` ask for. A file as long as a request is read at once.
    pub(super) fn answer(self, options: &GetOptions) -> Result<GetResult> {
        let Self { file, meta } = self;
        options.check_preconditions(&meta)?;
        let range = match &options.range {
            _ if options.head => 0..0,
            Some(range) => range.as_range(meta.size).map_err(|error| {
                object_store::Error::Generic { store: super::NAME, source: Box::new(error) }
            })?,
            None => 0..meta.size,
        };
        let payload = GetResultPayload::Stream(pieces(file, range.clone(), &meta));
        let (attributes, extensions) = (Attributes::new(), Extensions::new());
        Ok(GetResult { payload, meta, range, attributes, extensions })
    }
}

/// The bytes in `range`, some at a time, each read when it is asked for.
fn pieces(file: File, range: Range<u64>, meta: &ObjectMeta) -> BoxStream<'static, Result<Bytes>> {
    let path = meta.location.clone();
    let left = (file, range);
    let read = stream::try_unfold(left, move |(file, range)| {
        let path = path.clone();
        async move {
            if range.is_empty() {
                return Ok(None);
            }
            let end = range.start.saturating_add(PIECE).min(range.end);
            // Here, where few threads are: each of those that wait for the disk would keep memory of its own.
            let length = end.saturating_sub(range.start);
            let room = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            let (file, bytes) = blocking(move || piece(file, range.start..end, room))
                .await
                .map_err(|fault| fault.told(&path))?;
            // A file that became shorter has an end of its own.
            let next = if bytes.is_empty() { range.end } else { end };
            Ok(Some((bytes, (file, next..range.end))))
        }
    });
    read.boxed()
}

/// The bytes in `range`, in `bytes`.
fn piece(
    mut file: File,
    range: Range<u64>,
    mut bytes: Vec<u8>,
) -> std::result::Result<(File, Bytes), Fault> {
    let length = range.end.saturating_sub(range.start);
    file.seek(SeekFrom::Start(range.start))?;
    let mut part = file.take(length);
    part.read_to_end(&mut bytes)?;
    Ok((part.into_inner(), Bytes::from(bytes)))
}
