//! Where spans wait to be sent, and which of them have no room.

use std::{sync::Arc, time::Duration};

use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchSpanProcessor, Span, SpanData, SpanProcessor},
};

use super::counts::Counts;

/// Lets so many wait, and counts those that come beyond: the queue within drops them without a word.
#[derive(Debug)]
pub(super) struct Waiting {
    inner: BatchSpanProcessor,
    counts: Arc<Counts>,
    most: u64,
}

// === impl Waiting ===

impl Waiting {
    /// `most` must not be more than `inner` has room for.
    pub(super) fn new(inner: BatchSpanProcessor, counts: Arc<Counts>, most: usize) -> Self {
        Self { inner, counts, most: u64::try_from(most).unwrap_or(u64::MAX) }
    }
}

impl SpanProcessor for Waiting {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.counts.made(self.most) {
            self.inner.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
