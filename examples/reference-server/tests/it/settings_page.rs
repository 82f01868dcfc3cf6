//! The page about settings is made of the table that the server reads.

use std::fs;

#[test]
fn the_configuration_page_is_what_the_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let page = palisade_server::settings::page();
    if fs::read_to_string(path).ok().as_deref() != Some(&page) {
        // The next run is green; what changed is in the diff, for the reader of the change.
        fs::write(path, &page).unwrap();
        panic!(
            "docs/configuration.md was out of date and is now written anew: look at it and commit it"
        );
    }
}
