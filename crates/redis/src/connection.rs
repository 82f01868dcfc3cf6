//! The handle: calls with a deadline, and what keeps the connection.

use std::{
    future::Future,
    sync::{Arc, Weak},
    time::Duration,
};

use palisade_core::{BoxFuture, ConfigError};
use palisade_ratelimit::Outage;
use redis::{Cmd, RedisError, ServerErrorKind, Value};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    time::timeout,
};

use crate::{
    RedisOptions, RedisState, RedisStatus, RedisUrl,
    breaker::{Breaker, Proven},
    failure::{self, BUSY, DEADLINE},
    link::{self, Link},
    script::Script,
    status::{self, Counters},
};

/// How long it may take to connect, in the background, where no request waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// Redis or Valkey, as the limiter and the bans of one instance share it. Clones share the connection.
///
/// Made without waiting: the connection comes up in the background, goes down with a failure and comes back by itself.
/// Dropping the last clone, and the limiters and bans that have one, closes it.
#[derive(Clone, Debug)]
pub struct Redis {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    url: RedisUrl,
    options: RedisOptions,
    runtime: Handle,
    breaker: Breaker,
    counters: Counters,
    in_flight: Semaphore,
}

// === impl Redis ===

impl Redis {
    /// Starts to connect, on the runtime of the options or the one this is called in, and returns at once. Until Redis
    /// answers, calls fail at once, and limits and bans do what they do without it.
    ///
    /// # Errors
    ///
    /// A URL or options that make no sense, and no runtime at hand.
    pub fn connect(url: &str, options: RedisOptions) -> Result<Self, ConfigError> {
        let (url, options) = (url.parse()?, options.checked()?);
        let runtime = options.runtime.clone().map_or_else(Handle::try_current, Ok);
        let runtime = runtime.map_err(|_| {
            let wrong = ConfigError::new("runtime of Redis", "none");
            wrong.expected("`connect` within a tokio runtime, or `RedisOptions::runtime`")
        })?;
        let breaker = Breaker::new(options.failures, options.clock.now());
        let (counters, in_flight) = (Counters::default(), Semaphore::new(options.in_flight));
        let inner = Inner { url, options, runtime: runtime.clone(), breaker, counters, in_flight };
        let inner = Arc::new(inner);
        drop(runtime.spawn(keep_connected(Arc::downgrade(&inner))));
        Ok(Self { inner })
    }

    /// Waits until Redis answers, for `patience` at most. Returns whether it does. For a server that would rather begin with it.
    pub async fn ready(&self, patience: Duration) -> bool {
        let mut state = self.inner.breaker.watch();
        let up = async move { state.wait_for(|state| *state == RedisState::Up).await.is_ok() };
        self.within(patience, up).await.unwrap_or(false)
    }

    /// How it is going.
    pub fn status(&self) -> RedisStatus {
        let Inner { breaker, counters, .. } = &*self.inner;
        let (state, since) = breaker.since();
        let last_error = breaker.last_error().map(|(error, at)| (error, at.wall()));
        counters.read((state, since.wall()), last_error)
    }

    /// Where it is.
    pub fn url(&self) -> &RedisUrl {
        &self.inner.url
    }

    pub(crate) fn options(&self) -> &RedisOptions {
        &self.inner.options
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.inner.runtime
    }

    /// Drives a future for `patience` at most, whoever polls it. None if it took longer.
    pub(crate) fn within<T: 'static>(
        &self,
        patience: Duration,
        future: impl Future<Output = T> + Send + 'static,
    ) -> BoxFuture<Option<T>> {
        let within = async move { timeout(patience, future).await.ok() };
        in_runtime(self.inner.runtime.clone(), within)
    }

    /// Why a call would fail at once, if it would.
    pub(crate) fn refuses(&self) -> Option<Outage> {
        let outage = self.inner.breaker.link().err()?;
        self.inner.counters.refused();
        Some(outage)
    }

    /// Tells each change of the state.
    pub(crate) fn watch(&self) -> watch::Receiver<RedisState> {
        self.inner.breaker.watch()
    }

    /// A connection that hears what is published.
    pub(crate) async fn listen(&self) -> Result<redis::aio::PubSub, Outage> {
        let listening = timeout(PATIENCE, link::listen(&self.inner.url)).await;
        listening.map_err(|_| DEADLINE)?.map_err(|error| failure::outage(&error))
    }

    /// Sends one command, within the deadline.
    pub(crate) fn send(&self, command: Cmd) -> BoxFuture<Result<Value, Outage>> {
        self.call(move |link| async move { link.send(&command).await })
    }

    /// Runs a script, within the deadline. Where Redis does not know it (it was restarted, or is another one now), it is sent in
    /// full, once.
    pub(crate) fn run(
        &self,
        script: &'static Script,
        keys: Vec<String>,
        arguments: Vec<String>,
    ) -> BoxFuture<Result<Value, Outage>> {
        self.call(move |link| async move {
            match link.send(&script.by_digest(&keys, &arguments)).await {
                Err(error) if error.kind() == ServerErrorKind::NoScript.into() => {
                    link.send(&script.in_full(&keys, &arguments)).await
                }
                answer => answer,
            }
        })
    }

    fn call<A>(
        &self,
        ask: impl FnOnce(Link) -> A + Send + 'static,
    ) -> BoxFuture<Result<Value, Outage>>
    where
        A: Future<Output = Result<Value, RedisError>> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let runtime = self.inner.runtime.clone();
        in_runtime(runtime, async move { inner.call(ask).await })
    }
}

