//! One node of a forwarding header: an address, perhaps with a port.

use std::net::IpAddr;

/// Reads `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:4711`, as a canonical address.
///
/// Everything else is junk: `unknown` and `_hidden` (RFC 7239 section 6), zone ids, names of hosts, nothing at all.
pub(crate) fn address(node: &[u8]) -> Option<IpAddr> {
    let node = str::from_utf8(node).ok()?;
    let addr = if let Some(inside) = node.strip_prefix('[') {
        let (v6, port) = inside.split_once(']')?;
        let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
        port.is_none_or(is_port).then(|| v6.parse().ok().map(IpAddr::V6))??
    } else if let Ok(addr) = node.parse() {
        addr
    } else {
        let (v4, port) = node.split_once(':')?;
        is_port(port).then(|| v4.parse().ok().map(IpAddr::V4))??
    };
    Some(addr.to_canonical())
}

/// Reads digits, and nothing but digits: `str::parse` takes `+8` as well.
pub(crate) fn decimal(text: &str) -> Option<u16> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// A port may be obfuscated where the address is not (RFC 7239 section 6).
fn is_port(text: &str) -> bool {
    let obfuscated = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match text.strip_prefix('_') {
        Some(name) => !name.is_empty() && name.bytes().all(obfuscated),
        None => decimal(text).is_some(),
    }
}
