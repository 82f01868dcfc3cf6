//! Orders that this process gave and has not ended yet, and the task that ends them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade::core::RequestId;
use palisade_database::NewOrder;
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use super::{
    Order,
    carry_out::{self, Unended},
};
use crate::{app::Shared, audit::AuditFailed, server_id::ServerId};

/// So many wait at most. Where there are more, nothing can be written down: no more is ordered until it can.
const MOST: usize = 10_000;
/// How far apart they are ended, so that several are together.
const GATHER: Duration = Duration::from_millis(50);
/// When to try again what failed.
const AGAIN: Duration = Duration::from_secs(1);
/// How long the end of the server waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// Orders in the order in which they were given. They are ended in that order too: were a lift ended before the ban it lifts, a server
/// that is killed in between would come back with the ban.
#[derive(Debug)]
pub(crate) struct Outbox {
    server: ServerId,
    waiting: Arc<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    queue: Mutex<VecDeque<Given>>,
    news: Notify,
}

/// An order that was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) state: State,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// Its transaction runs, or its action is not settled.
    Open,
    /// It is in force, and has to be written down.
    Settled,
    /// The end of its transaction is not known: it may be in the database, though nothing is in force.
    Doubtful,
}

/// An order whose transaction runs. Dropped, it was never given.
#[derive(Debug)]
#[must_use = "an order that is dropped was never given"]
pub(crate) struct Ticket {
    waiting: Arc<Waiting>,
    id: String,
}

/// Ends orders until it is dropped.
#[derive(Debug)]
#[must_use = "orders are ended until this is dropped"]
pub(crate) struct OutboxTask {
    _tasks: JoinSet<()>,
}

// === impl Outbox ===

impl Outbox {
    /// Of the server with this name.
    pub(crate) fn new(server: ServerId) -> Self {
        Self { server, waiting: Arc::default() }
    }

    /// An order to this server, as the database keeps it.
    ///
    /// # Errors
    ///
    /// If it has no JSON.
    pub(crate) fn write(&self, order: &Order) -> Result<NewOrder, AuditFailed> {
        let (id, server) = (RequestId::random().to_string(), self.server.to_string());
        let body = order.body().map_err(AuditFailed::new)?;
        Ok(NewOrder { id, server, kind: order.kind().to_owned(), body })
    }

    /// Takes note of an order that is about to be given: its place is before those of all that come later.
    ///
    /// # Errors
    ///
    /// If too many wait.
    pub(crate) fn enter(&self, order: &NewOrder) -> Result<Ticket, AuditFailed> {
        let mut queue = self.waiting.queue();
        if queue.len() >= MOST {
            return Err(AuditFailed::new("too many orders wait to be written down"));
        }
        let (id, kind) = (order.id.clone(), order.kind.clone());
        queue.push_back(Given { id, kind, state: State::Open });
        drop(queue);
        Ok(Ticket { waiting: Arc::clone(&self.waiting), id: order.id.clone() })
    }

    /// Takes note of an order of which it is not known whether it still stands.
    pub(crate) fn doubt(&self, order: &NewOrder) {
        self.note(order, State::Doubtful);
    }

    /// Takes note of an order that is not to be carried out, and may have been given.
    pub(crate) fn withdraw(&self, order: &NewOrder) {
        self.note(order, State::Settled);
    }

    /// Takes note of orders that could not be ended yet. Beyond what may wait, the next start ends them.
    pub(super) fn readmit(&self, given: Vec<Given>) {
        let mut queue = self.waiting.queue();
        let room = MOST.saturating_sub(queue.len());
        queue.extend(given.into_iter().take(room));
        drop(queue);
        self.waiting.news.notify_one();
    }

    pub(super) fn is_own(&self, server: &str) -> bool {
        server == self.server.to_string()
    }

    fn note(&self, order: &NewOrder, state: State) {
        let (id, kind) = (order.id.clone(), order.kind.clone());
        self.readmit(vec![Given { id, kind, state }]);
    }

    /// Those that can be ended: up to the first whose transaction runs.
    pub(super) fn ready(&self) -> Vec<Given> {
        let queue = self.waiting.queue();
        queue.iter().take_while(|given| given.state != State::Open).cloned().collect()
    }

    /// The first so many are ended.
    pub(super) fn ended(&self, number: usize) {
        let mut queue = self.waiting.queue();
        let number = number.min(queue.len());
        drop(queue.drain(..number));
    }
}

// === impl Waiting ===

impl Waiting {
    fn queue(&self) -> MutexGuard<'_, VecDeque<Given>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Ticket ===

impl Ticket {
    /// It is in the database, and in force.
    pub(crate) fn settled(self) {
        self.becomes(State::Settled);
    }

    /// Nobody knows whether it is in the database; it is not in force.
    pub(crate) fn doubtful(self) {
        self.becomes(State::Doubtful);
    }

    fn becomes(&self, state: State) {
        let mut queue = self.waiting.queue();
        if let Some(given) = queue.iter_mut().find(|given| given.id == self.id) {
            given.state = state;
        }
        drop(queue);
        self.waiting.news.notify_one();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.waiting.queue().retain(|given| given.id != self.id || given.state != State::Open);
        // Others may have waited for it.
        self.waiting.news.notify_one();
    }
}

/// Ends orders as they are settled, until the guard is dropped. Within a runtime.
pub(crate) fn start(shared: &Arc<Shared>) -> OutboxTask {
    let mut tasks = JoinSet::new();
    tasks.spawn(run(Arc::clone(shared)));
    OutboxTask { _tasks: tasks }
}

/// Ends what is settled, for some seconds at most: for the end of the server. What is left, the next start does once more.
pub(crate) async fn empty(shared: &Arc<Shared>) {
    if let Ok(Err(error)) = timeout(PATIENCE, end(shared)).await {
        tracing::warn!(%error, "orders could not be ended: the next start does");
    }
}

async fn run(shared: Arc<Shared>) {
    let (mut gathered, mut again) = (interval(GATHER), interval(AGAIN));
    gathered.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        shared.outbox.waiting.news.notified().await;
        gathered.tick().await;
        let mut is_told = false;
        while let Err(error) = end(&shared).await {
            if !is_told {
                tracing::warn!(%error, "what admins did could not be written down: it is in force, and tried again every second");
            }
            is_told = true;
            again.reset();
            again.tick().await;
        }
    }
}

/// Has what is in force written down, and ends its orders.
async fn end(shared: &Arc<Shared>) -> Result<(), Unended> {
    let ready = shared.outbox.ready();
    if ready.is_empty() {
        return Ok(());
    }
    let number = ready.len();
    let in_force = carry_out::in_force(shared, ready).await?;
    carry_out::end(shared, &in_force).await?;
    shared.outbox.ended(number);
    Ok(())
}
