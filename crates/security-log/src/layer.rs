//! What hears events, and hands them on as lines.

use std::{
    cell::RefCell,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use palisade_core::{Clock, SECURITY_TARGET};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, filter::Targets, layer::Context, registry::LookupSpan};

use crate::{
    Line,
    fields::Fields,
    folds::{Fate, Folds, What},
    key::{self, Key, Places},
    line::Worth,
    own_line::{self, OwnLine},
    writer::Sink,
};

/// Told of each line.
pub(crate) type Tap = Box<dyn Fn(&Arc<Line>) + Send + Sync>;

/// What all that log share.
pub(crate) struct Recorder {
    pub(crate) clock: Clock,
    pub(crate) folds: Folds,
    pub(crate) folded: AtomicU64,
    /// Events of events: what is logged while another event is being written.
    pub(crate) nested: AtomicU64,
    /// What is recorded beside the security log, and what the stream takes of it.
    pub(crate) filter: Targets,
    pub(crate) file: Option<Arc<Sink>>,
    pub(crate) stream: Option<Arc<Sink>>,
    pub(crate) tap: Option<Tap>,
}

/// Records the events of a subscriber.
struct Records(Arc<Recorder>);

thread_local! {
    /// What the last event was written in; the next one needs no memory.
    static DESK: RefCell<Desk> = RefCell::default();
}

#[derive(Default)]
struct Desk {
    fields: Fields,
    json: String,
    places: Places,
}

/// The layer that records what `recorder` wants.
pub(crate) fn layer<S>(recorder: Arc<Recorder>) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // The security log's events in any case, as far as there are any: none of them is below that level.
    let all = recorder.filter.clone();
    let least = all.iter().find(|(target, _)| *target == SECURITY_TARGET).map(|(_, level)| level);
    let least = least.or(all.default_level()).unwrap_or(Level::INFO.into()).max(Level::INFO.into());
    Records(recorder).with_filter(all.with_target(SECURITY_TARGET, least))
}

impl<S: Subscriber> Layer<S> for Records {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        DESK.with(|desk| match desk.try_borrow_mut() {
            Ok(mut desk) => self.0.record(event, &mut desk),
            // A tap that logs, or a value that logs while it is shown: it would never end.
            Err(_) => {
                self.0.nested.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
}

// === impl Recorder ===

impl Recorder {
    fn record(&self, event: &Event<'_>, desk: &mut Desk) {
        let is_security = event.metadata().target() == SECURITY_TARGET;
        let mut worth = Worth::Usual;
        if is_security {
            match Key::of(event, &self.folds.hash, &mut desk.places) {
                None => worth = Worth::Kept,
                Some(key) => {
                    let what = || what_is(event, self.clock.now().wall());
                    if self.folds.decide(key, what) == Fate::Folded {
                        self.folded.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                }
            }
        }
        let line = self.line(event, desk).worth(worth);
        self.hand_on(&Arc::new(line));
    }

    fn line(&self, event: &Event<'_>, desk: &mut Desk) -> Line {
        let (Desk { fields, json, .. }, metadata) = (desk, event.metadata());
        fields.clear();
        event.record(fields);
        json.clear();
        own_line::begin(json, self.clock.now().wall(), *metadata.level(), metadata.target());
        fields.write(json);
        json.push('}');
        Line::new(*metadata.level(), metadata.target(), fields.event.as_deref(), json)
    }

    /// Gives a line to all that take it.
    fn hand_on(&self, line: &Arc<Line>) {
        if let Some(tap) = &self.tap {
            tap(line);
        }
        if let Some(file) = self.file.as_ref().filter(|_| line.is_security()) {
            file.queue.push(line);
        }
        let wants = |level: Level| self.filter.would_enable(line.target(), &level);
        if let Some(stream) = self.stream.as_ref().filter(|_| wants(line.level())) {
            stream.queue.push(line);
        }
    }

    /// Writes what was folded since this was called last.
    pub(crate) fn end_window(&self) {
        let window = self.folds.end();
        let at = self.clock.now().wall();
        let alike = window.alike.iter().map(|fold| (fold, "and as many like one before"));
        let others = window.others.iter().map(|fold| (fold, "and as many of others"));
        for (fold, message) in alike.chain(others) {
            let What { level, event, members, since } = &fold.what;
            let line = OwnLine { level: *level, event, message };
            let line = line.with(at, |out| {
                out.push_str(members);
                own_line::number(out, "folded", fold.count);
                own_line::moment(out, "since", *since);
            });
            self.hand_on(&Arc::new(line.worth(Worth::Kept)));
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("filter", &self.filter).finish_non_exhaustive()
    }
}

/// What will be told of those like this one.
fn what_is(event: &Event<'_>, since: SystemTime) -> What {
    struct Reader(String, String);
    impl Visit for Reader {
        fn record_str(&mut self, field: &Field, value: &str) {
            match key::part(field) {
                Some(0) => self.0.push_str(value),
                Some(_) => own_line::text(&mut self.1, field.name(), value),
                None => {}
            }
        }

        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            if key::part(field).is_some() {
                self.record_str(field, &format!("{value:?}"));
            }
        }
    }
    let mut reader = Reader(String::new(), String::new());
    event.record(&mut reader);
    let (event_name, members) = (reader.0.into(), reader.1.into());
    What { level: *event.metadata().level(), event: event_name, members, since }
}
