//! The task that asks, and writes down what it was told.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc::Receiver,
    task::{JoinSet, spawn_blocking},
    time::{Instant, timeout_at},
};

use crate::remote::{Job, Pass, Remote};

/// The most calls at the same time.
const AT_ONCE: usize = 4;
/// How often the file is written, if anything changed.
const SAVE_EVERY: Duration = Duration::from_secs(60);

/// Works until nobody can send jobs any more. Calls that are on their way then are given up.
pub(crate) async fn run(remote: Arc<Remote>, mut jobs: Receiver<Job>) {
    let mut calls = JoinSet::new();
    let mut due = soon();
    loop {
        // Where there is always another question, the wait for one never ends too late.
        if Instant::now() >= due {
            save(&remote).await;
            due = soon();
        }
        match timeout_at(due, jobs.recv()).await {
            Ok(Some(Job::Ask(pass))) => begin(pass, &mut calls).await,
            Ok(Some(Job::Save)) | Err(_) => {
                save(&remote).await;
                due = soon();
            }
            Ok(None) => break,
        }
    }
    calls.shutdown().await;
    save(&remote).await;
}

/// Begins a call as soon as there is room for one.
async fn begin(mut pass: Pass, calls: &mut JoinSet<()>) {
    while calls.try_join_next().is_some() {}
    if calls.len() >= AT_ONCE {
        // One that panicked was told by the panic hook, and is a failure like any other.
        drop(calls.join_next().await);
    }
    if pass.begin() {
        calls.spawn(pass.ask());
    }
}

/// What fails is logged, and tried again when it is due.
async fn save(remote: &Arc<Remote>) {
    let remote = Arc::clone(remote);
    drop(spawn_blocking(move || remote.save()).await);
}

fn soon() -> Instant {
    let now = Instant::now();
    now.checked_add(SAVE_EVERY).unwrap_or(now)
}
