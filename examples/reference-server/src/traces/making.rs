//! Where spans are made, and how they leave.

use std::{sync::Arc, time::Duration};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::{
    Resource,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanLimits,
    },
};
use palisade::{client_ip::TrustedNetworks, core::Clock};

use super::{
    TracesStatus,
    client::{Client, PATIENCE, Why},
    counts::Counts,
    exporter::Exporter,
    service::Traced,
    waiting::Waiting,
};
use crate::{Settings, app::StartError, settings::TraceSettings};

/// Spans that wait to be sent, those included that are being sent; those that come beyond are dropped. About a kilobyte each.
const WAITING: usize = 4096;
/// Spans that are sent in one go.
const BATCH: usize = 512;
/// How long a span waits for others to go with it.
const DELAY: Duration = Duration::from_secs(1);
/// How long the end of the server waits for what is not sent.
const GOODBYE: Duration = Duration::from_secs(2);

/// Makes a span of each request that is sampled; nothing where no collector is named. Clones are handles of the same.
#[derive(Clone, Debug)]
pub(crate) struct Traces(Option<Arc<Making>>);

/// What making spans takes.
#[derive(Debug)]
pub(super) struct Making {
    pub(super) tracer: SdkTracer,
    /// Whose word about the trace is taken.
    pub(super) trusted: Option<TrustedNetworks>,
    pub(super) clock: Clock,
    counts: Arc<Counts>,
    provider: SdkTracerProvider,
}

// === impl Traces ===

impl Traces {
    /// Begins, where `settings` name a collector. It need not be there. Within a runtime.
    ///
    /// # Errors
    ///
    /// An address that is none.
    pub(crate) fn start(settings: &Settings) -> Result<Self, StartError> {
        let Some(traces) = &settings.traces else { return Ok(Self(None)) };
        let counts = Arc::new(Counts::default());
        let provider = provider(traces, &counts)?;
        let making = Making {
            tracer: provider.tracer("palisade"),
            trusted: settings.trusted_proxies.clone(),
            clock: Clock::system(),
            counts,
            provider,
        };
        Ok(Self(Some(Arc::new(making))))
    }

    /// Makes a span of each request that `service` is asked. For the outermost place.
    pub(crate) fn around<S>(&self, service: S) -> Traced<S> {
        Traced::new(service, self.0.clone())
    }

    /// What became of spans.
    pub(crate) fn status(&self) -> Option<TracesStatus> {
        Some(*self.0.as_ref()?.counts.status())
    }

    /// Sends what waits, for a moment at most.
    pub(crate) async fn end(&self) {
        let Some(making) = self.0.clone() else { return };
        let ending = tokio::task::spawn_blocking(move || {
            making.provider.shutdown_with_timeout(GOODBYE).is_err()
        });
        if ending.await.unwrap_or(true) {
            tracing::warn!("some traces were not sent");
        }
    }
}

fn provider(
    settings: &TraceSettings,
    counts: &Arc<Counts>,
) -> Result<SdkTracerProvider, StartError> {
    let why = Why::default();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new(why.clone())?)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(settings.endpoint.as_str())
        .with_timeout(PATIENCE)
        // What fails is counted and gone: to try again keeps those waiting that came since.
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(WAITING)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(DELAY)
        .build();
    let exporter = Exporter::new(exporter, Arc::clone(counts), why);
    let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
    let resource = Resource::builder_empty()
        .with_service_name(settings.service_name.clone())
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let root = Sampler::TraceIdRatioBased(settings.sample);
    Ok(SdkTracerProvider::builder()
        .with_span_processor(Waiting::new(batches, Arc::clone(counts), WAITING))
        .with_sampler(Sampler::ParentBased(Box::new(root)))
        .with_span_limits(SpanLimits::default())
        .with_resource(resource)
        .build())
}
