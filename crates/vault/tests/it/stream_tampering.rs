//! Objects that were changed in the store: an abort, an alert, and no byte that was not sealed there.

use palisade_vault::{Context, OpenError, RewrapError, StreamHeader, Vault};

use crate::{
    events::told,
    objects::{FILE, HEADER, SIZE, WHOLE, bytes, part, sealed, sent},
    stage::{PLACE, key_text, ring, vault, version},
};

/// Reads a changed object: what is sent is the front of what was sealed, and there is one alert.
fn check(
    vault: &Vault,
    place: &Context<'_>,
    changed: &[u8],
    plain: &[u8],
    what: &str,
) -> OpenError {
    let mut ended = None;
    let events = told(|| {
        let (read, end) = sent(vault, place, changed);
        assert!(plain.starts_with(&read), "{what}: something else is sent");
        ended = Some(end.expect_err(what));
    });
    let [event] = &events[..] else { panic!("{what}: {} alerts", events.len()) };
    assert_eq!(event["fields"]["event"], "vault.refused", "{what}");
    assert_eq!(event["fields"]["row"], place.row, "{what}");
    ended.unwrap()
}

/// Nothing is sent at all: the length was not proven.
fn check_nothing_sent(vault: &Vault, changed: &[u8], what: &str) {
    check(vault, &FILE, changed, b"", what);
}

#[test]
fn c1_no_byte_of_a_stored_object_can_be_changed() {
    let vault = vault(&[1]);
    let plain = bytes(SIZE + 100);
    let stored = sealed(&vault, &FILE, &plain);
    for place in 0..stored.len() {
        let mut changed = stored.clone();
        changed[place] ^= 1 << (place % 8);
        let error = check(&vault, &FILE, &changed, &plain, &format!("byte {place}"));
        match place {
            // The mark, the version, the length of the wrapped key, the size of chunks.
            0..11 | 83 => {}
            _ => assert!(matches!(error, OpenError::Tampered), "{place}: {error:?}"),
        }
    }
    sent(&vault, &FILE, &stored).1.unwrap();
}

#[test]
fn c1_an_object_that_was_cut_off_is_refused_before_a_byte_of_it_is_sent() {
    let vault = vault(&[1]);
    let stored = sealed(&vault, &FILE, &bytes(3 * SIZE));
    // At every boundary, about it, in each chunk, and anywhere in the header.
    let boundaries = (0..=3).map(|chunk| HEADER + chunk * WHOLE);
    let about = boundaries.flat_map(|at| [at - 17, at - 16, at - 1, at, at + 1, at + 16, at + 17]);
    let lengths = (0..HEADER).chain(about).chain((HEADER..stored.len()).step_by(97));
    for length in lengths.filter(|length| *length < stored.len()) {
        check_nothing_sent(&vault, &stored[..length], &format!("cut at {length}"));
    }
}

#[test]
fn c1_an_object_that_was_added_to_is_refused_before_a_byte_of_it_is_sent() {
    let vault = vault(&[1]);
    for length in [0, 5, SIZE, SIZE + 5, 2 * SIZE] {
        let stored = sealed(&vault, &FILE, &bytes(length));
        // What an older version of the same object had there, all of this one once more, and anything.
        let older = sealed(&vault, &FILE, &bytes(4 * SIZE + 9));
        let behind = older.get(stored.len()..).unwrap();
        let first = &older[HEADER..HEADER + WHOLE];
        for more in [behind, &stored[HEADER..], first, &[0], &[0; 16], &[0; 17], &[0; WHOLE]] {
            let longer = [&stored[..], more].concat();
            check_nothing_sent(&vault, &longer, &format!("{length} and {}", more.len()));
        }
    }
}

/// The chunks of an object, the last one included.
fn chunks(stored: &[u8]) -> Vec<&[u8]> {
    stored[HEADER..].chunks(WHOLE).collect()
}

fn of(header: &[u8], chunks: &[&[u8]]) -> Vec<u8> {
    [&header[..HEADER], &chunks.concat()].concat()
}

