//! Records in memory: what every store promises, and the bound of this one.

use palisade_analytics::{Dimension, Filter, MemoryStore, Store};

use crate::contract::{append, paths, record, store_contract};

fn with_store(test: &dyn Fn(&dyn Store)) {
    test(&MemoryStore::new(1_000_000));
}

store_contract!(with_store);

#[test]
fn the_oldest_go_when_more_come_than_may_be_kept() {
    let store = MemoryStore::new(3);
    append(&store, (0..10).map(|n| record(n, &format!("/{n}"))));
    assert_eq!(paths(&store, &Filter::new()), ["/9", "/8", "/7"]);
    assert_eq!(store.count(&Filter::new()).unwrap(), 3);
    let counts = store.count_by(&Filter::new(), Dimension::Path, 10).unwrap();
    assert_eq!(counts.rows.len(), 3);
}

#[test]
fn a_cursor_into_what_is_gone_finds_nothing() {
    let store = MemoryStore::new(3);
    append(&store, (0..3).map(|n| record(n, "/x")));
    let next = store.page(&Filter::new(), None, 1).unwrap().next;
    append(&store, (0..9).map(|n| record(n, "/later")));
    assert!(store.page(&Filter::new(), next, 9).unwrap().records.is_empty());
}
