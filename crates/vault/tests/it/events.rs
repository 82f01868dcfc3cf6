//! What the security log is told.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use palisade_vault::{
    Context, DataKey, KeyProvider, KeyVersion, ProviderError, ProviderFuture, Vault, Wrapped,
};
use serde_json::{Value, json};

use crate::stage::{PLACE, key_text, ring, vault};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The events that `done` causes.
pub(crate) fn told(done: impl FnOnce()) -> Vec<Value> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, done);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_is_not_opened_is_an_error_in_the_security_log_with_its_place() {
    let vault = vault(&[1]);
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    let elsewhere = Context { row: "43", revision: None, ..PLACE };
    let events = told(|| drop(vault.open_now(&elsewhere, &sealed)));
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (&event["level"], &event["target"]),
        (&json!("ERROR"), &json!("palisade::security"))
    );
    let expected = json!({
        "message": "a sealed value was not opened", "event": "vault.refused", "outcome": "tampered",
        "tenant": "acme", "table": "customers", "column": "iban", "row": "43", "purpose": "payout",
        "key_version": 1,
    });
    assert_eq!(event["fields"], expected);
}

#[test]
fn each_reason_has_a_name_and_rewrapping_tells_too() {
    let (one, two) = (key_text(), key_text());
    let sealed = Vault::new(ring(&format!("1:{one}"))).seal_now(&PLACE, b"value").unwrap();
    let check = |keys: &str, sealed: &[u8], outcome: &str, version: Value| {
        let vault = Vault::new(ring(keys));
        let events = told(|| {
            drop(vault.open_now(&PLACE, &sealed.into()));
            drop(vault.rewrap_now(&PLACE, &sealed.into()));
            drop(vault.reseal_now(&PLACE, &sealed.into()));
        });
        assert_eq!(events.len(), 3);
        for event in &events {
            assert_eq!(event["fields"]["outcome"], outcome);
            assert_eq!(event["fields"]["key_version"], version);
            assert_eq!(event["fields"]["revision"], 7);
        }
    };
    let bytes = sealed.as_bytes();
    check(&format!("2:{two}"), bytes, "unknown-key", json!(1));
    check(&format!("2:{two},minimum=2"), bytes, "below-minimum", json!(1));
    check(&format!("1:{two}"), bytes, "tampered", json!(1));
    check(&format!("1:{one}"), b"value", "malformed", Value::Null);
}

/// Does not answer.
struct Down;

impl KeyProvider for Down {
    fn primary(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    fn wrap_key<'a>(&'a self, _: &'a DataKey, _: &'a Context<'a>) -> ProviderFuture<'a, Wrapped> {
        Box::pin(async { Err(ProviderError::unavailable("no route to host")) })
    }

    fn unwrap_key<'a>(
        &'a self,
        _: KeyVersion,
        _: &'a [u8],
        _: &'a Context<'a>,
    ) -> ProviderFuture<'a, DataKey> {
        Box::pin(async { Err(ProviderError::unavailable("no route to host")) })
    }
}

#[test]
fn a_provider_that_does_not_answer_is_no_event() {
    let sealed = vault(&[1]).seal_now(&PLACE, b"value").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let events = told(|| {
        runtime.block_on(async {
            assert!(Vault::new(Down).open(&PLACE, &sealed).await.is_err());
            assert!(Vault::new(Down).rewrap(&PLACE, &sealed).await.is_err());
        });
    });
    assert_eq!(events, Vec::<Value>::new());
}

#[test]
fn what_is_opened_is_no_event() {
    let vault = vault(&[1]);
    let events = told(|| {
        let sealed = vault.seal_now(&PLACE, b"value").unwrap();
        let sealed = vault.rewrap_now(&PLACE, &sealed).unwrap();
        vault.open_now(&PLACE, &sealed).unwrap();
    });
    assert_eq!(events, Vec::<Value>::new());
}
