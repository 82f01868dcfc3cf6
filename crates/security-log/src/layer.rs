//! What hears events, and hands them on as lines.

use std::{
    cell::RefCell,
    fmt::{self, Write as _},
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
    /// A copy of what is never folded, which no flood rotates away.
    pub(crate) kept: Option<Arc<Sink>>,
    pub(crate) stream: Option<Arc<Sink>>,
    /// Takes what somebody else formats.
    pub(crate) text: Option<Arc<Sink>>,
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
        let record = |desk: &RefCell<Desk>| {
            let mut desk = desk.try_borrow_mut().ok()?;
            self.0.record(event, &mut desk);
            Some(())
        };
        // A tap that logs, or a value that logs while it is shown: it would never end. Or what logs while its thread is taken
        // apart.
        if DESK.try_with(record).ok().flatten().is_none() {
            self.0.nested.fetch_add(1, Ordering::Relaxed);
        }
    }
}

// === impl Recorder ===

impl Recorder {
    fn record(&self, event: &Event<'_>, desk: &mut Desk) {
        let is_security = event.metadata().target() == SECURITY_TARGET;
        if !is_security {
            return self.hand_on(&Arc::new(self.line(event, desk)));
        }
        let Some(key) = Key::of(event, &self.folds.hash, &mut desk.places) else {
            return self.hand_on(&Arc::new(self.line(event, desk).worth(Worth::Kept)));
        };
        if self.folds.decide(key, || what_is(event, self.clock.now().wall())) == Fate::Folded {
            self.folded.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let line = self.line(event, desk);
        self.folds.charge(key, line.len());
        self.hand_on(&Arc::new(line));
    }

    fn line(&self, event: &Event<'_>, desk: &mut Desk) -> Line {
        let (Desk { fields, json, .. }, metadata) = (desk, event.metadata());
        fields.begin_event(metadata.target());
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
        self.takers(line).for_each(|sink| sink.queue.push(line));
    }

    /// The sinks that take a line: that which matters most first.
    fn takers(&self, line: &Line) -> impl Iterator<Item = &Sink> {
        let file = self.file.as_ref().filter(|_| line.is_security());
        let kept = self.kept.as_ref().filter(|_| line.is_security() && line.is_kept());
        let wants = |level: Level| self.filter.would_enable(line.target(), &level);
        let stream = self.stream.as_ref().filter(|_| wants(line.level()));
        [kept, file, stream].into_iter().flatten().map(|sink| &**sink)
    }

    /// Writes what was folded since this was called last. What has no room is counted again, to be told with the next.
    ///
    /// Whether there was room for all.
    pub(crate) fn end_window(&self) -> bool {
        let mut had_room = true;
        let window = self.folds.end();
        let at = self.clock.now().wall();
        let alike = window.alike.iter().map(|fold| (fold, "and as many like one before"));
        let others = window.others.iter().map(|fold| {
            let is_clients = !fold.what.members.is_empty();
            let of_client = "and as many others of this client";
            (fold, if is_clients { of_client } else { "and as many of others" })
        });
        for (fold, message) in alike.chain(others) {
            let What { level, event, members, since, .. } = &fold.what;
            let line = OwnLine { level: *level, event, message };
            let line = line.with(at, |out| {
                out.push_str(members);
                own_line::bare(out, "folded", fold.count);
                own_line::moment(out, "since", *since);
            });
            if !self.offer(&Arc::new(line)) {
                self.folds.put_back(fold);
                had_room = false;
            }
        }
        had_room
    }

    /// Gives a line to all that take it, if the first of them has room. Whether it has.
    fn offer(&self, line: &Arc<Line>) -> bool {
        let mut takers = self.takers(line);
        if takers.next().is_some_and(|first| !first.queue.offer(line)) {
            return false;
        }
        takers.for_each(|sink| sink.queue.push(line));
        if let Some(tap) = &self.tap {
            tap(line);
        }
        true
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("filter", &self.filter).finish_non_exhaustive()
    }
}

/// What will be told of those like this one.
fn what_is(event: &Event<'_>, since: SystemTime) -> What {
    #[derive(Default)]
    struct Reader {
        event: String,
        members: String,
        client: String,
    }
    impl Visit for Reader {
        fn record_str(&mut self, field: &Field, value: &str) {
            match key::part(field) {
                Some(key::EVENT) => self.event.push_str(value),
                Some(key::CLIENT) => {
                    let network = key::network(value).map(|network| network.to_string());
                    let client = network.as_deref().unwrap_or(value);
                    own_line::text(&mut self.members, field.name(), client);
                    own_line::text(&mut self.client, field.name(), client);
                }
                Some(_) => own_line::text(&mut self.members, field.name(), value),
                None => {}
            }
        }

        fn record_bool(&mut self, field: &Field, value: bool) {
            if key::part(field).is_some_and(|part| part != key::EVENT) {
                own_line::bare(&mut self.members, field.name(), value);
            }
        }

        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            if key::part(field).is_some() {
                let mut text = String::new();
                // What was shown until it failed is told.
                _ = write!(text, "{value:?}");
                self.record_str(field, &text);
            }
        }
    }
    let mut read = Reader::default();
    event.record(&mut read);
    let (event_name, members, client) =
        (read.event.into(), read.members.into(), read.client.into());
    What { level: *event.metadata().level(), event: event_name, members, client, since }
}
