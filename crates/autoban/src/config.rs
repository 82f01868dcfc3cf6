//! The settings, checked when they are built.

use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use palisade_core::{Clock, ConfigError, SECURITY_TARGET, ViolationKind, atomic_file};

use crate::{
    AutoBan, BanExchange, Escalation, Jitter, SafeMode, Weights,
    alerts::Alerts,
    ban_file::{self, Loaded},
    bans::{Added, Bans},
    keeper::{Journal, Keeper, Kept},
    lifts::Lifts,
    past_bans::PastBans,
    protected::Protected,
    violations::Violations,
};

/// The settings of an [`AutoBan`]. Made by [`AutoBan::builder`]; the defaults are the documented ones.
#[derive(Debug)]
#[must_use = "settings do nothing until they are built"]
pub struct AutoBanBuilder {
    settings: Settings,
    cleanup: Duration,
    max_bans: usize,
    path: Option<PathBuf>,
    clock: Clock,
    mistake: Option<ConfigError>,
}

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) threshold: u32,
    pub(crate) window: Duration,
    pub(crate) weights: Weights,
    pub(crate) ban_duration: Option<Duration>,
    pub(crate) escalation: Option<Escalation>,
    pub(crate) jitter: Jitter,
    pub(crate) exchange: Option<Arc<dyn BanExchange>>,
    pub(crate) max_keys: usize,
    pub(crate) protected: Protected,
}

impl Default for AutoBanBuilder {
    fn default() -> Self {
        let settings = Settings {
            threshold: 5,
            window: Duration::from_secs(10),
            weights: Weights::default(),
            ban_duration: None,
            escalation: None,
            jitter: Jitter::tenth(),
            exchange: None,
            max_keys: 100_000,
            protected: Protected::default(),
        };
        Self {
            settings,
            cleanup: Duration::from_secs(60),
            max_bans: 1_000_000,
            path: None,
            clock: Clock::system(),
            mistake: None,
        }
    }
}

// === impl AutoBanBuilder ===

impl AutoBanBuilder {
    /// How much violations within the window may weigh together: more is a ban. Default: 5, so with the default weights the
    /// sixth violation bans.
    #[doc(alias = "maxretry")]
    pub fn threshold(mut self, weight: u32) -> Self {
        self.settings.threshold = weight;
        self
    }

    /// What a violation of `kind` counts. Default: 1. With 0 it does not count.
    pub fn weight(mut self, kind: ViolationKind, weight: u32) -> Self {
        self.settings.weights.set(kind, weight);
        self
    }

    /// How long a violation counts. Default: 10 s.
    #[doc(alias = "find_time")]
    #[doc(alias = "findtime")]
    pub fn window(mut self, window: Duration) -> Self {
        self.settings.window = window;
        self
    }

    /// How long an automatic ban lasts, give or take the [`jitter`](Self::jitter). Default: for ever.
    #[doc(alias = "ban_time")]
    #[doc(alias = "bantime")]
    pub fn ban_duration(mut self, time: Duration) -> Self {
        self.settings.ban_duration = Some(time);
        self
    }

    /// Lets each further ban of the same offender last longer. Default: all last as long. Needs a
    /// [`ban_duration`](Self::ban_duration).
    pub fn escalation(mut self, escalation: Escalation) -> Self {
        self.settings.escalation = Some(escalation);
        self
    }

