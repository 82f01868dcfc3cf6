//! Headers on the hot path: found where there are few, joined where there is one, numbers without the formatter.

mod first_letters;
mod number;
mod sole;

use http::{HeaderMap, HeaderName, HeaderValue};

pub use self::{first_letters::FirstLetters, number::number, sole::Sole};

/// With so many headers, to look at each is faster than to hash a name.
const FEW: usize = 6;

/// The first value of `name`, as `HeaderMap::get` finds it. Programs send a handful of headers: to compare them takes 20
/// instructions where to hash the name takes 70, and a stack looks for a dozen names.
#[must_use]
pub fn find<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    if headers.len() > FEW {
        return headers.get(name);
    }
    headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// All values of `name`, in the order in which they came. As cheap as [`find`] where there is none.
pub fn lines<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'h HeaderValue> + use<'h> {
    find(headers, name).map(|_| headers.get_all(name)).into_iter().flatten()
}

/// Joins the lines of a header that is a list (RFC 9110 section 5.3). A single one is a shallow clone; `None` if there is
/// none.
#[must_use]
pub fn joined<'h>(mut lines: impl Iterator<Item = &'h HeaderValue>) -> Option<HeaderValue> {
    let first = lines.next()?;
    let Some(second) = lines.next() else { return Some(first.clone()) };
    let mut all = first.as_bytes().to_vec();
    for line in std::iter::once(second).chain(lines) {
        all.extend_from_slice(b", ");
        all.extend_from_slice(line.as_bytes());
    }
    // Values joined by what a value may hold are one.
    HeaderValue::try_from(all).ok()
}
