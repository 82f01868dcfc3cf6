//! Streams that another implementation of the format sealed: tests/vectors/stream.py.

use palisade_vault::{Context, OpenError, StreamHeader, Vault};
use serde_json::Value;

use crate::{objects::sent, shake::Shake, stage::ring, vectors::hex};

const VECTORS: &str = include_str!("../vectors/stream.json");

/// What was sealed is drawn from the name.
fn drawn(name: &str, length: usize) -> Vec<u8> {
    let mut shake = Shake::default();
    shake.absorb(format!("value {name}").as_bytes());
    shake.squeeze(length)
}

fn vectors() -> Vec<Value> {
    serde_json::from_str(VECTORS).unwrap()
}

fn place(vector: &Value) -> Context<'_> {
    let part = |name: &str| vector["context"][name].as_str().unwrap();
    Context {
        tenant: part("tenant"),
        table: part("table"),
        column: part("column"),
        row: part("row"),
        purpose: part("purpose"),
        revision: vector["context"]["revision"].as_u64(),
    }
}

fn stored(vector: &Value) -> Vec<u8> {
    ["header", "chunks"].map(|name| hex(vector[name].as_str().unwrap())).concat()
}

fn keys(vector: &Value) -> Vault {
    Vault::new(ring(&format!("{}:{}", vector["version"], vector["kek"].as_str().unwrap())))
}

#[test]
fn what_another_implementation_sealed_opens_to_the_byte() {
    let mut seen = 0;
    for vector in vectors().iter().filter(|vector| vector["opens"] == true) {
        let name = vector["name"].as_str().unwrap();
        let length = vector["length"].as_u64().unwrap() as usize;
        let (read, ended) = sent(&keys(vector), &place(vector), &stored(vector));
        ended.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(read == drawn(name, length), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 7);
}

#[test]
fn c1_streams_that_are_made_wrongly_under_the_right_key_are_refused() {
    let mut seen = 0;
    for vector in vectors().iter().filter(|vector| vector["opens"] == false) {
        let name = vector["name"].as_str().unwrap();
        let (read, ended) = sent(&keys(vector), &place(vector), &stored(vector));
        let error = ended.expect_err(name);
        assert!(read.is_empty(), "{name}");
        let is_malformed = name.starts_with("chunks of two") || name.contains("an empty chunk");
        assert_eq!(matches!(error, OpenError::Malformed), is_malformed, "{name}: {error:?}");
        // But for sizes that no header may name, the header is good: it is the chunks that are refused.
        let header = StreamHeader::at_start_of(&stored(vector));
        let opened = keys(vector).open_stream_now(&place(vector), &header, 16);
        assert_eq!(opened.is_ok(), !name.starts_with("chunks of two"), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 9);
}
