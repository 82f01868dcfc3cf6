//! Which hosts belong together.

use std::net::IpAddr;

/// What stands below the ending of a country where no site does: `example.co.uk` is one, `co.uk` is none.
const SHARED: [&str; 8] = ["ac", "co", "com", "edu", "gov", "net", "org", "ne"];

/// The part of a host that somebody registered. A guess without the list of public suffixes: the last two labels, or three
/// where those are like `co.uk`. Addresses and single names have none.
pub(super) fn registered(host: &str) -> Option<String> {
    let host = host.trim_matches(['[', ']']);
    if host.parse::<IpAddr>().is_ok() {
        return None;
    }
    let labels: Vec<&str> = host.rsplit('.').collect();
    let taken = match labels.as_slice() {
        [_] | [] => return None,
        [country, shared, _, ..] if country.len() == 2 && SHARED.contains(shared) => 3,
        _ => 2,
    };
    let taken: Vec<&str> = labels.into_iter().take(taken).rev().collect();
    Some(taken.join("."))
}
