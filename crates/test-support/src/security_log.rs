//! Hears what the security log says.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "tests: what is broken must fail loudly"
)]

use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex},
};

use palisade_core::SECURITY_TARGET;
use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    dispatcher::{DefaultGuard, set_default},
    field, span,
};

/// What the security log says on this thread, until it is dropped.
#[derive(Debug)]
pub struct SecurityLog {
    keeps: Keeps,
    _guard: DefaultGuard,
    _dispatches: [Dispatch; 2],
}

/// Keeps the level and the fields of each event as `name=value`.
#[derive(Clone, Debug, Default)]
struct Keeps(Arc<Mutex<Vec<String>>>);

struct Fields(String);

// === impl SecurityLog ===

impl SecurityLog {
    /// Listens from here on, on this thread.
    #[must_use = "it hears until it is dropped"]
    pub fn start() -> Self {
        let keeps = Keeps::default();
        // Two: while there is one, the first thread that comes to an event decides for all whether anybody listens to it, and
        // that may be the thread of another test.
        let (heard, other) = (Dispatch::new(keeps.clone()), Dispatch::new(keeps.clone()));
        Self { keeps, _guard: set_default(&heard), _dispatches: [heard, other] }
    }

    /// Every event, in the order they came.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.keeps.0.lock().unwrap().clone()
    }

    /// The events of this name.
    #[must_use]
    pub fn of(&self, event: &str) -> Vec<String> {
        let name = format!("event={event:?} ");
        let lines = self.keeps.0.lock().unwrap();
        lines.iter().filter(|line| line.contains(&name)).cloned().collect()
    }
}

// === impl Keeps ===

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
        let mut fields = Fields(format!("{} ", event.metadata().level()));
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

// === impl Fields ===

impl field::Visit for Fields {
    fn record_debug(&mut self, field: &field::Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}
