//! Pages and cursors, as they are written and read back.

use std::{collections::HashSet, sync::Arc};

use palisade_analytics::{Cursor, Page};

use crate::contract::record;

#[test]
fn a_page_is_serialized_in_camel_case_with_a_cursor_as_text() {
    let page = Page::new(vec![Arc::new(record(0, "/x"))], Some(Cursor::new(255)));
    let json = serde_json::to_value(&page).unwrap();
    assert_eq!(json["next"], "ff");
    assert_eq!(json["records"][0]["responseTimeMs"], 0.0);
    assert_eq!(json["records"][0]["time"], "1970-01-01T00:00:00.000Z");
    let keys: HashSet<_> = json.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, HashSet::from(["records".to_owned(), "next".to_owned()]));
}

#[test]
fn a_cursor_that_was_made_up_is_an_error() {
    for text in ["", "+1", "-1", "x", "10000000000000000", " 1"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }
    assert_eq!("ff".parse::<Cursor>().unwrap(), Cursor::new(255));
}
