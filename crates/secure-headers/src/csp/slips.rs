//! What was probably meant by a word that is no source: the slips of who writes a policy by hand.

use super::{host, source::Source};
use crate::keyword;

/// Written without the colon these would be hosts.
const SCHEMES: [&str; 9] =
    ["data", "blob", "http", "https", "ws", "wss", "mediastream", "filesystem", "about"];
/// Words of other headers and languages, which a browser would take for hosts.
const FOREIGN: [(&str, &str); 9] = [
    ("all", "*"),
    ("any", "*"),
    ("deny", "'none'"),
    ("nobody", "'none'"),
    ("sameorigin", "'self'"),
    ("same-origin", "'self'"),
    ("slef", "'self'"),
    ("sefl", "'self'"),
    ("allow-from", "https://example.org"),
];

/// What a bare word should have been: without its quotes, its colon or its slashes a browser takes it for a host.
pub(super) fn bare(text: &str, keywords: &[&'static str]) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let word = lower.trim_end_matches(':');
    let quoted = format!("'{word}'");
    if let Some(word) = keywords.iter().find(|known| **known == quoted) {
        return Some((*word).to_owned());
    }
    if lower.starts_with("nonce-") || is_placeholder(&lower) {
        return Some("'nonce'".to_owned());
    }
    if ["sha256-", "sha384-", "sha512-"].iter().any(|prefix| lower.starts_with(prefix)) {
        return Some(format!("'{text}'"));
    }
    if let Some((_, meant)) = FOREIGN.iter().find(|(foreign, _)| *foreign == lower) {
        return Some((*meant).to_owned());
    }
    // A short word one letter off can be the name of a machine.
    let long = keywords.iter().copied().filter(|word| word.contains('-'));
    keyword::nearest(&quoted, long).map(str::to_owned).or_else(|| scheme(text, &lower))
}

/// What a scheme should have been, and what an address should have been whose scheme is not written as one.
fn scheme(text: &str, lower: &str) -> Option<String> {
    if SCHEMES.contains(&lower) {
        return Some(format!("{lower}:"));
    }
    let known = SCHEMES.iter().find(|scheme| {
        let rest = lower.strip_prefix(**scheme);
        rest.is_some_and(|rest| rest.starts_with("//") || rest.starts_with(':') && rest.len() > 1)
    })?;
    let rest = text.get(known.len()..)?;
    let place = rest.trim_start_matches([':', '/']);
    match *known {
        _ if rest.starts_with("://") => None,
        "http" | "https" | "ws" | "wss" => Some(format!("{known}://{place}")),
        known => Some(format!("{known}:")),
    }
}

/// What a place without a host should have been.
pub(super) fn hostless(text: &str) -> Option<String> {
    match text.strip_prefix("//") {
        Some(rest) => host::host_fault(rest).is_none().then(|| rest.to_owned()),
        None => text.starts_with(['/', '.']).then(|| Source::SELF.as_str().to_owned()),
    }
}

/// What is left of a word that has a byte too many: the comma of a list, the quotes of a text processor.
pub(super) fn trimmed(text: &str, is_source: impl Fn(&str) -> bool) -> Option<String> {
    let marks = [',', ';', '`', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'];
    let bare = text.trim_matches(marks);
    if bare.is_empty() || bare == text {
        return None;
    }
    [bare.to_owned(), format!("'{bare}'")].into_iter().find(|meant| is_source(meant))
}

/// `$nonce`, `{{ nonce }}` and the like: a template's, not ours.
fn is_placeholder(text: &str) -> bool {
    text.contains("nonce") && text.contains(['{', '$', '<', '%', '['])
}
