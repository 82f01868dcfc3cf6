//! What fails in the background, who hears of it, and that it goes on.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_analytics::{Config, Record};
use palisade_core::SECURITY_TARGET;
use palisade_test_support::Ask;
use tracing::{Event, Metadata, Subscriber, field, span};

use crate::{
    faulty::{Does, Faulty},
    scene::{Scene, until},
};

fn scene() -> (Scene, Arc<Faulty>) {
    let store = Faulty::new();
    (Scene::with(Config::new().store(Arc::clone(&store) as _)), store)
}

/// Sends so many requests, as one batch.
fn send(scene: &Scene, count: usize) {
    scene.send_all((0..count).map(|_| Ask::get("/x")));
    scene.analytics.flush();
}

#[test]
fn what_the_store_does_not_take_is_lost_and_counted_and_what_comes_later_is_kept() {
    for fault in [Does::Fail, Does::Panic] {
        let (scene, store) = scene();
        send(&scene, 1);
        assert!(scene.analytics.status().healthy);
        store.does(fault);
        send(&scene, 3);
        let status = scene.analytics.status();
        assert_eq!((status.healthy, status.lost, status.dropped, status.queued), (false, 3, 0, 0));
        let error = status.last_error.unwrap();
        let expected =
            if fault == Does::Panic { "it panicked" } else { r"disk full\u{a}at /x\u{1b}[2K" };
        assert_eq!(&*error, expected, "one line, whatever it quotes");
        store.does(Does::Work);
        send(&scene, 2);
        let status = scene.analytics.status();
        assert_eq!((status.healthy, status.lost), (true, 3));
        assert_eq!(status.last_error, Some(error), "the last one is remembered");
        assert_eq!(scene.records().len(), 3);
    }
}

#[test]
fn the_status_tells_how_long_the_store_took() {
    let (scene, _) = scene();
    assert_eq!(scene.analytics.status().last_append, None);
    send(&scene, 1);
    assert_eq!(
        scene.analytics.status().last_append,
        Some(Duration::ZERO),
        "by a clock that stands"
    );
}

#[test]
fn the_store_prunes_at_the_start_and_once_a_minute_also_when_nothing_is_recorded() {
    let (scene, store) = scene();
    until(|| store.prunes() == 1);
    scene.clock.advance(Duration::from_secs(59));
    send(&scene, 1);
    assert_eq!(store.prunes(), 1);
    scene.clock.advance(Duration::from_secs(1));
    until(|| store.prunes() == 2);
    send(&scene, 1);
    assert_eq!(store.prunes(), 2);
}

#[test]
fn an_observer_sees_what_the_store_has_in_its_order() {
    let store = Faulty::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (sink, asked) = (Arc::clone(&seen), Arc::clone(&store));
    let observer = move |records: &[Arc<Record>]| {
        let kept = palisade_analytics::Store::summary(&*asked, &Default::default()).unwrap();
        let mut seen = sink.lock().unwrap();
        seen.extend(records.iter().map(|record| record.path.to_string()));
        assert!(kept.requests >= seen.len() as u64, "the store has them first");
    };
    let config = Config::new().store(Arc::clone(&store) as _).observer(Arc::new(observer));
    let scene = Scene::with(config);
    scene.send_all((0..3000).map(|n| Ask::get(&format!("/{n}"))));
    scene.analytics.flush();
    let expected: Vec<_> = (0..3000).map(|n| format!("/{n}")).collect();
    assert_eq!(*seen.lock().unwrap(), expected);
    assert!(scene.analytics.status().healthy);
}

#[test]
fn an_observer_that_panics_takes_nothing_from_the_store_nor_from_the_others() {
    let (panics, seen) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(0)));
    let (once, counts) = (Arc::clone(&panics), Arc::clone(&seen));
    let config = Config::new()
        .observer(Arc::new(move |_: &[Arc<Record>]| {
            assert!(once.swap(0, Ordering::SeqCst) == 0, "an observer that panics, on purpose");
        }))
        .observer(Arc::new(move |records: &[Arc<Record>]| {
            counts.fetch_add(records.len() as u64, Ordering::SeqCst);
        }));
    let scene = Scene::with(config);
    send(&scene, 1);
    assert!(!scene.analytics.status().healthy);
    send(&scene, 2);
    assert!(scene.analytics.status().healthy);
    assert_eq!((seen.load(Ordering::SeqCst), scene.records().len()), (3, 3));
    assert_eq!(scene.analytics.lost(), 0);
}

/// Hears the security log on all threads. There can be one in a process, and every test here has its own.
#[derive(Clone, Default)]
struct Hears(Arc<Mutex<Vec<String>>>);

impl Subscriber for Hears {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == SECURITY_TARGET
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        struct Fields(String);
        impl field::Visit for Fields {
            fn record_debug(&mut self, field: &field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{}={value:?};", field.name()));
            }
        }
        let mut fields = Fields(format!("{};", event.metadata().level()));
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[test]
fn e5_the_security_log_says_once_that_records_are_lost_and_once_that_they_are_not() {
    let hears = Hears::default();
    tracing::subscriber::set_global_default(hears.clone()).unwrap();
    let (scene, store) = scene();
    send(&scene, 1);
    store.fails_by("no room left: 71\nlines");
    send(&scene, 71);
    send(&scene, 70);
    store.does(Does::Work);
    send(&scene, 1);
    send(&scene, 1);
    let lines = hears.0.lock().unwrap();
    // Other tests of this process lose other numbers.
    let ours = |line: &&String| line.contains("no room left: 71") || line.contains("lost=141;");
    let lines: Vec<_> = lines.iter().filter(ours).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("ERROR;"), "{lines:?}");
    for field in
        ["event=\"analytics.degraded\";", "job=\"append\";", r"no room left: 71\\u{a}lines"]
    {
        assert!(lines[0].contains(field), "{lines:?}");
    }
    assert!(lines[1].starts_with("WARN;"), "{lines:?}");
    assert!(lines[1].contains("event=\"analytics.recovered\";lost=141;"), "{lines:?}");
}

#[test]
fn a_store_that_needs_many_turns_to_prune_gets_them_at_once_and_records_in_between() {
    let (scene, store) = scene();
    until(|| store.prunes() == 1);
    // It asks behind that whether there is more: it must have been told no.
    scene.analytics.flush();
    store.needs_turns(50);
    scene.clock.advance(Duration::from_secs(60));
    send(&scene, 1);
    assert_eq!(scene.records().len(), 1);
    until(|| store.prunes() == 52);
    send(&scene, 1);
    assert_eq!(store.prunes(), 52);
}

#[test]
fn a_store_that_is_at_one_thing_for_long_is_unhealthy_until_it_is_through() {
    let (scene, store) = scene();
    store.does(Does::Hang);
    scene.send_all([Ask::get("/x")]);
    until(|| store.hangs());
    assert!(scene.analytics.status().healthy);
    scene.clock.advance(Duration::from_secs(5));
    assert!(!scene.analytics.status().healthy);
    store.does(Does::Work);
    scene.analytics.flush();
    assert!(scene.analytics.status().healthy);
}

#[test]
fn the_end_waits_for_a_store_that_is_stuck_but_not_for_ever() {
    let (scene, store) = scene();
    store.does(Does::Hang);
    scene.send_all([Ask::get("/x")]);
    until(|| store.hangs());
    scene.analytics.shutdown();
    assert!(store.hangs(), "it came back before the store did");
    store.does(Does::Work);
}
