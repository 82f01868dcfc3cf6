//! Figures and traces.

use super::{Part, Setting, setting};

pub(super) const OBSERVATION: &[Setting] = &[
    setting(
        Part::Observation,
        "METRICS",
        "on",
        "`on` or `off`",
        "Counts requests and refusals, and shows admins all figures at /metrics, as Prometheus reads them.",
    ),
    setting(
        Part::Observation,
        "METRICS_LISTEN_ADDR",
        "",
        "an address and a port, such as `127.0.0.1:9464`; port 0 takes a free one",
        "Shows /metrics there as well, and nothing else, to whoever reaches it: in plain HTTP and without a credential. For this machine or a private network.",
    ),
    setting(
        Part::Observation,
        "OTLP_ENDPOINT",
        "",
        "`http://host:port` or `https://host:port`, with a path where one is needed",
        "Sends a span of each request to this OpenTelemetry collector, by OTLP over HTTP; `/v1/traces` is added. Only in a build with the feature `otlp`; another one does not start with it. Unset: OTEL_EXPORTER_OTLP_ENDPOINT, else nowhere.",
    ),
    setting(
        Part::Observation,
        "OTLP_SAMPLE",
        "1",
        "0 to 1",
        "Which part of the traces that begin here is sent. Those that a proxy in TRUSTED_PROXIES began are sent as it says; who else names one in `traceparent` gets a link to it, and a trace of its own.",
    ),
    setting(
        Part::Observation,
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "as OTLP_ENDPOINT",
        "OpenTelemetry's name of OTLP_ENDPOINT. A build without the feature `otlp` takes no notice of it: it is often set for all programs of a machine.",
    ),
    setting(
        Part::Observation,
        "OTEL_SERVICE_NAME",
        "palisade-server",
        "a text",
        "What this server is called in traces.",
    ),
];
