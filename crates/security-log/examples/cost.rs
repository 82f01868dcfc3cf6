//! What an event costs who logs: `cargo run --release -p palisade-security-log --example cost`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "an example that prints what it measured"
)]

use std::{hint::black_box, io, time::Instant};

use palisade_core::SECURITY_TARGET;
use palisade_security_log::SecurityLog;
use tracing::Level;
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt};

const ROUNDS: u32 = 2_000_000;

/// A layer that does nothing.
struct Nothing;

impl<S: tracing::Subscriber> Layer<S> for Nothing {}

/// What a gate says of a refusal.
fn refused(client_ip: &str) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "rate-limit.exceeded",
        code = "quota-exceeded",
        policy = "rate-limit",
        status = 429_u16,
        enforced = true,
        client_ip,
        method = "GET",
        path = "/api/feed",
        "refused"
    );
}

fn measure(what: &str, rounds: u32, mut say: impl FnMut(u32)) {
    (0..rounds / 10).for_each(&mut say);
    let best = (0..5).map(|_| {
        let begun = Instant::now();
        (0..rounds).for_each(&mut say);
        begun.elapsed().as_secs_f64() * 1e9 / f64::from(rounds)
    });
    println!("{what}: {:.0} ns", best.fold(f64::INFINITY, f64::min));
}

fn main() {
    let addresses: Vec<String> =
        (0..65_536).map(|number| format!("10.0.{}.{}", number / 256, number % 256)).collect();
    let other = |number: u32| addresses.get(usize::try_from(number % 65_536).unwrap()).unwrap();
    measure("nobody listens", ROUNDS, |_| refused(black_box("203.0.113.9")));
    tracing::subscriber::with_default(
        tracing_subscriber::registry()
            .with(Nothing.with_filter(Targets::new().with_default(Level::INFO))),
        || {
            measure("a layer that does nothing", ROUNDS, |_| refused(black_box("203.0.113.9")));
        },
    );
    let (log, guard) = SecurityLog::builder()
        .filter(Targets::new().with_default(Level::INFO))
        .stream(io::sink())
        .start()
        .unwrap();
    let subscriber = tracing_subscriber::registry().with(log.layer());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    measure("folded: one client", ROUNDS, |_| refused(black_box("203.0.113.9")));
    measure("folded: a client of 65 536", ROUNDS, |number| refused(black_box(other(number))));
    measure("written: what an admin does", ROUNDS / 20, |_| {
        tracing::info!(target: SECURITY_TARGET, event = "admin.action", action = "ban.ip", user_id = "alice", on = "203.0.113.9", "an admin acted");
    });
    println!("{:?}", log.status());
    drop(guard);
}
