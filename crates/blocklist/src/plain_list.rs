//! Plain lists, as public blocklists are: one address or network a line.

use palisade_core::ConfigError;

use crate::{BlocklistError, network::Network};

/// Gives every network of `text` to `take`. Reading stops at the first mistake.
pub(crate) fn read(
    text: &[u8],
    source: &str,
    mut take: impl FnMut(Network),
) -> Result<(), BlocklistError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.trim_ascii().is_empty() {
        // It is what a failed download leaves, and it would unblock everybody.
        return Err(BlocklistError::new(
            source,
            "the list is empty; one that is meant to be so holds a comment, such as `# nobody`",
        ));
    }
    for (number, line) in (1_usize..).zip(text.split(|byte| *byte == b'\n')) {
        match network(line) {
            Ok(Some(network)) => take(network),
            Ok(None) => {}
            Err(error) => {
                let column = line.len().saturating_sub(line.trim_ascii_start().len());
                let place = (number, column.saturating_add(1));
                return Err(BlocklistError::new(source, error.to_string()).at(place));
            }
        }
    }
    Ok(())
}

/// The network that a line names, if it is more than a comment.
fn network(line: &[u8]) -> Result<Option<Network>, ConfigError> {
    let line = line.trim_ascii();
    let end = line.iter().position(|byte| matches!(byte, b'#' | b';' | b' ' | b'\t'));
    let (entry, rest) = end.and_then(|end| line.split_at_checked(end)).unwrap_or((line, b""));
    if entry.is_empty() {
        return Ok(None);
    }
    let network = Network::parse(&String::from_utf8_lossy(entry))?.refuse_wide_in_plain_list()?;
    if !rest.is_empty() {
        refuse_second_value(rest)?;
    }
    Ok(Some(network))
}

/// Lists may say more of an entry, such as how many others have it: numbers and dates. Anything else says that the line
/// means something else: two addresses are a range, and `0.0.0.0 ads.example` is not about `0.0.0.0`.
fn refuse_second_value(rest: &[u8]) -> Result<(), ConfigError> {
    let fields = rest.split(|byte| matches!(byte, b' ' | b'\t')).filter(|field| !field.is_empty());
    for field in fields {
        if matches!(field, [b'#' | b';', ..]) {
            break;
        }
        let field = String::from_utf8_lossy(field);
        if !is_number(&field) && !is_time(&field) {
            let shown = if field.len() > 50 { "…" } else { &*field };
            return Err(ConfigError::new("field behind an address", shown).expected(
                "one address or network a line, and behind it numbers and times, or a comment after `#` or `;`",
            ));
        }
    }
    Ok(())
}

/// `9` or `37.5`.
fn is_number(field: &str) -> bool {
    is_made_of(field, ".") && field.matches('.').count() <= 1
}

/// `2026-01-01`, `12:00:07.5`, `2026-01-01T12:00:00+01:00`. No IPv6 address has so few colons, none of them together.
fn is_time(field: &str) -> bool {
    let has_fraction_of_seconds = field
        .split_once('.')
        .is_none_or(|(time, fraction)| time.contains(':') && !fraction.contains('.'));
    is_made_of(field, "-:TZ+.")
        && has_fraction_of_seconds
        && field.matches(':').count() <= 3
        && !field.contains("::")
}

/// Whether it begins with a digit, and has no other characters than digits and `others`.
fn is_made_of(field: &str, others: &str) -> bool {
    field.starts_with(|first: char| first.is_ascii_digit())
        && field.chars().all(|char| char.is_ascii_digit() || others.contains(char))
}
