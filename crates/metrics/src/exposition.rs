//! Figures written down, as Prometheus and `OpenMetrics` read them.

use std::{collections::HashSet, fmt::Write as _};

use crate::{Family, FamilyKind, Format, HistogramFamily, Value, family::Head};

/// A page of figures, in the making.
///
/// What readers refuse cannot be written: names are checked at build, values of labels escaped, each family stands there once with
/// all of its figures, and each figure once.
///
/// ```
/// use palisade_metrics::{Exposition, Family, Format};
///
/// const JOBS: Family<1> = Family::counter("jobs_total", "Jobs that were done.", ["queue"]);
///
/// let mut page = Exposition::new(Format::Text);
/// page.family(&JOBS).add(["mail"], 17_u64).add(["say \"hi\""], 2_u64);
/// assert_eq!(
///     page.finish(),
///     concat!(
///         "# HELP jobs_total Jobs that were done.\n",
///         "# TYPE jobs_total counter\n",
///         "jobs_total{queue=\"mail\"} 17\n",
///         "jobs_total{queue=\"say \\\"hi\\\"\"} 2\n",
///     )
/// );
/// ```
#[derive(Debug)]
pub struct Exposition {
    format: Format,
    text: String,
    families: Vec<Described>,
    /// The bare names of families that are written.
    known: HashSet<&'static str>,
}

/// A family that is on a page.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Described {
    /// Its name, as it stands in Prometheus.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// What it is.
    pub kind: FamilyKind,
    /// By what its figures are told apart.
    pub labels: Vec<&'static str>,
}

/// Writes the figures of one family.
#[derive(Debug)]
pub struct Samples<'a, const N: usize> {
    lines: Lines<'a, N>,
}

/// Writes the figures of one histogram.
#[derive(Debug)]
pub struct Histograms<'a, const N: usize> {
    lines: Lines<'a, N>,
}

/// How figures were spread.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "made by whoever counts")]
pub struct Spread<'a> {
    /// The upper bounds of the buckets, ascending, without the infinite one.
    pub bounds: &'a [f64],
    /// How many figures fell into each bucket and no lower one; what stands behind the last bound counts as above all.
    pub counts: &'a [u64],
    /// All figures added up.
    pub sum: f64,
}

#[derive(Debug)]
struct Lines<'a, const N: usize> {
    /// None where the family was there before.
    text: Option<&'a mut String>,
    head: Head<N>,
    /// The labels of figures that are written.
    seen: HashSet<String>,
}

// === impl Exposition ===

impl Exposition {
    /// An empty page.
    #[must_use]
    pub fn new(format: Format) -> Self {
        // As long as a server's page is.
        let text = String::with_capacity(32 << 10);
        Self { format, text, families: Vec::new(), known: HashSet::new() }
    }

    /// Begins a family. One that was on the page before is left out, figures and all: a page with two would be refused as a
    /// whole.
    pub fn family<const N: usize>(&mut self, family: &Family<N>) -> Samples<'_, N> {
        Samples { lines: self.begin(family.head) }
    }

    /// Begins a histogram, as [`family`](Self::family) does.
    pub fn histogram<const N: usize>(&mut self, family: &HistogramFamily<N>) -> Histograms<'_, N> {
        Histograms { lines: self.begin(family.head) }
    }

    /// What is on the page so far, family by family, those without figures included.
    #[must_use]
    pub fn families(&self) -> &[Described] {
        &self.families
    }

    /// The page.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }

    fn begin<const N: usize>(&mut self, head: Head<N>) -> Lines<'_, N> {
        let seen = HashSet::new();
        if !self.known.insert(head.bare_name()) {
            return Lines { text: None, head, seen };
        }
        let Head { name, help, kind, labels } = head;
        self.families.push(Described { name, help, kind, labels: labels.to_vec() });
        let (name, kind) = match (self.format, kind) {
            (Format::OpenMetrics, kind) => (head.bare_name(), kind),
            // It knows no such kind.
            (Format::Text, FamilyKind::Info) => (name, FamilyKind::Gauge),
            (Format::Text, kind) => (name, kind),
        };
        let text = &mut self.text;
        text.push_str("# HELP ");
        text.push_str(name);
        text.push(' ');
        escape(text, help, Quotes::of_help(self.format));
        // Writing into a text does not fail.
        let _infallible = writeln!(text, "\n# TYPE {name} {}", kind.as_str());
        if self.format == Format::OpenMetrics
            && let Some(unit) = unit(name)
        {
            let _infallible = writeln!(text, "# UNIT {name} {unit}");
        }
        Lines { text: Some(text), head, seen }
    }
}

