//! The laws of the cache of rendered content: one renders for all, a change is never missed, room is bounded.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use palisade::core::ManualClock;
use palisade_server::content_cache::{
    ContentCache, ContentKind, Lives, Recipe, Rendered, Selection, Source,
};

use crate::server::until;

const MINUTE: Duration = Duration::from_secs(60);

fn cache(clock: &ManualClock) -> ContentCache {
    ContentCache::new(Lives::all(MINUTE), 1 << 20, clock.clock())
}

fn pdf(path: &str) -> Recipe {
    Recipe::new(ContentKind::Pdf, path).of(Source::post(1))
}

fn text(text: &str) -> io::Result<Rendered> {
    Ok(Rendered::new("text/plain", text.to_owned()))
}

fn of_post_1() -> Selection {
    Selection { sources: vec![Source::post(1)], ..Selection::default() }
}

#[test]
fn one_renders_for_all_who_ask_meanwhile() {
    let cache = &cache(&ManualClock::new());
    let (asking, rendered) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || {
                asking.fetch_add(1, Ordering::SeqCst);
                let shown = cache.rendered(pdf("/a"), || {
                    rendered.fetch_add(1, Ordering::SeqCst);
                    until("the others", || asking.load(Ordering::SeqCst) == 8);
                    text("same")
                });
                assert_eq!(shown.unwrap().body(), "same");
            });
        }
    });
    assert_eq!(rendered.load(Ordering::SeqCst), 1);
    let counts = cache.counts().find(|(kind, _)| *kind == ContentKind::Pdf).unwrap().1;
    assert_eq!((counts.hits, counts.misses), (7, 1));
}

#[test]
fn what_changes_while_it_is_rendered_is_not_kept() {
    let cache = &cache(&ManualClock::new());
    let (begun, over) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
    thread::scope(|scope| {
        let old = scope.spawn(move || {
            cache.rendered(pdf("/a"), || {
                begun.store(1, Ordering::SeqCst);
                // As long as the change is not over, which waits for this: some turns, and then it ends.
                (0..1000).for_each(|_| thread::yield_now());
                assert_eq!(over.load(Ordering::SeqCst), 0, "dropped before it was there");
                text("old")
            })
        });
        until("somebody renders", || begun.load(Ordering::SeqCst) == 1);
        assert_eq!(cache.drop_selected(&of_post_1()), 1);
        over.store(1, Ordering::SeqCst);
        assert_eq!(old.join().unwrap().unwrap().body(), "old", "who asked before gets what was");
    });
    assert_eq!(cache.rendered(pdf("/a"), || text("new")).unwrap().body(), "new");
}

#[test]
fn a_piece_is_used_for_its_time_and_then_rendered_anew() {
    let clock = ManualClock::new();
    let cache = cache(&clock);
    let ask = |new: &str| cache.rendered(pdf("/a"), || text(new)).unwrap().body();
    assert_eq!(ask("first"), "first");
    clock.advance(MINUTE - Duration::from_millis(1));
    assert_eq!(ask("second"), "first");
    clock.advance(Duration::from_millis(1));
    assert!(cache.pieces().is_empty(), "nobody sees what is used no more");
    assert_eq!(cache.drop_selected(&of_post_1()), 0, "nor is it dropped");
    assert_eq!(ask("third"), "third");
    // Who looks at the wall turns nothing back.
    clock.step_wall(std::time::UNIX_EPOCH);
    assert_eq!(ask("fourth"), "third");
}

#[test]
fn a_failure_is_told_and_not_kept() {
    let cache = cache(&ManualClock::new());
    let failed = cache.rendered(pdf("/a"), || Err(io::Error::other("no fonts")));
    assert_eq!(failed.unwrap_err().to_string(), "no fonts");
    assert!(cache.pieces().is_empty());
    assert_eq!(cache.rendered(pdf("/a"), || text("fine")).unwrap().body(), "fine");
}

#[test]
fn there_is_no_more_of_it_than_the_bound_whatever_is_asked() {
    let cache = cache(&ManualClock::new());
    for (size, pieces) in [(0, 2000), (10_000, 300), (2_000_000, 2)] {
        for number in 0..pieces {
            let long = "x".repeat(size);
            cache.rendered(pdf(&format!("/{size}/{number}")), || text(&long)).unwrap();
        }
        let (pieces, bytes) = cache.size();
        assert!(bytes <= cache.most_bytes() && pieces <= 1024, "{size}: {pieces} of {bytes} bytes");
    }
}

#[test]
fn the_same_bytes_of_another_type_have_another_validator() {
    let of =
        |media_type, text: &'static str| Rendered::new(media_type, text).etag().unwrap().clone();
    assert_eq!(of("text/plain", "a"), of("text/plain", "a"));
    assert_ne!(of("text/plain", "a"), of("text/plain", "b"));
    assert_ne!(of("text/plain", "a"), of("text/markdown", "a"));
}
