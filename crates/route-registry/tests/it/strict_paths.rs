//! Which paths are ambiguous, and how.

use palisade_core::{Rejection, RejectionKind, ViolationKind};
use palisade_route_registry::{PathError, check_path};

fn check(path: &str, expected: PathError) {
    assert_eq!(check_path(path), Err(expected), "{path:?}");
}

#[test]
fn ordinary_paths_pass() {
    for path in [
        "/",
        "/a",
        "/a/",
        "/a/b.c",
        "/...",
        "/a..b",
        "/.well-known/x",
        "/~u",
        "/-_.",
        "/@me",
        "/a:b",
        "/a+b",
        "/a,b=c&d!$'()*",
        "/caf%C3%A9",
        "/caf%c3%a9",
        "/a%20b",
        "/%40me",
        "/100%25",
        "/50%25/x",
        "/%25zz",
        "/.a",
        "/..a",
        "/%F0%9F%A6%80",
        "/ADMIN",
        "/%7B%7D",
        "/[x]|y",
    ] {
        assert_eq!(check_path(path), Ok(()), "{path}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    for path in ["", "*", "a", "example.com:443", "http://example.com/", " /"] {
        check(path, PathError::Form);
    }
}

#[test]
fn dot_segments_in_every_spelling() {
    for path in [
        "/.",
        "/..",
        "/a/./b",
        "/a/../b",
        "/a/..",
        "/../",
        "/%2e",
        "/%2E%2e/",
        "/.%2e/",
        "/%2e./x",
        "/..;/x",
        "/..;a=b",
        "/a/.;x/b",
        "/..%3b/x",
        "/%2e%2e%3Ba",
    ] {
        check(path, PathError::DotSegment);
    }
}

#[test]
fn separators_in_every_spelling() {
    for path in ["/a%2fb", "/a%2Fb", "/%5c", "/a%5C..", "/embed/..%2fadmin"] {
        check(path, PathError::EncodedSeparator);
    }
    check("/a\\b", PathError::Backslash);
    check("/..\\admin", PathError::Backslash);
    for path in ["//", "//admin", "/a//b", "/a//"] {
        check(path, PathError::EmptySegment);
    }
}

#[test]
fn escapes_of_escapes() {
    for path in ["/%252e", "/%252f", "/%255c", "/%2500", "/%2561dmin", "/%25252e", "/a%253Bb"] {
        check(path, PathError::DoubleEncoding);
    }
}

#[test]
fn controls_delimiters_and_path_parameters() {
    for path in ["/%00", "/a%0d%0ab", "/%7f", "/a\0b", "/a\nb", "/a\u{7f}", "/%C2%85"] {
        check(path, PathError::Control);
    }
    for path in ["/health%3F/x", "/a%23b", "/a?b", "/a#b"] {
        check(path, PathError::Delimiter);
    }
    for path in ["/a;b", "/a;b=c/d", "/a%3bb", "/;"] {
        check(path, PathError::PathParameter);
    }
}

#[test]
fn broken_and_needless_escapes() {
    for path in ["/%", "/%2", "/%zz", "/a%2", "/%2g/b", "/%%", "/%+1"] {
        check(path, PathError::BadEscape);
    }
    for path in ["/%61dmin", "/a%2Ehtml", "/%7Euser", "/%30", "/a%2db", "/a%5Fb"] {
        check(path, PathError::NeedlessEscape);
    }
    for path in ["/%ff", "/%c0%af", "/%c0%ae%c0%ae/", "/%C3", "/%ed%a0%80", "/%e0%80%af"] {
        check(path, PathError::NotUtf8);
    }
    for path in ["/caf\u{e9}", "/a b", "/\u{ff0f}"] {
        check(path, PathError::RawByte);
    }
}

#[test]
fn what_no_honest_client_sends_is_named_before_what_one_may_send() {
    check("//a/../b", PathError::DotSegment);
    check("/a;b%2f", PathError::EncodedSeparator);
    check("/%61%00", PathError::Control);
}

#[test]
fn only_traversal_counts_as_a_violation() {
    let check = |error: PathError, code: &str, violation: Option<ViolationKind>| {
        let rejection = Rejection::from(error);
        assert_eq!(rejection.kind(), RejectionKind::Malformed);
        assert_eq!(rejection.code().as_str(), code);
        assert_eq!(rejection.code().problem(), "ambiguous-path");
        assert_eq!(rejection.violation_kind(), violation, "{code}");
    };
    let suspicious = Some(ViolationKind::Suspicious);
    check(PathError::DotSegment, "ambiguous-path.dot-segment", suspicious);
    check(PathError::EncodedSeparator, "ambiguous-path.encoded-separator", suspicious);
    check(PathError::Backslash, "ambiguous-path.backslash", suspicious);
    check(PathError::DoubleEncoding, "ambiguous-path.double-encoding", suspicious);
    check(PathError::Control, "ambiguous-path.control-character", suspicious);
    check(PathError::NotUtf8, "ambiguous-path.not-utf8", suspicious);
    check(PathError::Form, "ambiguous-path.form", None);
    check(PathError::EmptySegment, "ambiguous-path.empty-segment", None);
    check(PathError::PathParameter, "ambiguous-path.path-parameter", None);
    check(PathError::Delimiter, "ambiguous-path.delimiter", None);
    check(PathError::BadEscape, "ambiguous-path.bad-escape", None);
    check(PathError::NeedlessEscape, "ambiguous-path.needless-escape", None);
    check(PathError::RawByte, "ambiguous-path.raw-byte", None);
    check(PathError::HiddenLiteral, "ambiguous-path.hidden-literal", None);
}
