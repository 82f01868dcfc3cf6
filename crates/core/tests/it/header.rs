//! Headers are found and written as the `http` crate does it, whatever way is taken.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use palisade_core::header::{FirstLetters, Sole, find, joined, lines, number};

/// `count` other headers, and two lines of `Accept`.
fn headers(count: usize) -> HeaderMap {
    let other = |number| HeaderName::try_from(format!("x-{number}")).unwrap();
    let mut headers: HeaderMap =
        (0..count).map(|number| (other(number), HeaderValue::from_static("x"))).collect();
    headers.append(header::ACCEPT, HeaderValue::from_static("first"));
    headers.append(header::ACCEPT, HeaderValue::from_static("second"));
    headers
}

#[test]
fn the_first_line_is_found_among_few_and_among_many() {
    for count in [0, 4, 5, 6, 7, 40] {
        let headers = headers(count);
        assert_eq!(find(&headers, &header::ACCEPT).unwrap(), "first", "{count}");
        assert_eq!(find(&headers, &header::HOST), None, "{count}");
        let all: Vec<_> = lines(&headers, &header::ACCEPT).collect();
        assert_eq!(all, ["first", "second"], "{count}");
        assert_eq!(lines(&headers, &header::HOST).count(), 0, "{count}");
    }
}

#[test]
fn a_header_that_may_stand_once_is_missing_or_there_or_doubled() {
    for count in [0, 4, 5, 6, 7, 40] {
        let mut headers = headers(count);
        assert_eq!(Sole::of(&headers, &header::ACCEPT), Sole::Several, "{count}");
        assert_eq!(Sole::of(&headers, &header::HOST), Sole::Missing, "{count}");
        headers.insert(header::ACCEPT, HeaderValue::from_static("one"));
        let sole = Sole::of(&headers, &header::ACCEPT);
        assert_eq!(sole.value().unwrap(), "one", "{count}");
    }
}

#[test]
fn lines_of_a_list_are_joined() {
    let headers = headers(0);
    assert_eq!(joined(lines(&headers, &header::ACCEPT)).unwrap(), "first, second");
    assert_eq!(joined(lines(&headers, &header::ACCEPT).take(1)).unwrap(), "first");
    assert_eq!(joined(lines(&headers, &header::HOST)), None);
}

#[test]
fn numbers_are_written_as_the_formatter_writes_them() {
    for value in (0..1_100).chain([9_999, 10_000, u64::from(u32::MAX), u64::MAX - 1, u64::MAX]) {
        assert_eq!(number(value), value.to_string());
    }
}

#[test]
fn a_name_may_begin_as_others_do() {
    const KNOWN: FirstLetters = FirstLetters::NONE.and("forwarded").and("x-real-ip").and("-odd");
    let may_begin = |name: &str| KNOWN.may_begin(&HeaderName::try_from(name).unwrap());
    for known in ["forwarded", "from", "X-Anything", "~odd", "1st"] {
        assert!(may_begin(known), "{known}");
    }
    for other in ["accept", "host", "via", "y"] {
        assert!(!may_begin(other), "{other}");
    }
}
