//! The line a refusal leaves in the security log.

use std::sync::{Arc, Mutex};

use palisade_core::{Enforce, Policies, SECURITY_TARGET};
use palisade_test_support::Ask;
use tracing::{Event, Metadata, Subscriber, field::Visit, span};

use crate::policies::Refuses;

/// Keeps the fields of each event as `name=value`.
#[derive(Clone, Default)]
struct Keeps(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        use std::fmt::Write;
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Keeps {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == SECURITY_TARGET
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn logged(ask: Ask, enforce: Enforce) -> Vec<String> {
    let keeps = Keeps::default();
    tracing::subscriber::with_default(keeps.clone(), || {
        ask.policies(Refuses("wall").enforce(enforce))
    });
    keeps.0.lock().unwrap().clone()
}

#[test]
fn a_refusal_is_one_event_with_code_policy_and_private_reason() {
    let lines = logged(Ask::get("/a?token=secret"), Enforce::Block);
    let [line] = &*lines else { panic!("{lines:?}") };
    for part in [
        "event=\"request.refused\"",
        "code=\"no\"",
        "policy=\"wall\"",
        "status=403",
        "enforced=true",
        "path=\"/a\"",
        "the private reason",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("secret"), "a query never reaches the log: {line}");
}

#[test]
fn a_refusal_that_is_only_reported_says_so() {
    assert!(logged(Ask::get("/"), Enforce::ReportOnly)[0].contains("enforced=false"));
}

#[test]
fn a_request_that_passes_leaves_no_line() {
    let keeps = Keeps::default();
    let none: Option<Refuses> = None;
    tracing::subscriber::with_default(keeps.clone(), || Ask::get("/").policies(none));
    assert!(keeps.0.lock().unwrap().is_empty());
}
