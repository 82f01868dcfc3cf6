//! Which codings an answer may be compressed with.

use std::fmt;

use http::{HeaderMap, Response, header, request};
use palisade_core::{Policy, SecurityContext, Verdict};
use tower_http::compression::{
    CompressionLayer,
    predicate::{DefaultPredicate, Predicate},
};

/// Whether answers are compressed. Streams, images, small and already coded bodies never are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "either something may be coded or nothing is")]
pub enum Compression {
    /// As the client prefers among brotli, zstd and gzip.
    #[default]
    ClientsChoice,
    /// Never: a proxy in front does it.
    Never,
}

/// Says which answers are worth compressing.
#[derive(Clone)]
pub struct CompressionPredicate {
    compression: Compression,
    usual: DefaultPredicate,
}

/// Takes an `Accept-Encoding` away that forbids to answer at all: an uncoded answer, and every coding of ours.
///
/// RFC 9110 section 12.5.3 asks to answer without a coding then. The compressing layer would answer 406, but only after
/// the handler ran: a deed that is done, and a client that reads that it was not.
#[derive(Clone, Copy, Debug)]
pub struct CodingsPolicy;

// === impl Compression ===

impl Compression {
    pub(crate) fn layer(self) -> CompressionLayer<CompressionPredicate> {
        let worth = CompressionPredicate { compression: self, usual: DefaultPredicate::new() };
        CompressionLayer::new().compress_when(worth)
    }
}

// === impl CompressionPredicate ===

impl fmt::Debug for CompressionPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CompressionPredicate").field(&self.compression).finish()
    }
}

impl Predicate for CompressionPredicate {
    fn should_compress<B: http_body::Body>(&self, answer: &Response<B>) -> bool {
        self.compression == Compression::ClientsChoice && self.usual.should_compress(answer)
    }
}

// === impl CodingsPolicy ===

impl Policy for CodingsPolicy {
    fn name(&self) -> &'static str {
        "codings"
    }

    fn check(&self, head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        if forbids_all(&head.headers) {
            head.headers.remove(header::ACCEPT_ENCODING);
        }
        Verdict::Pass
    }
}

fn forbids_all(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING);
    let members = || lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    members().any(|member| quality(member).is_none_or(|quality| !quality))
        && !members().any(|member| is_ours(member) && quality(member) == Some(true))
}

fn is_ours(member: &[u8]) -> bool {
    let coding = member.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    [&b"br"[..], b"zstd", b"gzip", b"x-gzip"].iter().any(|own| coding.eq_ignore_ascii_case(own))
}

/// Whether a coding is wanted by its quality (RFC 9110 section 12.4.2): `None` if that is not well formed.
fn quality(member: &[u8]) -> Option<bool> {
    let mut parts = member.split(|byte| *byte == b';').skip(1);
    let Some(parameter) = parts.next() else { return Some(true) };
    let value = parameter.trim_ascii();
    let value = value.strip_prefix(b"q=").or_else(|| value.strip_prefix(b"Q="))?;
    let well_formed = parts.next().is_none() && (1..=5).contains(&value.len());
    match value.split_first()? {
        (b'1', rest) if well_formed && matches!(rest, [] | [b'.', ..]) => {
            rest.iter().skip(1).all(|digit| *digit == b'0').then_some(true)
        }
        (b'0', rest) if well_formed && matches!(rest, [] | [b'.', ..]) => {
            let digits = rest.get(1..).unwrap_or_default();
            let wanted = digits.iter().any(|digit| *digit != b'0');
            digits.iter().all(u8::is_ascii_digit).then_some(wanted)
        }
        _ => None,
    }
}