// === impl Samples ===

impl<const N: usize> Samples<'_, N> {
    /// Writes one figure. A second one with the same labels is left out. A counter that would be negative, or no number, is 0,
    /// and an info is 1.
    pub fn add(&mut self, labels: [&str; N], value: impl Into<Value>) -> &mut Self {
        let value = match self.lines.head.kind {
            FamilyKind::Counter => value.into().of_a_counter(),
            FamilyKind::Info => Value::Whole(1),
            FamilyKind::Gauge | FamilyKind::Histogram => value.into(),
        };
        if let Some(labels) = self.lines.labels(labels) {
            self.lines.line("", &labels, None, value);
        }
        self
    }
}

// === impl Histograms ===

impl<const N: usize> Histograms<'_, N> {
    /// Writes one histogram: its buckets, each with all that is below, the sum and the count. A second one with the same
    /// labels is left out. A bound that is no number, or not above the one before, is no bucket of its own.
    pub fn add(&mut self, labels: [&str; N], spread: Spread<'_>) -> &mut Self {
        let Some(labels) = self.lines.labels(labels) else { return self };
        let (mut below, mut last) = (0_u64, f64::NEG_INFINITY);
        for (bound, count) in spread.bounds.iter().zip(spread.counts) {
            below = below.saturating_add(*count);
            if *bound > last && bound.is_finite() {
                self.lines.line("_bucket", &labels, Some(*bound), Value::Whole(below));
                last = *bound;
            }
        }
        let above = spread.counts.iter().skip(spread.bounds.len());
        let count = above.fold(below, |count, more| count.saturating_add(*more));
        self.lines.line("_bucket", &labels, Some(f64::INFINITY), Value::Whole(count));
        self.lines.line("_sum", &labels, None, Value::Real(spread.sum));
        self.lines.line("_count", &labels, None, Value::Whole(count));
        self
    }
}

// === impl Lines ===

impl<const N: usize> Lines<'_, N> {
    /// The labels as they are written, without the braces; none if they were written before.
    fn labels(&mut self, values: [&str; N]) -> Option<String> {
        let mut labels = String::new();
        for (name, value) in self.head.labels.iter().zip(values) {
            if !labels.is_empty() {
                labels.push(',');
            }
            labels.push_str(name);
            labels.push_str("=\"");
            escape(&mut labels, value, Quotes::Escaped);
            labels.push('"');
        }
        self.seen.insert(labels.clone()).then_some(labels)
    }

    fn line(&mut self, part: &str, labels: &str, bound: Option<f64>, value: Value) {
        let Some(text) = self.text.as_deref_mut() else { return };
        text.push_str(self.head.name);
        text.push_str(part);
        if !labels.is_empty() || bound.is_some() {
            text.push('{');
            text.push_str(labels);
            if let Some(bound) = bound {
                text.push_str(if labels.is_empty() { "le=\"" } else { ",le=\"" });
                Value::Real(bound).write(text);
                text.push('"');
            }
            text.push('}');
        }
        text.push(' ');
        value.write(text);
        text.push('\n');
    }
}

/// The unit that a name ends in: one must stand there for it to be told (`OpenMetrics` 1.0, "Unit").
fn unit(name: &str) -> Option<&'static str> {
    ["seconds", "bytes"]
        .into_iter()
        .find(|unit| name.strip_suffix(unit).is_some_and(|before| before.ends_with('_')))
}

/// What becomes of quotes in a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Quotes {
    Kept,
    Escaped,
}

impl Quotes {
    /// `OpenMetrics` escapes them in what a family means, Prometheus' format knows no such escape there.
    fn of_help(format: Format) -> Self {
        match format {
            Format::Text => Self::Kept,
            Format::OpenMetrics => Self::Escaped,
        }
    }
}

/// Writes `text` so that it stays on its line, and within its quotes.
fn escape(into: &mut String, text: &str, quotes: Quotes) {
    for char in text.chars() {
        match char {
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '"' if quotes == Quotes::Escaped => into.push_str("\\\""),
            // Who reads line by line may take it for an end: no label of ours needs one.
            '\r' => into.push(' '),
            other => into.push(other),
        }
    }
}
