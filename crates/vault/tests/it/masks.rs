//! What a masked secret shows.

use palisade_vault::mask;

fn check(secret: &str, shown: Option<&str>) {
    assert_eq!(mask(secret).end().as_deref(), shown, "{secret:?}");
    assert_eq!(mask(secret).to_string(), format!("••••{}", shown.unwrap_or_default()));
}

#[test]
fn w5_of_a_short_secret_nothing_is_shown() {
    for secret in ["", "1", "1234", "123456", "hunter2", "nineteen characters"] {
        check(secret, None);
    }
    check("0123456789abcdefghij", Some("ghij"));
    check("sk_live_4kq0v7m2x9rt8w3h", Some("8w3h"));
}

#[test]
fn w5_characters_count_and_not_bytes() {
    // 19 characters of four bytes, and four of one.
    check(&"🔑".repeat(5), None);
    check(&format!("{}abcd", "🔑".repeat(15)), None);
    check(&format!("{}abcd", "🔑".repeat(16)), Some("abcd"));
}

#[test]
fn w5_an_end_that_is_no_plain_text_is_not_shown() {
    check(&format!("{}ab\u{202e}c", "x".repeat(30)), None);
    check(&format!("{}ab\nc", "x".repeat(30)), None);
    check(&format!("{}<b>x", "x".repeat(30)), None);
}

#[test]
fn w5_a_mask_does_not_tell_how_long_the_secret_is() {
    let (short, long) = (mask("hunter2"), mask("correct horse battery staple!"));
    assert_eq!(short.to_string(), long.to_string());
    assert_eq!(format!("{short:?}"), format!("{long:?}"));
}
