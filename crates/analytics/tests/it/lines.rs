//! One record is one line, whatever a stranger sent.

use palisade_core::{Identity, IdentityKind, SecurityContext, Verdict};
use palisade_test_support::Ask;
use proptest::prelude::*;

use crate::scene::{Inner, Scene};

/// Whether a terminal, a log reader or the eye could be led astray by `c`.
fn harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn lines_of(agent: &[u8], user: &str) -> [String; 2] {
    let scene = Scene::new();
    let user = user.to_owned();
    let inner = Inner(move |context: &SecurityContext| {
        context.learn_identity(Identity::new(user.as_str(), IdentityKind::Jwt));
        Verdict::Pass
    });
    let ask = Ask::get("/x").header("user-agent", agent);
    drop(scene.send_through(scene.policy(), inner, ask));
    let record = scene.only();
    [serde_json::to_string(&*record).unwrap(), record.to_string()]
}

#[test]
fn e5_escape_sequences_line_breaks_and_bidi_controls_are_shown_and_not_obeyed() {
    // C1 CSI (U+009B), a right-to-left override, a line separator, and a tab.
    let agent = "a\u{9b}31m\u{202e}drow\u{2028}x\ty";
    let [json, line] = lines_of(agent.as_bytes(), "eve\r\n200 GET /\u{1b}[2K");
    assert!(json.contains(r#""userAgent":"a\\u{9b}31m\\u{202e}drow\\u{2028}x\\u{9}y""#), "{json}");
    assert!(json.contains(r#""user":"eve\\u{d}\\u{a}200 GET /\\u{1b}[2K""#), "{json}");
    assert!(line.chars().all(harmless), "{line}");
}

#[test]
fn e5_a_path_with_a_bidi_control_is_shown_and_not_obeyed() {
    let scene = Scene::new();
    let record = scene.record_of(Ask::get("/a\u{202e}b"));
    assert_eq!(&*record.path, "/a\u{202e}b");
    assert!(record.to_string().contains(r"GET /a\u{202e}b 200"), "{record}");
}

#[test]
fn ordinary_text_of_any_script_is_left_alone() {
    let [json, _] = lines_of("Zoë 日本 😀 \\ \"".as_bytes(), "名前");
    assert!(json.contains(r#""userAgent":"Zoë 日本 😀 \\ \"""#), "{json}");
    assert!(json.contains(r#""user":"名前""#), "{json}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Law: a record is one line of JSON and one line of text, for any bytes a header may hold and any user.
    #[test]
    fn e5_any_user_agent_and_user_make_one_harmless_line(
        agent in prop::collection::vec(prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8], 0..400),
        user in any::<String>(),
    ) {
        for line in lines_of(&agent, &user) {
            prop_assert!(line.chars().all(harmless), "{line:?}");
        }
    }
}
