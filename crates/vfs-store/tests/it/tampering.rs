//! Objects that were changed in the storage: an abort, an alert, and no byte that was not written there.

use std::fs;

use futures_util::StreamExt;
use palisade_vfs_store::{ObjectId, Objects, Place, ReadError};
use serde_json::Value;

use crate::{
    events::told,
    stage::{ANY, CHUNK, HEADER, WHOLE, bytes, file_of, in_folder, place, put, sent},
};

/// An object in a folder, and what its file holds.
struct Case {
    folder: tempfile::TempDir,
    objects: Objects,
    place: Place<'static>,
    plain: Vec<u8>,
    stored: Vec<u8>,
}

impl Case {
    async fn new(length: usize) -> Self {
        let (folder, objects) = in_folder();
        let (place, plain) = (place(), bytes(length));
        put(&objects, &place, &plain).await.unwrap();
        let stored = fs::read(file_of(folder.path(), place.id)).unwrap();
        Self { folder, objects, place, plain, stored }
    }

    fn store(&self, id: ObjectId, changed: &[u8]) {
        fs::write(file_of(self.folder.path(), id), changed).unwrap();
    }

    /// Reads it as it is now: what is sent is a prefix of what was written.
    async fn read(&self, what: &str) -> (usize, ReadError) {
        let (read, ended) = sent(&self.objects, &self.place, self.plain.len(), 0..ANY).await;
        assert!(self.plain.starts_with(&read), "{what}: something else is sent");
        (read.len(), ended.expect_err(what))
    }
}

/// Each change of an object of `length` bytes is an abort with one alert; so many bytes were sent at the most.
fn check(length: usize, most_sent: usize, changes: impl AsyncFn(&Case) -> Vec<(String, Vec<u8>)>) {
    let (count, events) = told(async {
        let case = Case::new(length).await;
        let changes = changes(&case).await;
        for (what, changed) in &changes {
            assert!(*changed != case.stored, "{what} changes nothing");
            case.store(case.place.id, changed);
            let (read, error) = case.read(what).await;
            assert!(matches!(error, ReadError::Tampered), "{what}: {error:?}");
            assert!(read <= most_sent, "{what}: {read} bytes were sent");
        }
        case.store(case.place.id, &case.stored);
        sent(&case.objects, &case.place, length, 0..ANY).await.1.unwrap();
        changes.len()
    });
    alerts(&events, count);
}

fn alerts(events: &[Value], count: usize) {
    assert_eq!(events.len(), count, "one alert for each");
    for event in events {
        let name = event["fields"]["event"].as_str().unwrap();
        assert!(["vault.refused", "object.refused"].contains(&name), "{event}");
    }
}

#[test]
fn c1_each_byte_of_a_stored_object_flipped_in_turn_is_an_abort_and_an_alert() {
    check(600, 0, async |case| {
        let flipped = (0..case.stored.len()).map(|at| {
            let mut changed = case.stored.clone();
            changed[at] ^= 1 << (at % 8);
            (format!("byte {at}"), changed)
        });
        flipped.collect()
    });
}

#[test]
fn c1_a_byte_flipped_in_any_chunk_ends_the_reading_there() {
    check(4 * CHUNK + 9, 4 * CHUNK, async |case| {
        let places = (HEADER..case.stored.len()).step_by(7919);
        let flipped = places.map(|at| {
            let mut changed = case.stored.clone();
            changed[at] ^= 0x80;
            (format!("byte {at}"), changed)
        });
        flipped.collect()
    });
}

#[test]
fn c1_an_object_that_was_cut_off_or_added_to_is_refused_before_a_byte_is_sent() {
    check(3 * CHUNK, 0, async |case| {
        let all = &case.stored;
        let about = (0..=3).flat_map(|chunk| {
            let at = HEADER + chunk * WHOLE;
            [at - 17, at - 16, at - 1, at, at + 1, at + 16]
        });
        let cut = (0..HEADER).chain(about).filter(|length| *length < all.len());
        let cut = cut.map(|length| (format!("cut at {length}"), all[..length].to_vec()));
        let first = &all[HEADER..HEADER + WHOLE];
        let more = [&[0][..], &[0; 16], &[0; 17], first, &all[HEADER..]];
        let longer = more.map(|more| (format!("{} more", more.len()), [all, more].concat()));
        cut.chain(longer).collect()
    });
}

/// Chunks behind the header of `stored`.
fn of(stored: &[u8], chunks: &[&[u8]]) -> Vec<u8> {
    [&stored[..HEADER], &chunks.concat()].concat()
}

