//! Who watches over a stream, while somebody reads and while nobody does.

use std::{future::pending, time::Duration};

use http_body_util::BodyExt;
use palisade_live::{Config, Ending, EventStream, Places};
use tokio::{sync::oneshot, time::timeout};

use crate::{feed, publish, streams::next, subscribe};

/// Waits for something that others do.
async fn until(mut is_so: impl FnMut() -> bool) {
    let waits = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), waits).await.expect("it happens");
}

#[tokio::test]
async fn e3_who_does_not_read_has_no_place_once_the_guard_ends_him() {
    let places = Places::new(1, 1);
    let feed = feed(Config::new().places(places.clone()));
    let (dismiss, dismissed) = oneshot::channel();
    let guard = async { dismissed.await.unwrap() };
    let mut stream = Box::pin(EventStream::new(subscribe(&feed), guard));
    publish(&feed, 1..=3);
    assert_eq!((places.taken(), feed.status().readers), (1, 1));
    dismiss.send(Ending::new("banned")).unwrap();
    // Nothing asks for more of the body.
    until(|| places.taken() == 0 && feed.status().readers == 0).await;
    assert!(next(&mut stream).await.starts_with("retry: "));
    assert!(next(&mut stream).await.ends_with("event: end\ndata: {\"reason\":\"banned\"}\n\n"));
    assert!(stream.frame().await.is_none());
}

#[tokio::test]
async fn e3_who_waits_for_news_is_told_at_once_that_the_guard_ended_him() {
    let feed = feed(Config::new());
    let (dismiss, dismissed) = oneshot::channel();
    let stream = EventStream::new(subscribe(&feed), async { dismissed.await.unwrap() });
    let reads = tokio::spawn(async { stream.collect().await.unwrap().to_bytes() });
    tokio::task::yield_now().await;
    dismiss.send(Ending::new("expired")).unwrap();
    let told = timeout(Duration::from_secs(10), reads).await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&told).contains("\"expired\""), "{told:?}");
}

#[tokio::test]
async fn e3_a_guard_that_breaks_ends_the_stream() {
    let places = Places::new(1, 1);
    let feed = feed(Config::new().places(places.clone()));
    let guard = async { panic!("a guard that breaks, on purpose") };
    let stream = EventStream::new(subscribe(&feed), guard);
    until(|| places.taken() == 0).await;
    let told = stream.collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&told).contains("\"closed\""), "{told:?}");
}

#[tokio::test]
async fn the_guard_ends_with_the_body() {
    let feed = feed(Config::new());
    let (alive, watched) = oneshot::channel::<()>();
    let guard = async move {
        let _alive = alive;
        pending().await
    };
    drop(EventStream::new(subscribe(&feed), guard));
    assert!(timeout(Duration::from_secs(10), watched).await.unwrap().is_err());
    assert_eq!(feed.status().readers, 0);
}

#[test]
fn without_a_runtime_around_it_a_stream_is_made_and_its_guard_asked_by_who_reads() {
    let feed = feed(Config::new());
    let open = EventStream::new(subscribe(&feed), pending());
    publish(&feed, [1]);
    assert_eq!(feed.status().readers, 1, "nothing ended it");
    drop(open);
    let stream = EventStream::new(subscribe(&feed), async { Ending::new("expired") });
    let told = crate::wait(stream.collect()).unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&told).contains("\"expired\""), "{told:?}");
}
