//! The names of objects.

use std::collections::HashSet;

use palisade_vfs_store::ObjectId;

#[test]
fn an_id_is_32_digits_of_lower_case_hex_and_nothing_else() {
    let id = ObjectId::draw();
    let text = id.to_string();
    assert_eq!(text.len(), 32);
    assert_eq!(text.parse(), Ok(id));
    assert_eq!(ObjectId::from_bytes(*id.as_bytes()), id);
    let fixed = ObjectId::from_bytes([0xab; 16]);
    assert_eq!(fixed.to_string(), "ab".repeat(16));
    let upper = "AB".repeat(16);
    let wide = "ａ".repeat(16);
    for wrong in [
        "",
        "ab",
        &text[1..],
        &format!("{text}0"),
        &upper,
        &wide,
        "../../../../../../../../etc/pass",
    ] {
        assert!(wrong.parse::<ObjectId>().is_err(), "{wrong}");
    }
    let error = "x".parse::<ObjectId>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`x` is not a valid object id: expected 32 digits of lower-case hex"
    );
}

#[test]
fn no_id_is_drawn_twice() {
    let drawn: HashSet<_> = (0..100_000).map(|_| ObjectId::draw()).collect();
    assert_eq!(drawn.len(), 100_000);
}