    /// How much the durations of automatic bans differ. Default: a tenth, to either side.
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.settings.jitter = jitter;
        self
    }

    /// Tells `exchange` what happens here, so that other instances hear of it. Default: nobody is told.
    pub fn exchange(mut self, exchange: Arc<dyn BanExchange>) -> Self {
        self.settings.exchange = Some(exchange);
        self
    }

    /// Never bans these addresses and networks: trusted proxies, health checks. Adds to those named before. Loopback is
    /// not protected unless named; see [`protect_loopback`](Self::protect_loopback).
    pub fn protect<N: AsRef<str>>(mut self, networks: impl IntoIterator<Item = N>) -> Self {
        for network in networks {
            if let Err(mistake) = self.settings.protected.add(network.as_ref()) {
                self.mistake.get_or_insert(mistake);
            }
        }
        self
    }

    /// Never bans an address of which `asked` says so, such as one on a safelist that changes while the server runs. It is
    /// asked when somebody is to be banned and when somebody banned sends a request; it must not block. Of an IPv6 network
    /// it is asked about the client's address, or, where there is no client, about the first of the network.
    pub fn protect_if(mut self, asked: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        self.settings.protected.ask(Arc::new(asked));
        self
    }

    /// Never bans who is on this machine: the peer on the socket is a loopback address. One that a header says to be
    /// loopback is anybody, and banned like anybody. For development: behind a proxy on the same machine whose header is
    /// not read, nobody would ever be banned.
    pub fn protect_loopback(mut self) -> Self {
        self.settings.protected.loopback = true;
        self
    }

    /// Keeps the bans in the file at `path`, such as `config/ban.json`. Default: in memory alone.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// How often what is over is forgotten. Default: 60 s.
    pub fn cleanup_interval(mut self, interval: Duration) -> Self {
        self.cleanup = interval;
        self
    }

    /// How many addresses, users and tokens are tracked at once. Default: 100 000, about 200 bytes each. Beyond, the one whose
    /// last violation is the oldest is forgotten of those who violated once; that lifts no ban. As many are remembered who
    /// were banned before.
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.settings.max_keys = keys;
        self
    }

    /// How many bans there may be. Default: 1 000 000, and never more than 64 MiB of file. Beyond, nobody else is banned,
    /// and the log says so as an error.
    pub fn max_bans(mut self, bans: usize) -> Self {
        self.max_bans = bans;
        self
    }

    /// Takes the time from `clock` where there is no request to take it from. Default: the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Reads the file and starts the thread that writes it. Blocks.
    ///
    /// A file that holds no bans this version can read is kept aside, as `<name>.corrupt-<seconds>`, logged as an error,
    /// and the server runs in *safe mode*: without the bans of before, with all else working, and
    /// [`AutoBan::status`] saying so until the next start.
    ///
    /// # Errors
    ///
    /// A setting that makes no sense; a file that is no regular file (a symbolic link, too: it would be replaced by the
    /// first ban), cannot be read, or cannot be kept aside; a thread that cannot be started.
    pub fn build(self) -> Result<AutoBan, ConfigError> {
        self.check()?;
        let Self { settings, cleanup, max_bans, path, clock, .. } = self;
        let bans = Bans::new(max_bans);
        let past = PastBans::new(settings.escalation, settings.max_keys);
        let (safe_mode, rewrite) = match &path {
            Some(path) => restore(path, (&bans, &past), max_bans, &clock)?,
            None => (None, false),
        };
        let violations = Violations::new(settings.max_keys, settings.threshold, settings.window);
        let (lifts, alerts, journal) = (Lifts::default(), Alerts::default(), Journal::default());
        let kept = Arc::new(Kept { bans, violations, past, lifts, alerts, clock, path, journal });
        if rewrite {
            kept.changed();
        }
        let keeper = Keeper::start(Arc::clone(&kept), cleanup).map_err(|error| {
            ConfigError::new("auto-ban", "thread").expected(format!("a thread of its own: {error}"))
        })?;
        Ok(AutoBan::new(kept, settings, safe_mode, keeper))
    }

    /// Reads the file as [`build`](Self::build) will, and leaves it as it is. Returns the number of bans in it. Blocks.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build), and a file that would be kept aside.
    pub fn check_file(&self) -> Result<usize, ConfigError> {
        self.check()?;
        let Some(path) = &self.path else { return Ok(0) };
        match load(path, self.max_bans, &self.clock)? {
            Loading::Absent => Ok(0),
            Loading::Read(loaded) => Ok(loaded.bans.len()),
            Loading::Corrupt(reason) => {
                Err(ConfigError::new("ban file", path.display().to_string()).expected(reason))
            }
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        let positive = |what: &str, is: bool| {
            if is { Ok(()) } else { Err(ConfigError::new(what, "0").expected("more than zero")) }
        };
        positive("auto-ban threshold", self.settings.threshold > 0)?;
        positive("auto-ban window", !self.settings.window.is_zero())?;
        positive("auto-ban cleanup interval", !self.cleanup.is_zero())?;
        positive(
            "auto-ban duration",
            self.settings.ban_duration.is_none_or(|time| !time.is_zero()),
        )?;
        positive("number of tracked keys", self.settings.max_keys > 0)?;
        positive("number of bans", self.max_bans > 0)?;
        positive("weight of all kinds", !self.settings.weights.is_nothing())?;
        let Settings { escalation, ban_duration, .. } = &self.settings;
        escalation.map_or(Ok(()), |escalation| escalation.check(*ban_duration))
    }
}

/// Puts the bans of the file in force. Returns whether it had to be kept aside, and whether it is to be written anew.
fn restore(
    path: &Path,
    to: (&Bans, &PastBans),
    max_bans: usize,
    clock: &Clock,
) -> Result<(Option<SafeMode>, bool), ConfigError> {
    let reason = match load(path, max_bans, clock)? {
        Loading::Absent => return Ok((None, false)),
        Loading::Read(loaded) => match put(loaded, to, clock) {
            Ok(rewrite) => return Ok((None, rewrite)),
            Err(reason) => reason,
        },
        Loading::Corrupt(reason) => reason,
    };
    let kept_aside =
        atomic_file::keep_aside(path, clock.now()).map_err(|error| unreadable(path, &error))?;
    tracing::error!(
        target: SECURITY_TARGET,
        event = "ban.file",
        outcome = "corrupt",
        path = %path.display(),
        kept_aside = %kept_aside.display(),
        reason,
        "the file of bans cannot be used; running without the bans of before"
    );
    Ok((Some(SafeMode { reason, kept_aside }), false))
}

/// What became of reading the file.
enum Loading {
    Absent,
    Read(Loaded),
    /// It holds no bans this version can read.
    Corrupt(String),
}

fn load(path: &Path, max_bans: usize, clock: &Clock) -> Result<Loading, ConfigError> {
    // Opening a pipe would wait for its writer for ever, and a link may lead anywhere.
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(ConfigError::new("ban file", path.display().to_string())
                .expected("a regular file, no link: it is replaced as a whole"));
        }
        _ => {}
    }
    let read = match atomic_file::read(path, ban_file::LIMIT) {
        Ok(None) => return Ok(Loading::Absent),
        Ok(Some(json)) => ban_file::read(&json, max_bans, clock.now().wall()),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(error.to_string()),
        Err(error) => return Err(unreadable(path, &error)),
    };
    Ok(read.map_or_else(Loading::Corrupt, Loading::Read))
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    ConfigError::new("ban file", path.display().to_string()).expected(error.to_string())
}

/// All of it or nothing: half of a file would look like a whole one from then on.
fn put(loaded: Loaded, to: (&Bans, &PastBans), clock: &Clock) -> Result<bool, String> {
    let Loaded { bans: list, past, has_plain } = loaded;
    let (bans, past_bans) = to;
    let now = clock.now().wall();
    for (target, record) in list {
        if bans.restore(&target, record, now) == Added::Full {
            bans.clear();
            return Err("more bans than there is room for".to_owned());
        }
    }
    for (target, past) in past {
        past_bans.remember(target, past);
    }
    Ok(has_plain)
}
