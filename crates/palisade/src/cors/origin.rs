//! One origin as a browser writes it (Fetch, "serializing a request origin"; URL, "host serializer").

use std::net::{Ipv4Addr, Ipv6Addr};

use http::HeaderValue;
use palisade_core::ConfigError;

/// An origin in its parts, as they were written.
struct Written<'a> {
    scheme: &'a str,
    host: &'a str,
    /// What stands behind the colon, if there is one.
    port: Option<&'a str>,
}

const FORM: &str = "`scheme://host` or `scheme://host:port`";

/// Accepts an origin in the one form in which browsers send it: in any other it would match nothing, and nobody would know.
pub(crate) fn checked(origin: &str) -> Result<HeaderValue, ConfigError> {
    let wrong =
        |expected: &str| ConfigError::new("CORS origin", origin).expected(expected.to_owned());
    if origin == "null" || origin.contains('*') {
        return Err(wrong(
            "each origin by its name: with credentials, `*`, `null` and wildcards open the service to any page. `*` is allowed alone, and then without credentials",
        ));
    }
    if !origin.is_ascii() {
        return Err(wrong(
            "a host in ASCII, `xn--…`, as browsers send it: `location.origin` in the page's console says it",
        ));
    }
    let written = Written::split(origin).ok_or_else(|| wrong(FORM))?;
    let scheme = written.scheme.to_ascii_lowercase();
    let usual = match &*scheme {
        "https" => 443,
        "http" => 80,
        _ => return Err(wrong("the scheme `https` or `http`")),
    };
    let host = host(written.host).map_err(wrong)?;
    let port = match written.port {
        None | Some("") => String::new(),
        Some(digits) => match port(digits).ok_or_else(|| wrong("a port from 1 to 65535"))? {
            port if port == usual => String::new(),
            port => format!(":{port}"),
        },
    };
    let canonical = format!("{scheme}://{host}{port}");
    if canonical != origin {
        return Err(wrong(
            "the form in which browsers send it: lower case, no path, no user, no dot at the end, no default port, addresses as short as they can be written",
        )
        .meant(canonical));
    }
    HeaderValue::from_str(origin).map_err(|_| wrong("visible ASCII"))
}

// === impl Written ===

impl<'a> Written<'a> {
    /// Leaves a user, and whatever stands behind the authority, out.
    fn split(origin: &'a str) -> Option<Self> {
        let (scheme, rest) = origin.split_once("://")?;
        let authority = rest.split(['/', '?', '#', '\\']).next()?;
        let authority = authority.rsplit('@').next()?;
        // A colon of an IPv6 address is none in front of a port.
        let (host, port) = match authority.rfind(']') {
            Some(end) => {
                let (host, rest) = authority.split_at_checked(end.checked_add(1)?)?;
                (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
            }
            None => authority
                .split_once(':')
                .map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        (!host.is_empty()).then_some(Self { scheme, host, port })
    }
}

/// The host as browsers write it, or what is expected in its place.
fn host(host: &str) -> Result<String, &'static str> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Result<Ipv6Addr, _> = address.parse();
        return address.map(ipv6).map_err(|_| "an IPv6 address in brackets, without a zone");
    }
    // Browsers send it where a page was opened by such a name; nearly always it is a mistake.
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(fits)
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err("a host's name of letters, digits and hyphens, between single dots");
    }
    // Browsers read it as an address if its last part is a number, in any of the forms of inet_aton.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    if is_number && name.parse::<Ipv4Addr>().is_err() {
        return Err("an IPv4 address of four decimal numbers");
    }
    Ok(name)
}

/// Browsers know no mixed form: `::ffff:127.0.0.1` is `::ffff:7f00:1`.
fn ipv6(address: Ipv6Addr) -> String {
    if address.to_ipv4_mapped().is_none() {
        return format!("[{address}]");
    }
    let [.., high, low] = address.segments();
    format!("[::ffff:{high:x}:{low:x}]")
}

fn port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten().filter(|port| *port > 0)
}