#[test]
fn c1_chunks_that_were_dropped_repeated_or_swapped_are_refused() {
    let vault = vault(&[1]);
    let plain = bytes(3 * SIZE + 9);
    let stored = sealed(&vault, &FILE, &plain);
    let all = chunks(&stored);
    for at in 0..4 {
        let mut fewer = all.clone();
        fewer.remove(at);
        check(&vault, &FILE, &of(&stored, &fewer), &plain, &format!("without {at}"));
        let mut more = all.clone();
        more.insert(at, all[at]);
        check(&vault, &FILE, &of(&stored, &more), &plain, &format!("{at} twice"));
        for other in 0..at {
            let mut swapped = all.clone();
            swapped.swap(at, other);
            check(&vault, &FILE, &of(&stored, &swapped), &plain, &format!("{at} for {other}"));
            let mut copied = all.clone();
            copied[at] = all[other];
            check(&vault, &FILE, &of(&stored, &copied), &plain, &format!("{other} as {at}"));
        }
    }
    let mut turned = all;
    turned.reverse();
    check(&vault, &FILE, &of(&stored, &turned), &plain, "the other way round");
}

#[test]
fn c1_a_chunk_or_a_header_of_another_object_is_refused() {
    let vault = vault(&[1]);
    let plain = bytes(2 * SIZE + 9);
    let stored = sealed(&vault, &FILE, &plain);
    // The same bytes, the same place: an older version. And one of another place under the same key.
    let elsewhere = Context { row: "43", ..FILE };
    for other in [sealed(&vault, &FILE, &plain), sealed(&vault, &elsewhere, &plain)] {
        let (ours, theirs) = (chunks(&stored), chunks(&other));
        for at in 0..3 {
            let mut mixed = ours.clone();
            mixed[at] = theirs[at];
            check(&vault, &FILE, &of(&stored, &mixed), &plain, &format!("their {at}"));
        }
        check_nothing_sent(&vault, &of(&other, &ours), "their header");
        check_nothing_sent(&vault, &of(&stored, &theirs), "their chunks");
    }
    let (read, ended) = sent(&vault, &elsewhere, &stored);
    assert!(read.is_empty() && matches!(ended, Err(OpenError::Tampered)));
}

#[test]
fn c1_parts_of_two_headers_do_not_make_a_third() {
    let vault = vault(&[1]);
    let [one, two] = [(); 2].map(|()| sealed(&vault, &FILE, &bytes(100)));
    // The wrapped key, the salt, the commitment, the chunks.
    let parts = [11..83, 84..116, 116..HEADER, HEADER..one.len()];
    for mask in 1..15 {
        let mut mixed = one.clone();
        for (bit, part) in parts.iter().enumerate() {
            if mask >> bit & 1 == 1 {
                mixed[part.clone()].copy_from_slice(&two[part.clone()]);
            }
        }
        check_nothing_sent(&vault, &mixed, &format!("{mask:b}"));
    }
}

#[test]
fn c1_an_object_is_nothing_in_another_place_or_revision() {
    let vault = vault(&[1]);
    let stored = sealed(&vault, &FILE, &bytes(SIZE + 1));
    let header = StreamHeader::at_start_of(&stored);
    let others = [
        Context { tenant: "other", ..FILE },
        Context { table: "drafts", ..FILE },
        Context { column: "thumbnail", ..FILE },
        Context { row: "4", ..FILE },
        Context { purpose: "export", ..FILE },
        Context { revision: Some(8), ..FILE },
        Context { revision: None, ..FILE },
    ];
    for other in others {
        let (read, ended) = sent(&vault, &other, &stored);
        assert!(read.is_empty() && matches!(ended, Err(OpenError::Tampered)), "{other:?}");
        let error = vault.rewrap_stream_header_now(&other, &header).expect_err("rewrapped");
        assert!(matches!(error, RewrapError::Open(OpenError::Tampered)), "{other:?}");
    }
}

#[test]
fn c1_a_value_is_no_stream_and_the_key_of_one_opens_not_the_other() {
    let vault = vault(&[1]);
    let value = vault.seal_now(&FILE, &bytes(200)).unwrap().into_bytes();
    let stored = sealed(&vault, &FILE, &bytes(200));
    assert!(matches!(sent(&vault, &FILE, &value).1, Err(OpenError::Malformed)));
    assert!(vault.open_now(&FILE, &stored.clone().into()).is_err());
    // The wrap is the same for both, and what comes of it is not.
    let mut header = stored;
    header[11..83].copy_from_slice(&value[11..83]);
    check_nothing_sent(&vault, &header, "the data key of a value");
}

