//! Where traces go, and how many.

use http::Uri;

use super::reader::Reader;

/// Where traces go, and how many.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the server is nobody's dependency")]
pub struct TraceSettings {
    /// The collector's address for traces.
    pub endpoint: String,
    /// Which part of the traces that begin here is sent: 0 to 1.
    pub sample: f64,
    /// What this server is called there.
    pub service_name: String,
}

/// Where a collector takes traces (OTLP 1.9, "OTLP/HTTP Request").
const PATH: &str = "/v1/traces";

/// Reads them; none where no collector is named.
pub(super) fn traces(reader: &mut Reader<'_>) -> Option<TraceSettings> {
    let own = reader.parse("OTLP_ENDPOINT", None, |text| endpoint(text).map(Some));
    let sample = reader.parse("OTLP_SAMPLE", 1.0, sample);
    let service_name = reader.text("OTEL_SERVICE_NAME").unwrap_or_default().to_owned();
    if cfg!(not(feature = "otlp")) {
        if reader.is_given("OTLP_ENDPOINT") {
            reader.wrong(
                "OTLP_ENDPOINT",
                "this build sends no traces: build it with `--features otlp`, or leave it out",
            );
        }
        return None;
    }
    let usual = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let other = reader.parse(usual, None, |text| endpoint(text).map(Some));
    let Some(endpoint) = own.or(other) else {
        let is_mistaken = reader.is_mistaken("OTLP_ENDPOINT") || reader.is_mistaken(usual);
        if reader.is_given("OTLP_SAMPLE") && !is_mistaken {
            reader.wrong("OTLP_SAMPLE", "needs OTLP_ENDPOINT: no traces are sent");
        }
        return None;
    };
    Some(TraceSettings { endpoint, sample, service_name })
}

fn endpoint(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_web || uri.authority()?.as_str().contains('@') || uri.query().is_some() {
        return None;
    }
    let base = text.trim_end_matches('/');
    Some(if base.ends_with(PATH) { base.to_owned() } else { format!("{base}{PATH}") })
}

fn sample(text: &str) -> Option<f64> {
    text.parse().ok().filter(|part| (0.0..=1.0).contains(part))
}
