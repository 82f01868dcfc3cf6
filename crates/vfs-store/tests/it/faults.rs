//! Storages that are down, that say more than they were asked, and what they are asked at a time.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
    memory::InMemory, path::Path,
};
use palisade_vfs_store::{Objects, ReadError, Shard, SweepError, WriteError};
use serde_json::Value;

use crate::{
    events::told,
    stage::{ANY, CHUNK, body, bytes, place, put, vault},
};

/// What a storage was asked, and how many times it still answers.
#[derive(Debug, Default)]
struct Asked {
    /// Calls that are left before it is down; none are counted where this is negative.
    left: AtomicI64,
    reads: AtomicU64,
    aborts: AtomicU64,
    parts: Most,
    /// Whether it answers with all it has, whatever was asked for.
    talks: std::sync::atomic::AtomicBool,
}

/// How many there were at a time.
#[derive(Debug, Default)]
struct Most {
    now: AtomicU64,
    most: AtomicU64,
}

/// The memory, with faults.
#[derive(Debug)]
struct Faulty {
    inner: InMemory,
    asked: Arc<Asked>,
}

#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    asked: Arc<Asked>,
}

impl Asked {
    fn up(&self) -> Result<()> {
        if self.left.load(Ordering::SeqCst) < 0 {
            return Ok(());
        }
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            ..=0 => {
                self.left.store(0, Ordering::SeqCst);
                Err(Error::Generic { store: "Faulty", source: "connection refused".into() })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        at: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.asked.up()?;
        self.inner.put_opts(at, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.asked.up()?;
        let inner = self.inner.put_multipart_opts(at, options).await?;
        Ok(Box::new(FaultyUpload { inner, asked: Arc::clone(&self.asked) }))
    }

    async fn get_opts(&self, at: &Path, mut options: GetOptions) -> Result<GetResult> {
        self.asked.reads.fetch_add(1, Ordering::SeqCst);
        self.asked.up()?;
        // An answer takes its time, as over a network.
        tokio::task::yield_now().await;
        if self.asked.talks.load(Ordering::SeqCst) {
            options.range = None;
        }
        self.inner.get_opts(at, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        match self.asked.up() {
            Ok(()) => self.inner.delete_stream(locations),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.asked.up() {
            Ok(()) => self.inner.list(prefix),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (part, asked) = (self.inner.put_part(data), Arc::clone(&self.asked));
        Box::pin(async move {
            asked.up()?;
            let now = asked.parts.now.fetch_add(1, Ordering::SeqCst) + 1;
            asked.parts.most.fetch_max(now, Ordering::SeqCst);
            // All that are let go at a time are here before the first one is done.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            let done = part.await;
            asked.parts.now.fetch_sub(1, Ordering::SeqCst);
            done
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.asked.up()?;
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.asked.aborts.fetch_add(1, Ordering::SeqCst);
        self.inner.abort().await
    }
}

/// Objects in a storage that answers.
fn objects() -> (Arc<Asked>, Objects) {
    let asked = Arc::new(Asked { left: AtomicI64::new(-1), ..Asked::default() });
    let store = Faulty { inner: InMemory::new(), asked: Arc::clone(&asked) };
    (asked, Objects::over(Arc::new(store), vault()))
}

/// 20 MiB: three parts, the last of which is short.
const LONG: usize = 20 << 20;

#[test]
fn a_storage_that_is_down_is_unavailable_and_no_alert() {
    let ((), events) = told(async {
        let (asked, objects) = objects();
        let place = place();
        put(&objects, &place, &bytes(LONG)).await.unwrap();
        let object = objects.open_object(&place, LONG as u64).await.unwrap();
        asked.left.store(0, Ordering::SeqCst);
        let error = objects.open_object(&place, LONG as u64).await.unwrap_err();
        assert!(matches!(error, ReadError::Unavailable(_)), "{error:?}");
        assert_eq!(error.to_string(), "the storage does not answer");
        let error = object.read(0..ANY).next().await.unwrap().unwrap_err();
        assert!(matches!(error, ReadError::Unavailable(_)), "{error:?}");
        let error = put(&objects, &place, b"short").await.unwrap_err();
        assert!(matches!(error, WriteError::Unavailable(_)), "{error:?}");
        let error = objects.delete(&place.id).await.unwrap_err();
        assert!(matches!(error, WriteError::Unavailable(_)), "{error:?}");
        let known = |_| async { Ok::<_, io::Error>(Default::default()) };
        let later = std::time::SystemTime::now() + Duration::from_secs(3600);
        let error = objects.sweep(Shard::of(&place.id), later, known).await.unwrap_err();
        assert!(matches!(error, SweepError::Unavailable(_)), "{error:?}");
    });
    assert_eq!(events, Vec::<Value>::new());
}

#[tokio::test]
async fn an_upload_whose_storage_fails_at_any_call_is_aborted_once_and_leaves_nothing() {
    // It begins, three parts arrive, and it ends.
    for calls in 0..5 {
        let (asked, objects) = objects();
        let place = place();
        asked.left.store(calls, Ordering::SeqCst);
        let error = put(&objects, &place, &bytes(LONG)).await.unwrap_err();
        assert!(matches!(error, WriteError::Unavailable(_)), "{calls}: {error:?}");
        let aborts = asked.aborts.load(Ordering::SeqCst);
        assert_eq!(aborts, u64::from(calls > 0), "{calls}");
        asked.left.store(-1, Ordering::SeqCst);
        let error = objects.open_object(&place, LONG as u64).await.unwrap_err();
        assert!(matches!(error, ReadError::Missing), "{calls}: {error:?}");
    }
    let (asked, objects) = objects();
    asked.left.store(5, Ordering::SeqCst);
    put(&objects, &place(), &bytes(LONG)).await.unwrap();
}

#[tokio::test]
async fn an_upload_whose_client_goes_away_is_aborted() {
    let (asked, objects) = objects();
    let endless = body(&bytes(LONG), 65_000).chain(stream::pending());
    let place = place();
    let put = objects.put(&place, endless, ANY);
    let begun = async {
        while asked.parts.most.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = put => panic!("it ended"),
        () = begun => {}
    }
    let aborted = async {
        while asked.aborts.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), aborted).await.expect("it is aborted");
}

#[tokio::test]
async fn two_parts_are_on_their_way_at_a_time_and_no_more() {
    let (asked, objects) = objects();
    put(&objects, &place(), &bytes(60 << 20)).await.unwrap();
    assert_eq!(asked.parts.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn who_reads_slowly_is_one_request_ahead_and_a_small_object_is_one_request() {
    let (asked, objects) = objects();
    let (small, large) = (place(), place());
    put(&objects, &small, &bytes(CHUNK)).await.unwrap();
    put(&objects, &large, &bytes(LONG)).await.unwrap();
    let reads = || asked.reads.swap(0, Ordering::SeqCst);

    let object = objects.open_object(&small, CHUNK as u64).await.unwrap();
    let pieces: Vec<_> = object.read(0..ANY).collect().await;
    assert!(pieces.into_iter().all(|piece: std::result::Result<Bytes, _>| piece.is_ok()));
    assert_eq!(reads(), 1, "all of a small object");

    let object = objects.open_object(&large, LONG as u64).await.unwrap();
    assert_eq!(reads(), 2, "the header and the last chunk");
    let mut pieces = object.read(0..ANY);
    assert_eq!(reads(), 0, "nothing is asked for before it is wanted");
    for _ in 0..64 {
        pieces.next().await.unwrap().unwrap();
    }
    assert_eq!(reads(), 2, "one request, and one ahead");
    let mut end = object.read(LONG as u64 - 10..LONG as u64);
    assert_eq!(end.next().await.unwrap().unwrap().len(), 10);
    assert_eq!(reads(), 0, "the last chunk is here");
}

#[test]
fn a_storage_that_sends_more_than_it_was_asked_for_is_refused() {
    let ((), events) = told(async {
        let (asked, objects) = objects();
        let place = place();
        put(&objects, &place, &bytes(LONG)).await.unwrap();
        asked.talks.store(true, Ordering::SeqCst);
        let error = objects.open_object(&place, LONG as u64).await.unwrap_err();
        assert!(matches!(error, ReadError::Tampered), "{error:?}");
    });
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["fields"]["outcome"], "length");
}