#[test]
fn c1_a_stream_under_a_key_below_the_minimum_or_of_nobody_is_refused() {
    let (old, new) = (key_text(), key_text());
    let stored = sealed(&Vault::new(ring(&format!("1:{old}"))), &FILE, b"object");
    let header = StreamHeader::at_start_of(&stored);
    let after = Vault::new(ring(&format!("2:{new},1:{old},minimum=2")));
    let error = sent(&after, &FILE, &stored).1.expect_err("a key below the minimum counts");
    let OpenError::BelowMinimum { version: said, minimum } = error else { panic!("{error:?}") };
    assert_eq!((said, minimum), (version(1), version(2)));
    assert!(after.rewrap_stream_header_now(&FILE, &header).is_err());
    let unknown = Vault::new(ring(&format!("2:{new}")));
    assert!(matches!(sent(&unknown, &FILE, &stored).1, Err(OpenError::UnknownKey { .. })));
}

#[test]
fn a_chunk_that_is_refused_leaves_nothing_in_the_buffer_and_ends_the_object_with_one_alert() {
    let vault = vault(&[1]);
    let stored = sealed(&vault, &FILE, &bytes(4 * SIZE));
    let chunks = &stored[HEADER..];
    let header = StreamHeader::at_start_of(&stored);
    let mut refused = Vec::new();
    let events = told(|| {
        let stream = vault.open_stream_now(&FILE, &header, chunks.len() as u64).unwrap();
        let mut last = part(chunks, stream.last().sealed());
        let (opener, _) = stream.prove(&mut last).unwrap();
        for chunk in opener.chunks_of(0..u64::MAX) {
            let mut buffer = part(chunks, chunk.sealed());
            if chunk.number() == 1 {
                buffer[SIZE / 2] ^= 1;
            }
            let is_refused = opener.open(&chunk, &mut buffer).is_err();
            refused.push(is_refused);
            if chunk.number() == 1 {
                assert_eq!(buffer, [0; WHOLE]);
            }
        }
    });
    assert_eq!(refused, [false, true, true, true], "what is damaged is aborted");
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event["fields"]["chunk"], 1);
    assert_eq!(event["fields"]["outcome"], "tampered");
    assert_eq!(event["fields"]["key_version"], 1);
    assert_eq!(event["fields"]["revision"], 7);
}

#[test]
fn a_buffer_that_is_shorter_or_longer_than_the_chunk_is_refused() {
    let vault = vault(&[1]);
    let stored = sealed(&vault, &FILE, &bytes(SIZE + 50));
    let (chunks, header) = (&stored[HEADER..], StreamHeader::at_start_of(&stored));
    let open = || vault.open_stream_now(&FILE, &header, chunks.len() as u64).unwrap();
    for length in [0, 15, 16, 65, 67] {
        let stream = open();
        let mut last = part(chunks, stream.last().sealed());
        last.resize(length, 0);
        assert!(matches!(stream.prove(&mut last), Err(OpenError::Tampered)), "{length}");
    }
    // A store that says another length than that of the chunk it answers with, which is the last and good.
    for told in [chunks.len() - 5, chunks.len() + 5] {
        let stream = vault.open_stream_now(&FILE, &header, told as u64).unwrap();
        let error = stream.prove(&mut chunks[WHOLE..].to_vec()).expect_err("the length is proven");
        assert!(matches!(error, OpenError::Tampered), "{told}");
    }
    // A store that answers with the first chunk when it is asked for the last.
    assert!(matches!(open().prove(&mut chunks[..WHOLE].to_vec()), Err(OpenError::Tampered)));
}

#[test]
fn a_header_that_is_longer_or_shorter_than_it_says_is_malformed() {
    let vault = vault(&[1]);
    let stored = sealed(&vault, &PLACE, b"object");
    let header = &stored[..HEADER];
    for changed in [&header[..HEADER - 1], &stored[..=HEADER], b"", b"PSVS\x01"] {
        let error = vault.open_stream_now(&PLACE, &changed.into(), 22).expect_err("it opens");
        assert!(matches!(error, OpenError::Malformed), "{error:?}");
    }
    assert_eq!(StreamHeader::at_start_of(&stored).as_bytes(), header);
    let long = vec![b'x'; 10_000];
    assert_eq!(StreamHeader::at_start_of(&long).as_bytes().len(), StreamHeader::MAX_LENGTH);
    assert_eq!(StreamHeader::at_start_of(&long).key_version(), None);
}
