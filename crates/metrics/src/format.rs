//! How figures are written, and which way a reader wants.

use http::{HeaderMap, HeaderValue, header};

/// How figures are written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Format {
    /// Prometheus' text format 0.0.4: every reader understands it.
    #[default]
    Text,
    /// `OpenMetrics` 1.0, text.
    OpenMetrics,
}

/// So much of `Accept` is looked at: Prometheus sends some 300 bytes.
const LONGEST: usize = 4096;

// === impl Format ===

impl Format {
    /// What a request with these headers wants: `OpenMetrics` 1.0 where `Accept` says so and likes plain text no better, else
    /// [`Text`](Self::Text), whatever it asks for: a reader that gets figures in another way than it liked is better off than one
    /// that gets none.
    #[must_use]
    pub fn wanted(headers: &HeaderMap) -> Self {
        let (mut text, mut open) = (0, 0);
        let accepts = headers.get_all(header::ACCEPT).iter();
        let accepts = accepts.filter_map(|accept| accept.to_str().ok());
        let ranges =
            accepts.filter(|accept| accept.len() <= LONGEST).flat_map(|accept| accept.split(','));
        for range in ranges {
            let Range { media, version, quality } = Range::read(range);
            if is(media, "application/openmetrics-text") && matches!(version, None | Some("1.0.0"))
            {
                open = open.max(quality);
            } else if is(media, "text/plain") && matches!(version, None | Some("0.0.4")) {
                text = text.max(quality);
            }
        }
        if open > 0 && open >= text { Self::OpenMetrics } else { Self::Text }
    }

    /// The `Content-Type` of an answer.
    #[must_use]
    pub const fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        })
    }
}

/// One part of `Accept` (RFC 9110 section 12.5.1).
struct Range<'a> {
    media: &'a str,
    version: Option<&'a str>,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let mut range = Self { media, version: None, quality: 1000 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let (name, value) = (name.trim(), value.trim().trim_matches('"'));
            if is(name, "version") {
                range.version = Some(value);
            } else if is(name, "q") {
                range.quality = thousandths(value);
            }
        }
        range
    }
}

fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

/// `0.5` is 500; what is no quality is 0 (RFC 9110 section 12.4.2).
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    match whole {
        "1" => 1000,
        "0" => format!("{fraction:0<3}").parse().unwrap_or_default(),
        _ => 0,
    }
}
