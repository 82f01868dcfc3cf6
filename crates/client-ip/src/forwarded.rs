//! The `Forwarded` header of RFC 7239, read from the right.

use std::net::IpAddr;

use crate::{node, resolve::Hop, scheme};

/// The elements of one line, last first.
///
/// Quotes are matched from the right too: read from the left, one stray quote that a client sends would swallow what
/// the proxies behind it appended.
pub(crate) struct Elements<'a> {
    rest: Option<&'a [u8]>,
}

// === impl Elements ===

impl<'a> Elements<'a> {
    pub(crate) fn new(line: &'a [u8]) -> Self {
        Self { rest: Some(line) }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.rest.take()?;
        let Some((left, comma_and_right)) =
            last_comma(line).and_then(|at| line.split_at_checked(at))
        else {
            return Some(line);
        };
        self.rest = Some(left);
        comma_and_right.split_first().map(|(_, right)| right)
    }
}

/// Where the last comma outside quotes stands.
fn last_comma(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate().rev() {
        match byte {
            b'"' if quoted => quoted = is_escaped(line, at),
            b'"' => quoted = true,
            b',' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether an odd number of backslashes stands before `at`. Each backslash is looked at for one quote only, so the line
/// is still read in linear time.
fn is_escaped(line: &[u8], at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Reads one element: `for=192.0.2.7;proto=https`. `None` is junk: no `for`, two of them, or pairs that are none.
pub(crate) fn hop(element: &[u8]) -> Option<Hop> {
    let mut addr: Option<IpAddr> = None;
    let mut proto: Option<&[u8]> = None;
    let mut rest = element.trim_ascii();
    while !rest.is_empty() {
        // RFC 7239 section 4 allows empty pairs.
        if let Some(behind) = rest.strip_prefix(b";") {
            rest = behind.trim_ascii();
            continue;
        }
        let (name, value, behind) = pair(rest)?;
        if name.eq_ignore_ascii_case(b"for") {
            if addr.replace(node::address(value)?).is_some() {
                return None;
            }
        } else if name.eq_ignore_ascii_case(b"proto") && proto.replace(value).is_some() {
            return None;
        }
        rest = behind;
    }
    Some(Hop { addr: addr?, transport: proto.and_then(scheme::parse) })
}

/// Takes `name=value` off, up to its `;` or the end: name, value without quotes, what is left.
///
/// Escapes are not undone: neither an address nor a scheme needs one, so a value with one is neither.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let equals = text.iter().position(|byte| *byte == b'=')?;
    let (name, value) = text.split_at_checked(equals)?;
    let value = value.strip_prefix(b"=")?;
    // A name is a token (RFC 9110 section 5.6.2). One with these in it is the end of another element, torn apart.
    if name.is_empty() || name.iter().any(|byte| matches!(byte, b'"' | b',' | b'\\' | b' ' | b';'))
    {
        return None;
    }
    let Some(quoted) = value.strip_prefix(b"\"") else {
        let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
        let (value, rest) = value.split_at_checked(end)?;
        // A quote or a comma here means that elements were torn apart.
        let torn = value.iter().any(|byte| matches!(byte, b'"' | b','));
        return (!torn).then_some((name, value.trim_ascii(), rest));
    };
    let (value, rest) = quoted.split_at_checked(closing_quote(quoted)?)?;
    let rest = rest.strip_prefix(b"\"")?.trim_ascii();
    (rest.is_empty() || rest.starts_with(b";")).then_some((name, value, rest))
}

fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    })
}
