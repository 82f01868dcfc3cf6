//! Counts what becomes of spans that are sent, and says when and why a collector does not take them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use palisade::core::{Clock, Moment};

use super::{client::Why, counts::Counts};

/// Failures are told so far apart.
const TOLD: Duration = Duration::from_mins(1);

/// Hands spans on, and counts them.
#[derive(Debug)]
pub(super) struct Exporter {
    inner: Otlp,
    counts: Arc<Counts>,
    why: Why,
    clock: Clock,
    told: Mutex<Option<Moment>>,
}

// === impl Exporter ===

impl Exporter {
    pub(super) fn new(inner: Otlp, counts: Arc<Counts>, why: Why) -> Self {
        Self { inner, counts, why, clock: Clock::system(), told: Mutex::default() }
    }

    fn tell(&self, error: &dyn std::error::Error) {
        // The library says "network error" of all that keeps it from an answer.
        let error = self.why.take().unwrap_or_else(|| error.to_string());
        let now = self.clock.now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| now.since(told) >= TOLD) {
            *told = Some(now);
            tracing::warn!(%error, "the collector does not take traces; the next minute this is not said again");
        }
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let result = self.inner.export(batch).await;
        match &result {
            Ok(()) => self.counts.exported(count),
            Err(error) => {
                self.tell(error);
                self.counts.failed(count);
            }
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
