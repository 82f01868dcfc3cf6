//! Watches that no input takes for ever.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Knows which input is being fed; a thread of its own looks whether it is still the same one.
pub(crate) struct Watch {
    fed: Arc<Mutex<Fed>>,
}

/// The input that is being fed, and its number.
#[derive(Default)]
struct Fed {
    number: u64,
    input: Vec<u8>,
}

impl Watch {
    /// Calls `late` with an input that took longer than `limit`, within twice that time.
    pub(crate) fn start(limit: Duration, late: impl Fn(&[u8]) + Send + 'static) -> Self {
        let fed: Arc<Mutex<Fed>> = Arc::default();
        let watched = Arc::clone(&fed);
        thread::spawn(move || {
            let mut seen = 0;
            loop {
                wait(limit);
                let fed = lock(&watched);
                if seen > 0 && seen == fed.number {
                    late(&fed.input);
                }
                seen = fed.number;
            }
        });
        Self { fed }
    }

    /// Takes note that `input` comes next.
    pub(crate) fn feeds(&self, input: &[u8]) {
        let mut fed = lock(&self.fed);
        fed.number += 1;
        fed.input.clear();
        fed.input.extend_from_slice(input);
    }
}

/// A thread may be woken for nothing.
fn wait(time: Duration) {
    let began = Instant::now();
    while let Some(left) = time.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) {
        thread::park_timeout(left);
    }
}

/// What stands there is copied bytes, whoever panicked.
fn lock(fed: &Mutex<Fed>) -> MutexGuard<'_, Fed> {
    fed.lock().unwrap_or_else(PoisonError::into_inner)
}
