//! A store that somebody else is at: its records come later, and in their order.

use std::sync::Arc;

use palisade_analytics::{Config, Filter};
use palisade_test_support::Ask;

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
    scene.send_all((0..count).map(|n| Ask::get(&format!("/{n}"))));
    scene.analytics.flush();
}

#[test]
fn what_a_busy_store_could_not_take_is_stored_later_and_in_its_order() {
    let (scene, store) = scene();
    store.does(Does::Wait);
    send(&scene, 3);
    send(&scene, 2);
    let status = scene.analytics.status();
    assert_eq!((status.healthy, status.lost, status.kept_back), (false, 0, 5));
    assert_eq!((scene.analytics.waiting(), scene.records().len()), (5, 0));
    store.does(Does::Work);
    // Also where no other request comes.
    until(|| scene.analytics.status().kept_back == 0);
    let status = scene.analytics.status();
    assert_eq!((status.healthy, status.lost, status.kept_back), (true, 0, 0));
    let paths: Vec<_> = scene.records().iter().map(|record| record.path.to_string()).collect();
    assert_eq!(paths, ["/0", "/1", "/2", "/0", "/1"]);
}

#[test]
fn a_store_that_is_busy_for_long_costs_the_records_beyond_the_bound_and_no_others() {
    let (scene, store) = scene();
    store.does(Does::Wait);
    for _ in 0..17 {
        send(&scene, 1000);
    }
    let status = scene.analytics.status();
    assert_eq!(status.lost + status.kept_back as u64, 17_000, "{status:?}");
    assert!((15_361..=16_384).contains(&status.kept_back), "{status:?}");
    store.does(Does::Work);
    until(|| scene.analytics.status().kept_back == 0);
    assert_eq!(scene.analytics.store().count(&Filter::new()).unwrap(), status.kept_back as u64);
    assert_eq!(scene.analytics.lost(), status.lost);
}

#[test]
fn a_store_that_breaks_while_records_are_kept_back_costs_them() {
    let (scene, store) = scene();
    store.does(Does::Wait);
    send(&scene, 3);
    store.does(Does::Fail);
    until(|| scene.analytics.lost() == 3 && scene.analytics.status().kept_back == 0);
}

#[test]
fn e8_nothing_is_deleted_while_records_are_kept_back_because_they_would_come_back() {
    let (scene, store) = scene();
    store.does(Does::Wait);
    send(&scene, 3);
    let error = scene.analytics.delete(&Filter::new()).unwrap_err();
    assert!(error.is_passing() && error.to_string().contains("3 records"), "{error}");
    store.does(Does::Work);
    until(|| scene.analytics.status().kept_back == 0);
    assert_eq!(scene.analytics.delete(&Filter::new()).unwrap(), 3);
}

#[test]
fn at_the_end_records_that_were_kept_back_are_stored_or_counted_as_lost() {
    for (does, kept, lost) in [(Does::Work, 3, 0), (Does::Wait, 0, 3)] {
        let (scene, store) = scene();
        store.does(Does::Wait);
        send(&scene, 3);
        store.does(does);
        scene.analytics.shutdown();
        assert_eq!(scene.analytics.store().count(&Filter::new()).unwrap(), kept);
        assert_eq!((scene.analytics.lost(), scene.analytics.status().kept_back), (lost, 0));
    }
}