#[test]
fn c1_chunks_that_were_dropped_repeated_or_swapped_are_refused() {
    check(3 * CHUNK + 9, 3 * CHUNK, async |case| {
        let all: Vec<&[u8]> = case.stored[HEADER..].chunks(WHOLE).collect();
        let mut changes = Vec::new();
        for at in 0..4 {
            let mut fewer = all.clone();
            fewer.remove(at);
            changes.push((format!("without {at}"), of(&case.stored, &fewer)));
            let mut more = all.clone();
            more.insert(at, all[at]);
            changes.push((format!("{at} twice"), of(&case.stored, &more)));
            for other in 0..at {
                let mut swapped = all.clone();
                swapped.swap(at, other);
                changes.push((format!("{at} for {other}"), of(&case.stored, &swapped)));
                let mut copied = all.clone();
                copied[at] = all[other];
                changes.push((format!("{other} as {at}"), of(&case.stored, &copied)));
            }
        }
        changes
    });
}

#[test]
fn c1_chunks_headers_and_whole_objects_of_others_are_refused() {
    check(2 * CHUNK + 9, 2 * CHUNK, async |case| {
        let mut changes = Vec::new();
        // The same bytes: of another id, of another mount, and of this very place, at another time.
        let places = [place(), Place { mount: "letters", ..case.place }, case.place];
        for (turn, other) in places.iter().enumerate() {
            put(&case.objects, other, &case.plain).await.unwrap();
            let theirs = fs::read(file_of(case.folder.path(), other.id)).unwrap();
            let ours: Vec<&[u8]> = case.stored[HEADER..].chunks(WHOLE).collect();
            for (at, chunk) in theirs[HEADER..].chunks(WHOLE).enumerate() {
                let mut mixed = ours.clone();
                mixed[at] = chunk;
                changes.push((format!("{turn}: their {at}"), of(&case.stored, &mixed)));
            }
            changes.push((format!("{turn}: their header"), of(&theirs, &ours)));
            // All of it, but at the place it was written for: there it is what was written, at another time.
            if turn < 2 {
                changes.push((format!("{turn}: all of it"), theirs));
            }
        }
        changes
    });
}

#[test]
fn c1_an_object_of_the_same_mount_that_was_good_at_another_id_is_nothing_at_this_one() {
    let ((), events) = told(async {
        let case = Case::new(100).await;
        let other = place();
        put(&case.objects, &other, &case.plain).await.unwrap();
        fs::rename(
            file_of(case.folder.path(), other.id),
            file_of(case.folder.path(), case.place.id),
        )
        .unwrap();
        let (read, error) = case.read("moved").await;
        assert!(read == 0 && matches!(error, ReadError::Tampered), "{error:?}");
        let (_, ended) = sent(&case.objects, &other, 100, 0..ANY).await;
        assert!(matches!(ended, Err(ReadError::Missing)));
    });
    alerts(&events, 2);
}

/// What happens to an object that is being read, behind what was read ahead.
fn check_while_reading(change: impl FnOnce(&Case), is_due: impl Fn(&ReadError) -> bool) {
    let ((), events) = told(async {
        let case = Case::new(200 * CHUNK).await;
        let object = case.objects.open_object(&case.place, 200 * CHUNK as u64).await.unwrap();
        let mut pieces = object.read(0..ANY);
        let mut read = pieces.next().await.unwrap().unwrap().to_vec();
        change(&case);
        let error = loop {
            match pieces.next().await.expect("an error") {
                Ok(piece) => read.extend_from_slice(&piece),
                Err(error) => break error,
            }
        };
        assert!(is_due(&error), "{error:?}");
        assert!(case.plain.starts_with(&read) && read.len() <= 48 * CHUNK, "{}", read.len());
        assert!(pieces.next().await.is_none());
    });
    alerts(&events, 1);
}

#[test]
fn c1_an_object_that_is_deleted_cut_off_or_replaced_while_it_is_read_ends_the_reading() {
    let missing = |error: &ReadError| matches!(error, ReadError::Missing);
    let tampered = |error: &ReadError| matches!(error, ReadError::Tampered);
    let file = |case: &Case| file_of(case.folder.path(), case.place.id);
    check_while_reading(|case| fs::remove_file(file(case)).unwrap(), missing);
    check_while_reading(|case| fs::write(file(case), b"").unwrap(), tampered);
    check_while_reading(
        |case| fs::write(file(case), &case.stored[..WHOLE * 40]).unwrap(),
        tampered,
    );
    check_while_reading(
        |case| fs::write(file(case), vec![7; case.stored.len()]).unwrap(),
        tampered,
    );
}
