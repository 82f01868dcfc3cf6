//! One form of a path, and every other one refused.

use palisade_vfs_acl::{PathFault, VfsPath};
use proptest::prelude::*;

use crate::path;

fn fault(text: &str) -> Option<PathFault> {
    VfsPath::parse(text).err().map(|error| error.fault())
}

fn encoded_fault(text: &str) -> Option<PathFault> {
    VfsPath::parse_encoded(text).err().map(|error| error.fault())
}

#[test]
fn plain_names_are_paths() {
    for text in [
        "a",
        "docs/a.md",
        ".hidden/..a",
        "a b/c",
        "50%",
        "ü/日本/ß",
        "a…b",
        "...a",
        "*[?]{}",
        "~",
        "-",
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn v1_every_way_to_climb_or_to_spell_a_separator_otherwise_is_refused() {
    use PathFault::*;
    for (text, expected) in [
        ("", Empty),
        ("/etc/passwd", Absolute),
        ("/", Absolute),
        ("a//b", EmptySegment),
        ("a/", EmptySegment),
        ("..", DotSegment),
        ("a/../b", DotSegment),
        ("./a", DotSegment),
        ("a/.", DotSegment),
        ("a\\b", Separator),
        ("..\\a", Separator),
        ("C:/a", Drive),
        ("c:", Drive),
        ("a.txt:stream", Drive),
        ("a\0.txt", Control),
        ("a\nb", Control),
        ("a\u{7f}", Control),
        ("a\u{85}b", Control),
        ("a\u{202e}gpj", Control),
        ("a\u{200b}b", Control),
        ("\u{feff}a", Control),
        ("a\u{34f}b", Control),
        ("a\u{3164}", Control),
        ("a\u{115f}", Control),
        ("a%2fb", Encoded),
        ("a%5Cb", Encoded),
        ("%2e%2e", Encoded),
        ("a%00", Encoded),
        ("%252e", Encoded),
        ("..\u{ff0f}etc", LookAlike),
        ("\u{ff0e}\u{ff0e}", LookAlike),
        ("a\u{ff3c}b", LookAlike),
        ("a\u{2215}b", LookAlike),
        ("a\u{2044}b", LookAlike),
        ("u\u{308}", NotNormal),
        ("\u{212b}", NotNormal),
        ("a.", TrailingDotOrSpace),
        ("a /b", TrailingDotOrSpace),
        ("...", TrailingDotOrSpace),
        ("a\u{a0}", TrailingDotOrSpace),
        ("a…", TrailingDotOrSpace),
    ] {
        assert_eq!(fault(text), Some(expected), "{text:?}");
    }
}

#[test]
fn v1_names_that_some_store_takes_for_something_else_are_reserved() {
    for text in [
        "CON",
        "nul",
        "a/Aux/b",
        "prn.txt",
        "NUL.tar.gz",
        "nul .txt",
        "COM1",
        "lpt9.log",
        "COM0",
        "com¹",
        "CONIN$",
        "conout$",
        "a/..namedfork",
        "f.txt/..NamedFork/rsrc",
        "SECRET~1",
        "secret~1.txt",
        "a~2",
        "GIT~1",
        "web~12.con",
        "ü~1",
    ] {
        assert_eq!(fault(text), Some(PathFault::Reserved), "{text:?}");
    }
    for text in [
        "console",
        "nulls",
        "auxiliary.c",
        "com",
        "com10",
        "comx",
        "lpt",
        "a.nul",
        "con-1",
        "~1",
        "a~",
        "a.txt~",
        "a~b",
        "a~1b",
        "secret-key~1",
        "a~1.html",
        "a~1.tar.gz",
        ".con",
    ] {
        assert_eq!(fault(text), None, "{text:?}");
    }
    assert!(
        !VfsPath::parse("aux/a.c").unwrap_err().fault().is_suspicious(),
        "from an honest client"
    );
}

#[test]
fn v1_lengths_have_a_cap() {
    let segment = "s".repeat(255);
    assert_eq!(fault(&segment), None);
    assert_eq!(fault(&format!("{segment}s")), Some(PathFault::TooLong));
    let whole = format!("{}x", "s/".repeat(511));
    assert_eq!(fault(&format!("{whole}x")), None);
    assert_eq!(fault(&format!("{whole}xx")), Some(PathFault::TooLong));
}

#[test]
fn escapes_are_decoded_once() {
    let decoded = |text| VfsPath::parse_encoded(text).unwrap().to_string();
    assert_eq!(decoded("docs/a%20b.md"), "docs/a b.md");
    assert_eq!(decoded("%64ocs/%C3%BC"), "docs/ü");
    assert_eq!(decoded("100%25"), "100%");
}

#[test]
fn v1_escapes_that_hide_something_are_refused() {
    use PathFault::*;
    for (text, expected) in [
        ("a%2fb", Encoded),
        ("a%2Fb", Encoded),
        ("a%5cb", Encoded),
        ("%252e%252e", Encoded),
        ("%%32e", Encoded),
        ("%", Encoded),
        ("%2", Encoded),
        ("%zz", Encoded),
        ("%2e%2e/etc", DotSegment),
        ("a%00", Control),
        ("a%0d%0a", Control),
        ("%c0%af", NotUtf8),
        ("%ff", NotUtf8),
        ("%ef%bc%8f", LookAlike),
        ("u%cc%88", NotNormal),
    ] {
        assert_eq!(encoded_fault(text), Some(expected), "{text}");
    }
}

#[test]
fn v6_names_are_compared_byte_for_byte() {
    assert_ne!(path("docs/a"), path("docs/A"));
    assert_ne!(path("docs/ß"), path("docs/ss"));
    assert_ne!(path("docs/ı"), path("docs/i"));
}

#[test]
fn honest_mistakes_are_not_suspicious() {
    for text in ["u\u{308}", "a/", "a.", "/a", ""] {
        assert!(!VfsPath::parse(text).unwrap_err().fault().is_suspicious(), "{text:?}");
    }
    for text in ["..", "a\0", "a%2f", "a\\b", "\u{ff0f}"] {
        assert!(VfsPath::parse(text).unwrap_err().fault().is_suspicious(), "{text:?}");
    }
}

#[test]
fn a_path_error_does_not_repeat_the_path() {
    let error = VfsPath::parse("secret/../x").unwrap_err();
    assert_eq!(error.to_string(), "not a path: expected no segment `.` or `..`");
}

#[test]
fn parents_and_children() {
    assert_eq!(path("a/b/c").parent(), Some(path("a/b")));
    assert_eq!(path("a").parent(), None);
    assert!(path("a/b").is_within(&path("a")));
    assert!(path("a").is_within(&path("a")));
    assert!(!path("ab").is_within(&path("a")));
    assert!(path("a").join("../b").is_err());
    assert!(path("a").join("/b").is_err());
    assert!(path("a").join("").is_err());
}

/// Anything, and often what paths are made of.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/".to_owned()),
        Just("..".to_owned()),
        Just("%2".to_owned()),
        Just("\\".to_owned()),
        "[a-zA-Z.% ]{1,4}",
        "\\PC{1,2}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// What is accepted reads back as itself, and holds nothing that another reader takes for a separator.
    #[test]
    fn an_accepted_path_is_its_own_form(text in texts()) {
        if let Ok(path) = VfsPath::parse(&text) {
            prop_assert_eq!(path.as_str(), &text);
            prop_assert_eq!(&VfsPath::parse(path.as_str()).unwrap(), &path);
            prop_assert!(path.segments().all(|name| !name.is_empty() && name != "." && name != ".."));
            prop_assert!(!text.contains(['\\', '\0', ':']));
            // Encoding and decoding is the identity.
            let encoded: String = text.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02x}") }).collect();
            prop_assert_eq!(VfsPath::parse_encoded(&encoded).unwrap(), path);
        }
    }

    /// What is joined under a root stays under the root. A root with a reserved name is none.
    #[test]
    fn joined_paths_stay_under_their_root(root in "[a-z]{1,3}(/[a-z]{1,3}){0,3}", name in texts()) {
        let Ok(root) = VfsPath::parse(&root) else { return Ok(()) };
        if let Ok(joined) = root.join(&name) {
            prop_assert!(joined.is_within(&root) && joined != root);
            let as_std = std::path::Path::new("/srv").join(joined.as_str());
            prop_assert!(as_std.starts_with(std::path::Path::new("/srv").join(root.as_str())));
            prop_assert!(as_std.components().all(|part| part != std::path::Component::ParentDir));
        }
    }

    /// No text makes the decoder fail otherwise than by an error.
    #[test]
    fn decoding_never_panics(text in "\\PC*") {
        drop(VfsPath::parse_encoded(&text));
    }
}
