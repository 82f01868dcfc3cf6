//! Where redirects lead to.

use http::{Response, Uri, header};

/// Where a redirect leads to, if it is one (RFC 9110 section 10.2.2): without a fragment, and without a user and a password,
/// which are nobody's business.
pub(super) fn location<B>(from: &Uri, answer: &Response<B>) -> Option<Uri> {
    if !answer.status().is_redirection() {
        return None;
    }
    let told = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    let whole = resolved(from, told.split('#').next().unwrap_or_default())?;
    let (scheme, rest) = whole.split_once("://")?;
    let place = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(place);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let uri: Uri = format!("{scheme}://{authority}{rest}").parse().ok()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
    is_web.then_some(uri)
}

/// The whole of a reference that was found at `base` (RFC 3986 section 5.2).
fn resolved(base: &Uri, told: &str) -> Option<String> {
    let scheme = base.scheme_str()?;
    if has_scheme(told) {
        return Some(told.to_owned());
    }
    if told.starts_with("//") {
        return Some(format!("{scheme}:{told}"));
    }
    let (path, query) =
        told.split_once('?').map_or((told, None), |(path, query)| (path, Some(query)));
    let path = if path.is_empty() {
        base.path().to_owned()
    } else if path.starts_with('/') {
        without_dots(path)
    } else {
        let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        without_dots(&format!("{folder}/{path}"))
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{scheme}://{}{path}{query}", base.authority()?))
}

/// RFC 3986 section 3.1.
fn has_scheme(told: &str) -> bool {
    let Some((scheme, _)) = told.split_once(':') else { return false };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.bytes().all(fits) && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

/// Goes up for `..` and stays for `.` (RFC 3986 section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for segment in path.split('/').skip(1) {
        ends_in_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    if ends_in_folder {
        kept.push("");
    }
    format!("/{}", kept.join("/"))
}