// === impl Inner ===

impl Inner {
    async fn call<A>(&self, ask: impl FnOnce(Link) -> A) -> Result<Value, Outage>
    where
        A: Future<Output = Result<Value, RedisError>>,
    {
        let (link, number) = self.breaker.link().inspect_err(|_| self.counters.refused())?;
        let Ok(_place) = self.in_flight.try_acquire() else {
            self.counters.refused();
            return Err(BUSY);
        };
        self.counters.sent();
        let clock = &self.options.clock;
        let sent = clock.now();
        let answer = timeout(self.options.deadline, ask(link)).await;
        let answer = answer.map_err(|_| DEADLINE);
        let answer = answer.and_then(|answer| answer.map_err(|error| failure::outage(&error)));
        match answer {
            Ok(_) => {
                self.counters.answered(clock.since(sent));
                self.breaker.succeeded(number);
            }
            Err(outage) => {
                self.counters.failed();
                self.failed(number, outage);
            }
        }
        answer
    }

    fn failed(&self, number: u64, outage: Outage) {
        let at = self.options.clock.now();
        if failure::is_of_one_key(outage) {
            self.breaker.note(outage, at);
        } else {
            self.breaker.failed(number, outage, at);
        }
    }

    /// Connects, and sees that Redis takes what is written: a replica answers, too, but shares nothing.
    async fn try_once(&self) -> Result<Link, Outage> {
        let trying = async {
            let link = Link::open(&self.url, PATIENCE).await?;
            let key = format!("{}:{{up}}", self.options.namespace);
            let write = redis::cmd("SET").arg(key).arg(1).arg("PX").arg(1000).to_owned();
            // The first answer may have to wait for a cluster's nodes; the one that counts must come in time.
            link.send(&write).await?;
            let answer = timeout(self.options.deadline, link.send(&write)).await;
            Ok::<_, RedisError>(answer.map(|answer| answer.map(|_| link)))
        };
        let tried = timeout(PATIENCE, trying).await.map_err(|_| DEADLINE)?;
        let answer = tried.map_err(|error| failure::outage(&error))?;
        answer.map_err(|_| DEADLINE)?.map_err(|error| failure::outage(&error))
    }
}

/// Connects, watches, and connects again, until the last handle is gone.
async fn keep_connected(inner: Weak<Inner>) {
    let Some((first, longest, mut state)) = inner
        .upgrade()
        .map(|inner| (inner.options.pause, inner.options.longest_pause, inner.breaker.watch()))
    else {
        return;
    };
    let mut pause = first;
    loop {
        let Some(now) = inner.upgrade() else { return };
        match now.try_once().await {
            Ok(link) => {
                now.breaker.close(link, now.options.clock.now());
                status::log_up(&now.url);
                drop(now);
                // Ends with the handles, too: they hold the sender.
                let gone = state.wait_for(|state| *state != RedisState::Up).await.is_err();
                let Some(now) = inner.upgrade().filter(|_| !gone) else { return };
                let reason = now.breaker.last_error().map_or(DEADLINE, |(outage, _)| outage);
                status::log_down(&now.url, reason);
                if now.breaker.proven() == Proven::Yes {
                    pause = first;
                }
                state.mark_unchanged();
            }
            Err(outage) => {
                if now.breaker.stays_open(outage, now.options.clock.now()) {
                    status::log_down(&now.url, outage);
                }
                state.mark_unchanged();
            }
        }
        let share = rand::random_range(0.75..=1.0);
        // Ends early with the last handle; nobody else changes the state now.
        if let Ok(Err(_gone)) = timeout(pause.mul_f64(share), state.changed()).await {
            return;
        }
        pause = pause.saturating_mul(2).min(longest);
    }
}

/// Drives `future` as if it were on `runtime`, whoever polls it: its timers and its connection are there.
fn in_runtime<T: 'static>(
    runtime: Handle,
    future: impl Future<Output = T> + Send + 'static,
) -> BoxFuture<T> {
    let mut future = Box::pin(future);
    Box::pin(std::future::poll_fn(move |context| {
        let _entered = runtime.enter();
        future.as_mut().poll(context)
    }))
}
