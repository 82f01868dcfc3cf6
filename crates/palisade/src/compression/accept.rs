//! `Accept-Encoding` (RFC 9110 section 12.5.3): the coding that a client wants most.

use http::{HeaderMap, HeaderValue, header};
use palisade_core::header::lines;

/// A coding that is ours to make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

/// How much a client wants something, in thousandths (RFC 9110 section 12.4.2).
type Weight = u16;

/// What a client says of the codings that are ours, of none at all, and of any other.
#[derive(Default)]
struct Said {
    gzip: Option<Weight>,
    brotli: Option<Weight>,
    zstd: Option<Weight>,
    identity: Option<Weight>,
    any: Option<Weight>,
}

/// Programs send 30 bytes. What stands behind this many is not read.
const READ: usize = 1024;

/// The coding of ours that a client wants most, and more than none: of several, zstd, which takes the least time, then brotli.
/// `None` also where it wants nothing that we have: a plain answer is then better than none.
pub(crate) fn preferred(headers: &HeaderMap) -> Option<Coding> {
    let said = Said::read(headers);
    let weight = |coding: Coding| said.weight(coding);
    // Of equals, the last.
    let best = Coding::ALL.into_iter().max_by_key(|coding| weight(*coding))?;
    let best_weight = weight(best);
    (best_weight > 0 && best_weight >= said.identity.unwrap_or(0)).then_some(best)
}

// === impl Coding ===

impl Coding {
    /// By the server's preference, the least one first.
    const ALL: [Self; 3] = [Self::Gzip, Self::Brotli, Self::Zstd];

    /// As it stands in `Content-Encoding`.
    pub(crate) fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        })
    }
}

// === impl Said ===

impl Said {
    fn read(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        let mut left = READ;
        for line in lines(headers, &header::ACCEPT_ENCODING) {
            let line = line.as_bytes();
            let read = line.get(..left).map_or(line, whole_elements);
            left = left.saturating_sub(line.len());
            read.split(|byte| *byte == b',').for_each(|element| said.note(element));
        }
        said
    }

    /// Of two words about one coding, the one that wants it less.
    fn note(&mut self, element: &[u8]) {
        let mut parts = element.splitn(2, |byte| *byte == b';');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let weight = parts.next().map_or(1000, |weight| read_weight(weight.trim_ascii()));
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let place = if is("gzip") || is("x-gzip") {
            &mut self.gzip
        } else if is("br") {
            &mut self.brotli
        } else if is("zstd") {
            &mut self.zstd
        } else if is("identity") {
            &mut self.identity
        } else if is("*") {
            &mut self.any
        } else {
            return;
        };
        *place = Some(place.map_or(weight, |known| known.min(weight)));
    }

    fn weight(&self, coding: Coding) -> Weight {
        let own = match coding {
            Coding::Gzip => self.gzip,
            Coding::Brotli => self.brotli,
            Coding::Zstd => self.zstd,
        };
        own.or(self.any).unwrap_or(0)
    }
}

/// What stands before the last comma: half an element could say the opposite of the whole.
fn whole_elements(cut: &[u8]) -> &[u8] {
    let end = cut.iter().rposition(|byte| *byte == b',').unwrap_or(0);
    cut.get(..end).unwrap_or_default()
}

/// `q=0.5` is 500. What is no weight is none: the client may mean anything, and can read a plain answer.
fn read_weight(text: &[u8]) -> Weight {
    let [b'q' | b'Q', b'=', whole, rest @ ..] = text else { return 0 };
    let digits = match rest {
        [] => rest,
        [b'.', digits @ ..] if digits.len() <= 3 => digits,
        _ => return 0,
    };
    match whole {
        b'1' if digits.iter().all(|digit| *digit == b'0') => 1000,
        b'0' if digits.iter().all(u8::is_ascii_digit) => {
            let places = digits.iter().zip([100_u16, 10, 1]);
            let parts = places
                .map(|(digit, place)| u16::from(digit.saturating_sub(b'0')).saturating_mul(place));
            parts.fold(0, u16::saturating_add)
        }
        _ => 0,
    }
}
