//! Schemes, hosts, origins and addresses, as a browser reads them.

/// Whether `text` is a scheme (RFC 3986 section 3.1).
pub(super) fn is_scheme(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic()) && text.bytes().all(fits)
}

/// What would be right where `text` is no `[scheme://]host[:port][/path]` (CSP 3, `host-source`).
pub(super) fn host_fault(text: &str) -> Option<&'static str> {
    let rest = match text.split_once("://") {
        Some((scheme, _)) if !is_scheme(scheme) => return Some("a scheme such as `https://`"),
        Some((_, rest)) => rest,
        None => text,
    };
    let (authority, path) = split_path(rest);
    authority_fault(authority).or_else(|| path.and_then(path_fault))
}

/// What would be right where `text` is no origin of HTTP, with a host that may begin with `*.`.
pub(crate) fn origin_fault(text: &str) -> Option<&'static str> {
    let expected = "an origin such as `https://example.org`, without a path";
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(authority) = rest.filter(|rest| !rest.contains('/') && *rest != "*") else {
        return Some(expected);
    };
    authority_fault(authority)
}

/// What would be right where `text` is neither a path on this host nor an address on another.
pub(crate) fn reference_fault(text: &str) -> Option<&'static str> {
    let expected = "a path on this host, or an address with `https://` and a plain host";
    let rest = match text.split_once("://") {
        Some(("https" | "http", rest)) => rest,
        None if text.starts_with('/') && !text.starts_with("//") => text,
        _ => return Some(expected),
    };
    let (authority, path) = split_path(rest);
    // A path on this host has none, an address has one.
    let has_host = rest.len() < text.len();
    if has_host && (authority.contains('*') || authority_fault(authority).is_some()) {
        return Some(expected);
    }
    // A query is fine in an address, other than in a source.
    let path = path.unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    path_fault(path).or_else(|| path_fault(query))
}

/// Splits before the first `/`, which stays with the path.
fn split_path(text: &str) -> (&str, Option<&str>) {
    let end = text.find('/').unwrap_or(text.len());
    let (authority, path) = text.split_at_checked(end).unwrap_or((text, ""));
    (authority, Some(path).filter(|path| !path.is_empty()))
}

fn authority_fault(authority: &str) -> Option<&'static str> {
    if authority.contains(['[', ']']) {
        return Some("a name or an IPv4 address: a browser matches no IPv6 address");
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let wrong_port = |port: &str| {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        port != "*" && !(digits && port.parse::<u16>().is_ok_and(|port| port > 0))
    };
    if port.is_some_and(wrong_port) {
        return Some("a port from 1 to 65535, or `*`");
    }
    if host == "*" {
        return None;
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| !label.is_empty() && label.len() <= 63 && label.bytes().all(fits);
    if host.strip_prefix("*.").unwrap_or(host).split('.').all(label) {
        return None;
    }
    if host.contains('*') {
        return Some("a wildcard as the first label alone, as in `*.example.org`");
    }
    Some("a host of letters, digits, `-` and `.`, as in `cdn.example.org`")
}

/// RFC 3986 `pchar` and `/`, without the `'` that CSP gives a meaning.
fn path_fault(path: &str) -> Option<&'static str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&()*+=:@/%".contains(&byte);
    if !path.bytes().all(fits) {
        return Some("a path without query and fragment, other bytes written as `%XX`");
    }
    // Only what begins with two hexadecimal digits may stand behind a `%`.
    let escaped = |rest: &str| {
        let digits = rest.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    (!path.split('%').skip(1).all(escaped)).then_some("two hexadecimal digits behind each `%`")
}
