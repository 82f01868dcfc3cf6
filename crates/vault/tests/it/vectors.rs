//! Values that another implementation of the format sealed: tests/vectors/sealed.py.

use palisade_vault::{Context, OpenError, Vault};
use serde_json::Value;

use crate::stage::ring;

const VECTORS: &str = include_str!("../vectors/sealed.json");

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digit = |char: &u8| char::from(*char).to_digit(16).unwrap() as u8;
    text.as_bytes().chunks(2).map(|pair| digit(&pair[0]) << 4 | digit(&pair[1])).collect()
}

#[test]
fn what_another_implementation_sealed_opens_to_the_byte() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 5);
    for vector in &vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let part = |name: &str| vector["context"][name].as_str().unwrap();
        let context = Context {
            tenant: part("tenant"),
            table: part("table"),
            column: part("column"),
            row: part("row"),
            purpose: part("purpose"),
            revision: vector["context"]["revision"].as_u64(),
        };
        assert_eq!(context.encoded(), hex(text("encoded")), "{}", text("name"));

        let vault = Vault::new(ring(&format!("{}:{}", vector["version"], text("kek"))));
        let sealed = hex(text("sealed")).into();
        let opened = vault.open_now(&context, &sealed).unwrap();
        assert_eq!(opened.expose(), hex(text("value")), "{}", text("name"));
        let elsewhere = Context { purpose: "another", ..context };
        assert!(matches!(vault.open_now(&elsewhere, &sealed), Err(OpenError::Tampered)));
    }
}
