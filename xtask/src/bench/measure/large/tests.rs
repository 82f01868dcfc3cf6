//! What is written is known at every byte, and what is wrong of it is seen.

use std::collections::BTreeMap;

use super::{content::Content, judged, names, room::free_in};

fn bytes(content: &Content, range: std::ops::Range<u64>) -> Vec<u8> {
    content.pieces(range).flatten().copied().collect()
}

#[test]
fn any_part_of_the_content_is_what_the_whole_has_there() {
    let content = Content::known();
    let whole = bytes(&content, 0..300_000);
    assert_eq!(whole.len(), 300_000);
    for (from, to) in [(0, 1), (65_535, 65_537), (65_536, 131_072), (1, 299_999), (7, 7)] {
        let part = bytes(&content, from..to);
        let [from, to] = [from, to].map(|at| usize::try_from(at).unwrap());
        assert!(part == whole[from..to], "{from}..{to}");
    }
}

#[test]
fn what_comes_in_pieces_of_any_length_is_compared_to_its_end() {
    let content = Content::known();
    let due = 5_000_000_000..5_000_200_000;
    let come = bytes(&content, due.clone());
    let mut comparison = content.compare(due.clone());
    for piece in come.chunks(777) {
        assert_eq!(comparison.take(piece), Ok(()));
    }
    assert!(comparison.is_over());
    assert!(comparison.take(b"x").unwrap_err().contains("behind the end"));

    let mut short = content.compare(due.clone());
    short.take(&come[..199_999]).unwrap();
    assert_eq!(short.finish().unwrap_err(), "1 bytes did not come");

    let mut flipped = come.clone();
    flipped[123_456] ^= 1;
    let wrong = content.compare(due.clone()).take(&flipped).unwrap_err();
    assert_eq!(wrong, "byte 5000123456 is not what was written");

    // Chunks that changed places.
    let mut swapped = come;
    let (front, back) = swapped.split_at_mut(65_536);
    front.swap_with_slice(&mut back[..65_536]);
    assert!(content.compare(due).take(&swapped).is_err());
}

#[test]
fn memory_that_grows_with_the_file_fails() {
    let figures = |small: f64, up: f64, down: f64| -> BTreeMap<String, f64> {
        let all = [(names::PEAK_SMALL, small), (names::PEAK_UP, up), (names::PEAK_DOWN, down)];
        all.map(|(name, mib)| (name.to_owned(), mib)).into()
    };
    assert_eq!(judged(&figures(40.0, 55.0, 39.0)), Ok(()));
    assert!(judged(&figures(40.0, 57.0, 39.0)).unwrap_err().contains(names::PEAK_UP));
    assert!(judged(&figures(40.0, 50.0, 400.0)).unwrap_err().contains(names::PEAK_DOWN));
    assert!(judged(&BTreeMap::new()).is_err());
}

#[test]
fn what_is_free_on_the_disk_is_read() {
    let listing = b"Filesystem 1024-blocks Used Available Capacity Mounted on\n\
        /dev/vda 264157000 57000000 38000000 61% /\n";
    assert_eq!(free_in(listing), Some(38_000_000 * 1024));
    assert_eq!(free_in(b"df: no such file\n"), None);
}
