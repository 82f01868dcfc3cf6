//! One span for each request, sent to an OpenTelemetry collector. Without the feature `otlp`, nothing of it is built.

#[cfg(feature = "otlp")]
mod client;
#[cfg(feature = "otlp")]
mod counts;
#[cfg(feature = "otlp")]
mod exporter;
#[cfg(feature = "otlp")]
mod making;
#[cfg(not(feature = "otlp"))]
mod off;
#[cfg(feature = "otlp")]
mod parent;
#[cfg(feature = "otlp")]
mod service;
#[cfg(feature = "otlp")]
mod span;
#[cfg(feature = "otlp")]
mod waiting;

#[cfg(feature = "otlp")]
pub(crate) use self::making::Traces;
#[cfg(not(feature = "otlp"))]
pub(crate) use self::off::Traces;
#[cfg(feature = "otlp")]
pub use self::parent::Parent;

/// What became of spans.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct TracesStatus {
    /// Made, of requests that were sampled.
    pub(crate) made: u64,
    /// Taken by the collector.
    pub(crate) exported: u64,
    /// Sent, and not taken.
    pub(crate) failed: u64,
    /// Not sent: too many waited.
    pub(crate) dropped: u64,
    /// Not sent yet, or being sent.
    pub(crate) waiting: u64,
}
