//! Which way a reader wants its figures.

use http::{HeaderMap, HeaderValue, header};
use palisade_metrics::Format;

fn check(accept: &[&str], expected: Format) {
    let mut headers = HeaderMap::new();
    for accept in accept {
        headers.append(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
    }
    assert_eq!(Format::wanted(&headers), expected, "{accept:?}");
}

#[test]
fn openmetrics_is_sent_to_who_asks_for_it_and_text_to_everybody_else() {
    let (text, open) = (Format::Text, Format::OpenMetrics);
    check(&[], text);
    check(&["*/*"], text);
    check(&["text/html"], text);
    check(&["application/openmetrics-text"], open);
    check(&["application/openmetrics-text; version=1.0.0; charset=utf-8"], open);
    check(&["application/openmetrics-text;version=0.0.1"], text);
    check(&["application/openmetrics-text;version=2.0.0"], text);
    check(&["APPLICATION/OpenMetrics-Text;VERSION=\"1.0.0\""], open);
    check(&["text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.5"], text);
    check(&["text/plain;q=0.5", "application/openmetrics-text;q=0.5"], open);
    check(&["application/openmetrics-text;q=0"], text);
    check(&["application/openmetrics-text;q=nonsense"], text);
    check(&[&format!("{}application/openmetrics-text", "x,".repeat(4000))], text);
}

#[test]
fn prometheus_3_gets_openmetrics_and_an_old_one_text() {
    // What Prometheus 3.x sends where no protobuf is wanted.
    check(
        &[
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        ],
        Format::OpenMetrics,
    );
    check(&["text/plain;version=0.0.4;q=1,*/*;q=0.1"], Format::Text);
}
