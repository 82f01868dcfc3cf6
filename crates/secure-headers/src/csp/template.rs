//! A header's text, split around the nonce once, so that an answer costs one copy.

use bytes::Bytes;
use http::HeaderValue;

use super::{Csp, Source};
use crate::CspNonce;

/// The text before the first nonce, and what follows each nonce.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    first: Box<str>,
    rest: Vec<Box<str>>,
    length: usize,
}

impl Template {
    pub(crate) fn of(csp: &Csp) -> Self {
        let mut pieces = vec![String::new()];
        for (nth, (directive, sources)) in csp.directives().enumerate() {
            push(&mut pieces, if nth == 0 { "" } else { "; " });
            push(&mut pieces, directive.as_str());
            for source in sources {
                push(&mut pieces, " ");
                if *source == Source::NONCE {
                    push(&mut pieces, "'nonce-");
                    pieces.push(String::from("'"));
                } else {
                    push(&mut pieces, source.as_str());
                }
            }
        }
        Self::joining(pieces)
    }

    /// A text without a nonce.
    pub(crate) fn plain(text: String) -> Self {
        Self::joining(vec![text])
    }

    pub(crate) fn uses_nonce(&self) -> bool {
        !self.rest.is_empty()
    }

    /// The text, where there is no nonce in it.
    pub(crate) fn text(&self) -> Option<&str> {
        self.rest.is_empty().then_some(&*self.first)
    }

    /// Writes the value: one allocation, no reference count that another thread writes too.
    ///
    /// Sources are visible ASCII, so this is a value; if one ever were not, the answer allows nothing.
    pub(crate) fn value(&self, nonce: impl FnOnce() -> CspNonce) -> HeaderValue {
        let mut text = Vec::with_capacity(self.length);
        text.extend_from_slice(self.first.as_bytes());
        if self.uses_nonce() {
            let nonce = nonce();
            for piece in &self.rest {
                text.extend_from_slice(nonce.as_bytes());
                text.extend_from_slice(piece.as_bytes());
            }
        }
        HeaderValue::from_maybe_shared(Bytes::from(text))
            .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
    }

    fn joining(pieces: Vec<String>) -> Self {
        let nonces = pieces.len().saturating_sub(1);
        let drawn = nonces.saturating_mul(size_of::<CspNonce>());
        let length = pieces.iter().map(String::len).fold(drawn, usize::saturating_add);
        let mut pieces = pieces.into_iter().map(String::into_boxed_str);
        Self { first: pieces.next().unwrap_or_default(), rest: pieces.collect(), length }
    }
}

fn push(pieces: &mut [String], text: &str) {
    if let Some(piece) = pieces.last_mut() {
        piece.push_str(text);
    }
}
