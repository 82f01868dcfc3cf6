//! Which answers may be coded at all: by what they are, whoever asks.

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body::Body;
use palisade_core::header::{find, lines};

/// Whether an answer may be coded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum MayBeCoded {
    Yes,
    No,
}

/// What of an answer is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Whole,
    /// To HEAD.
    HeadersAlone,
}

/// From so many bytes on there is something to gain.
const SMALLEST: u64 = 256;

/// Kinds that are text under other names (RFC 9110 section 8.3.1). What is not known to be text is not coded: nearly all of it is
/// compressed in its own way, or encrypted.
const TEXTS: [&str; 14] = [
    "application/json",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "application/xml",
    "application/wasm",
    "application/yaml",
    "application/toml",
    "application/sql",
    "application/rtf",
    "application/graphql",
    "application/x-www-form-urlencoded",
    "font/ttf",
    "font/otf",
];

/// Texts that have no end: each line is news.
const STREAMS: [&str; 2] = ["text/event-stream", "application/stream+json"];

/// Whether an answer may be coded. That to HEAD has no content, only the length of what GET would get.
pub(crate) fn may_be_coded<B: Body>(answer: &Response<B>, part: Part) -> MayBeCoded {
    let headers = answer.headers();
    let may = is_long_enough(answer, part)
        && is_whole(answer.status())
        && find(headers, &header::CONTENT_TYPE).is_some_and(is_text)
        && !is_bound_to_its_bytes(headers)
        && !lines(headers, &header::CACHE_CONTROL).any(|line| has(line, "no-transform"));
    if may { MayBeCoded::Yes } else { MayBeCoded::No }
}

fn is_long_enough<B: Body>(answer: &Response<B>, part: Part) -> bool {
    let told = || {
        let told = find(answer.headers(), &header::CONTENT_LENGTH)?;
        told.to_str().ok()?.parse().ok()
    };
    if part == Part::HeadersAlone {
        // Its length is not always known without making it, and then GET is coded. An empty body says nothing.
        let made = || answer.body().size_hint().exact().filter(|length| *length > 0);
        return told().or_else(made).is_none_or(|length| length >= SMALLEST);
    }
    answer.body().size_hint().exact().or_else(told).is_none_or(|length| length >= SMALLEST)
}

/// Has content, and all of it: what is coded in pieces cannot be put together (RFC 9110 section 14.1.2), with one part (`Content-Range`) or
/// many (`multipart/byteranges`).
fn is_whole(status: StatusCode) -> bool {
    !status.is_informational()
        && !matches!(
            status,
            StatusCode::NO_CONTENT
                | StatusCode::RESET_CONTENT
                | StatusCode::PARTIAL_CONTENT
                | StatusCode::NOT_MODIFIED
        )
}

fn is_text(kind: &HeaderValue) -> bool {
    let kind = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is = |known: &&str| kind.eq_ignore_ascii_case(known.as_bytes());
    let begins = |start: &str| {
        kind.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start.as_bytes()))
    };
    let ends = |end: &str| {
        let start = kind.len().checked_sub(end.len());
        start
            .and_then(|start| kind.get(start..))
            .is_some_and(|own| own.eq_ignore_ascii_case(end.as_bytes()))
    };
    // `application/grpc+json` is framed, and gRPC has a coding of its own.
    if begins("application/grpc") || STREAMS.iter().any(is) {
        return false;
    }
    begins("text/") || ends("+json") || ends("+xml") || TEXTS.iter().any(is)
}

/// Coded already; a part; or summed up or signed by who made it. Both digests are of the coded bytes (RFC 9530 sections 2 and 3).
fn is_bound_to_its_bytes(headers: &HeaderMap) -> bool {
    let (mut names, binds) = (headers.keys(), |name: &str| {
        matches!(
            name,
            "content-encoding"
                | "content-range"
                | "content-digest"
                | "repr-digest"
                | "digest"
                | "content-md5"
                | "signature-input"
        )
    });
    names.any(|name| binds(name.as_str()))
}

/// Whether a list has this directive, in any case, with or without an argument.
pub(crate) fn has(list: &HeaderValue, directive: &str) -> bool {
    list.as_bytes().split(|byte| *byte == b',').any(|element| {
        let name = element.split(|byte| *byte == b'=').next().unwrap_or_default();
        name.trim_ascii().eq_ignore_ascii_case(directive.as_bytes())
    })
}
