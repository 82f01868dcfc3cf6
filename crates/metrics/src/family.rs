//! What a figure is called, what it means, and by what it is told apart.

/// Figures of one name, told apart by `N` labels. Made in a `const`, where a name that no reader would take stops the build.
///
/// ```
/// use palisade_metrics::Family;
///
/// const JOBS: Family<1> = Family::counter("jobs_total", "Jobs that were done.", ["queue"]);
/// const WAITING: Family<0> = Family::gauge("jobs_waiting", "Jobs that wait.", []);
/// ```
///
/// A name that is wrong does not build:
///
/// ```compile_fail
/// # use palisade_metrics::Family;
/// const JOBS: Family<0> = Family::counter("jobs-done_total", "Jobs that were done.", []);
/// # let _ = JOBS;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Family<const N: usize> {
    pub(crate) head: Head<N>,
}

/// Spread of figures over buckets, under one name, told apart by `N` labels. Made as a [`Family`] is.
#[derive(Clone, Copy, Debug)]
pub struct HistogramFamily<const N: usize> {
    pub(crate) head: Head<N>,
}

/// What stands above the figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<const N: usize> {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) kind: FamilyKind,
    pub(crate) labels: [&'static str; N],
}

/// What a reader may do with figures.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FamilyKind {
    /// Only grows, until the process ends.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
    /// Always 1: what is told stands in the labels.
    Info,
}

/// What no name of a gauge may end in: a reader would take it for a part of something else.
const ENDINGS: [&str; 6] = ["_total", "_sum", "_count", "_bucket", "_info", "_created"];

// === impl Family ===

impl<const N: usize> Family<N> {
    /// What only grows. The name ends in `_total`, behind the unit if there is one: `_seconds_total`, `_bytes_total`.
    ///
    /// # Panics
    ///
    /// At build, where it stands in a `const`: a name that does not end so, or that readers refuse, and labels that they refuse.
    #[must_use]
    pub const fn counter(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Self {
        assert!(ends_with(name, "_total"), "the name of a counter ends in `_total`");
        Self { head: Head::new(name, help, FamilyKind::Counter, labels) }
    }

    /// What goes up and down.
    ///
    /// # Panics
    ///
    /// As [`counter`](Self::counter), but for the end of the name: none that means a counter or a part of a histogram.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        assert!(!ends_as_a_part(name), "the name of a gauge does not end as that of a counter");
        Self { head: Head::new(name, help, FamilyKind::Gauge, labels) }
    }

    /// What is told by its labels alone, such as a version. The name ends in `_info`.
    ///
    /// # Panics
    ///
    /// As [`counter`](Self::counter), but for the end of the name.
    #[must_use]
    pub const fn info(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        assert!(ends_with(name, "_info"), "the name of an info ends in `_info`");
        Self { head: Head::new(name, help, FamilyKind::Info, labels) }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.head.name
    }
}

impl<const N: usize> HistogramFamily<N> {
    /// Counts by size. The name ends in the unit: `_seconds`, `_bytes`.
    ///
    /// # Panics
    ///
    /// As [`Family::gauge`]; and no label is called `le`.
    #[must_use]
    pub const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        assert!(!ends_as_a_part(name), "the name of a histogram does not end as that of a counter");
        let mut rest: &[&str] = &labels;
        while let [label, others @ ..] = rest {
            assert!(!same(label.as_bytes(), b"le"), "`le` is the histogram's own label");
            rest = others;
        }
        Self { head: Head::new(name, help, FamilyKind::Histogram, labels) }
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.head.name
    }
}

// === impl Head ===

impl<const N: usize> Head<N> {
    const fn new(
        name: &'static str,
        help: &'static str,
        kind: FamilyKind,
        labels: [&'static str; N],
    ) -> Self {
        assert!(is_name(name.as_bytes(), b":"), "a name is made of letters, digits, `_` and `:`");
        let mut rest: &[&str] = &labels;
        while let [label, others @ ..] = rest {
            assert!(is_name(label.as_bytes(), b""), "a label is made of letters, digits and `_`");
            assert!(!begins_with(label, "__"), "labels that begin with `__` are the reader's own");
            let mut twins = others;
            while let [other, more @ ..] = twins {
                assert!(!same(label.as_bytes(), other.as_bytes()), "a label stands there twice");
                twins = more;
            }
            rest = others;
        }
        Self { name, help, kind, labels }
    }

    /// The name without what its kind adds to it: what `OpenMetrics` calls the family.
    pub(crate) fn bare_name(&self) -> &'static str {
        let ending = match self.kind {
            FamilyKind::Counter => "_total",
            FamilyKind::Info => "_info",
            FamilyKind::Gauge | FamilyKind::Histogram => "",
        };
        self.name.strip_suffix(ending).unwrap_or(self.name)
    }
}

// === impl FamilyKind ===

impl FamilyKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }
}

// What stands below may be asked while the build runs, where hardly anything of the standard library may.

/// Letters, digits, `_` and these, the first one no digit (Prometheus data model, "Metric names and labels").
const fn is_name(name: &[u8], more: &[u8]) -> bool {
    let [first, rest @ ..] = name else { return false };
    let mut rest = rest;
    if first.is_ascii_digit() || !is_letter(*first, more) {
        return false;
    }
    while let [letter, others @ ..] = rest {
        if !is_letter(*letter, more) {
            return false;
        }
        rest = others;
    }
    true
}

const fn is_letter(letter: u8, more: &[u8]) -> bool {
    let mut more = more;
    while let [one, others @ ..] = more {
        if letter == *one {
            return true;
        }
        more = others;
    }
    letter.is_ascii_alphanumeric() || letter == b'_'
}

const fn ends_as_a_part(name: &str) -> bool {
    let mut endings: &[&str] = &ENDINGS;
    while let [ending, others @ ..] = endings {
        if ends_with(name, ending) {
            return true;
        }
        endings = others;
    }
    false
}

/// Whether there is something in front of `ending`, and nothing behind it.
const fn ends_with(name: &str, ending: &str) -> bool {
    let (name, ending) = (name.as_bytes(), ending.as_bytes());
    let Some(before) = name.len().checked_sub(ending.len()) else { return false };
    let Some((front, end)) = name.split_at_checked(before) else { return false };
    !front.is_empty() && same(end, ending)
}

const fn begins_with(name: &str, beginning: &str) -> bool {
    match name.as_bytes().split_at_checked(beginning.len()) {
        Some((front, _)) => same(front, beginning.as_bytes()),
        None => false,
    }
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    let (mut one, mut other) = (one, other);
    while let ([a, one_rest @ ..], [b, other_rest @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (one_rest, other_rest);
    }
    one.is_empty() && other.is_empty()
}
