//! A rotation, while others read and write.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use palisade_vault::{Context, Sealed, Vault};

use crate::stage::{PLACE, key_text, ring, version};

const ROWS: usize = 16;

/// A row: its revision, and the value that was sealed at it.
type Row = Mutex<(u64, Sealed)>;

fn place<'a>(row: &'a str, revision: u64) -> Context<'a> {
    Context { row, revision: Some(revision), ..PLACE }
}

fn seal(vault: &Vault, row: &str, revision: u64) -> Sealed {
    vault.seal_now(&place(row, revision), format!("{row} at {revision}").as_bytes()).unwrap()
}

fn check(vault: &Vault, row: &str, (revision, sealed): &(u64, Sealed)) {
    let opened = vault.open_now(&place(row, *revision), sealed).unwrap();
    assert_eq!(opened.expose_str(), Some(&*format!("{row} at {revision}")));
}

/// What the job does: `update … where sealed = $as_it_was_read`.
fn rewrap(vault: &Vault, name: &str, row: &Row) {
    let (revision, sealed) = row.lock().unwrap().clone();
    if vault.needs_rewrap(&sealed) {
        let rewrapped = vault.rewrap_now(&place(name, revision), &sealed).unwrap();
        let mut now = row.lock().unwrap();
        if now.1 == sealed {
            now.1 = rewrapped;
        }
    }
}

#[test]
fn a_rewrap_changes_the_wrapped_key_alone() {
    let (one, two) = (key_text(), key_text());
    let vault = Vault::new(ring(&format!("1:{one}")));
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    vault.keys().replace(ring(&format!("2:{two},1:{one}"))).unwrap();
    assert!(vault.needs_rewrap(&sealed));
    let rewrapped = vault.rewrap_now(&PLACE, &sealed).unwrap();
    assert!(!vault.needs_rewrap(&rewrapped));
    assert_eq!(rewrapped.key_version(), Some(version(2)));
    assert_eq!(rewrapped.as_bytes()[83..], sealed.as_bytes()[83..], "the payload");
    assert_ne!(rewrapped.as_bytes()[11..83], sealed.as_bytes()[11..83], "the wrapped key");
    vault.keys().replace(ring(&format!("2:{two},minimum=2"))).unwrap();
    assert_eq!(vault.open_now(&PLACE, &rewrapped).unwrap().expose(), b"value");
}

#[test]
fn a_reseal_leaves_nothing_that_the_old_key_knew() {
    let (one, two) = (key_text(), key_text());
    let vault = Vault::new(ring(&format!("2:{two},1:{one},primary=1")));
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    vault.keys().replace(ring(&format!("2:{two},1:{one}"))).unwrap();
    let resealed = vault.reseal_now(&PLACE, &sealed).unwrap();
    assert_eq!(resealed.key_version(), Some(version(2)));
    assert_ne!(resealed.as_bytes()[83..], sealed.as_bytes()[83..]);
    assert_eq!(vault.open_now(&PLACE, &resealed).unwrap().expose(), b"value");
}

#[test]
fn an_instance_that_is_behind_leaves_what_one_ahead_has_sealed() {
    let (one, two) = (key_text(), key_text());
    let ahead = Vault::new(ring(&format!("1:{one},2:{two}")));
    let behind = Vault::new(ring(&format!("1:{one},2:{two},primary=1")));
    let sealed = ahead.seal_now(&PLACE, b"value").unwrap();
    assert!(!behind.needs_rewrap(&sealed));
    assert_eq!(behind.open_now(&PLACE, &sealed).unwrap().expose(), b"value");
    assert!(ahead.needs_rewrap(&behind.seal_now(&PLACE, b"value").unwrap()));
    assert!(ahead.needs_rewrap(&b"no sealed value"[..].into()), "the job meets it, and is refused");
}

#[test]
fn nobody_notices_rotations_while_rows_are_read_and_written() {
    let mut old = key_text();
    let vault = Vault::new(ring(&format!("1:{old}")));
    let names: Vec<String> = (0..ROWS).map(|row| row.to_string()).collect();
    let table: Vec<Row> = names.iter().map(|name| Mutex::new((0, seal(&vault, name, 0)))).collect();
    let (is_over, reads, writes) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let rows = || names.iter().zip(&table).cycle().take_while(|_| !is_over.load(Ordering::Relaxed));
    let read = || {
        for (name, row) in rows() {
            check(&vault, name, &row.lock().unwrap());
            reads.fetch_add(1, Ordering::Relaxed);
        }
    };
    let write = || {
        for (name, row) in rows() {
            let mut row = row.lock().unwrap();
            *row = (row.0 + 1, seal(&vault, name, row.0 + 1));
            writes.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        let _over = Over(&is_over);
        scope.spawn(read);
        scope.spawn(read);
        scope.spawn(write);
        for number in 2..=6 {
            let (new, before) = (key_text(), number - 1);
            let both = format!("{number}:{new},{before}:{old}");
            vault.keys().replace(ring(&format!("{both},primary={before}"))).unwrap();
            vault.keys().replace(ring(&both)).unwrap();
            names.iter().zip(&table).for_each(|(name, row)| rewrap(&vault, name, row));
            let left = table.iter().filter(|row| vault.needs_rewrap(&row.lock().unwrap().1));
            assert_eq!(left.count(), 0, "a row that the job overlooked");
            vault.keys().replace(ring(&format!("{number}:{new},minimum={number}"))).unwrap();
            wait_for_more(&[&reads, &writes]);
            old = new;
        }
    });
}

/// Ends the other threads, also where this one fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn wait_for_more(counts: &[&AtomicU64]) {
    let deadline = Instant::now() + Duration::from_secs(30);
    for count in counts {
        let before = count.load(Ordering::Relaxed);
        while count.load(Ordering::Relaxed) < before + 50 {
            assert!(Instant::now() < deadline, "nobody reads or writes any more");
            thread::yield_now();
        }
    }
}
