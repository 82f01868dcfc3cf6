//! Reports of browsers: whatever is kept is within the bounds, harmless, and the same each time.

use palisade_secure_headers::{Report, Reports};

/// Takes the input for a body of either form.
pub fn reports(data: &[u8]) {
    for media_type in ["application/reports+json", "application/csp-report"] {
        let read = Reports::read(media_type, data);
        assert_eq!(read, Reports::read(media_type, data), "it is read in two ways");
        let Ok(read) = read else { continue };
        assert!(data.len() <= Reports::MOST_BYTES && read.known().len() <= Reports::MOST_REPORTS);
        read.known().iter().for_each(harmless);
    }
}

fn harmless(report: &Report) {
    let addresses = [report.page(), report.blocked(), report.source()];
    for text in addresses
        .into_iter()
        .chain([report.rule(), report.message(), report.user_agent()])
        .flatten()
    {
        assert!(text.len() <= Reports::MOST_TEXT, "{text:?} is too long");
        let obeyed = |char: char| char.is_control() || ('\u{2028}'..='\u{202e}').contains(&char);
        assert!(!text.contains(obeyed), "a terminal obeys {text:?}");
    }
    for address in addresses.into_iter().flatten() {
        assert!(!address.contains(['?', '#']), "{address:?} has a query");
        let rest = address.split_once("//").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '\\']).next().unwrap_or_default();
        assert!(!authority.contains('@'), "{address:?} names a user");
    }
}
