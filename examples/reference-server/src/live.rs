//! What happens, for admins who watch: requests as they end, and lines of the log.

use std::sync::{Arc, OnceLock};

use palisade::{
    analytics::{Observer, Record},
    core::{Clock, ConfigError},
    live::{Config, Feed, Message, Places},
    security_log::Line,
};
use tracing::Level;

use crate::{app::Shared, settings::StreamSettings};

/// The feeds.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) requests: Feed<Arc<Record>>,
    pub(crate) lines: Feed<Arc<Line>>,
}

/// Hands the lines of the log on to the feed, which is there later than the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineTap(Arc<OnceLock<Feed<Arc<Line>>>>);

// === impl Live ===

impl Live {
    /// Starts both, as `settings` say.
    ///
    /// # Errors
    ///
    /// If the operating system grants no thread.
    pub(crate) fn start(settings: &StreamSettings, clock: &Clock) -> Result<Self, ConfigError> {
        let config = Config::new()
            .places(Places::new(settings.most, settings.most_of_one))
            .ring(settings.backlog)
            .patience(settings.patience)
            .clock(clock.clone());
        let request = |record: &Arc<Record>| {
            Message::data(serde_json::to_string(&**record).unwrap_or_default()).name("request")
        };
        let line = |line: &Arc<Line>| Message::data(line.json().to_owned()).name("line");
        Ok(Self {
            requests: Feed::start(config.clone(), request)?,
            lines: Feed::start(config, line)?,
        })
    }

    /// What tells the feed of requests.
    pub(crate) fn observer(&self) -> Observer {
        let feed = self.requests.clone();
        Arc::new(move |records| records.iter().for_each(|record| feed.publish(Arc::clone(record))))
    }

    /// Ends all streams, once they told what happened before.
    pub(crate) fn close(&self) {
        self.requests.close();
        self.lines.close();
    }
}

// === impl LineTap ===

impl LineTap {
    /// Takes a line of the log, if somebody may want it: all of the security log, and of the rest what is no detail of how bytes
    /// travel. To tell a line makes bytes travel, whose lines would be told, for ever.
    pub(crate) fn tell(&self, line: &Arc<Line>) {
        let is_ours = line.target().starts_with("palisade");
        let is_told = is_ours || line.level() <= Level::INFO;
        if let Some(feed) = self.0.get().filter(|_| is_told) {
            feed.publish(Arc::clone(line));
        }
    }

    /// From now on, lines go to the feed of `shared`. The first call counts.
    pub(crate) fn connect(&self, shared: &Shared) {
        self.0.get_or_init(|| shared.live.lines.clone());
    }
}
