//! Servers under load on loopback, in turns, so that a machine that gets slower gets slower for all.

use std::{collections::BTreeMap, env};

use crate::{
    Failure,
    bench::{
        measure::{
            hono,
            process::TICK,
            program,
            server::Server,
            stopwatch::{now, shown},
            wrk::{self, Answers},
        },
        number::rounded,
        results::Load,
    },
    command::root,
};

/// Those that `palisade-counts` serves.
const SERVERS: [&str; 11] = [
    "hyper",
    "hyper + the same headers",
    "hyper + stack",
    "hyper + stack, 429",
    "hyper + stack, 403",
    "axum",
    "axum + stack",
    "axum + ordinary stack, chained",
    "axum + ordinary stack, one layer",
    "axum + ordinary stack, chained, 429",
    "axum + ordinary stack, chained, 403",
];

const HONO: &str = "Hono";

const ROUNDS: u32 = 7;

/// Programs, and the Debian packages that bring them.
const NEEDED: [(&str, &str); 2] = [("wrk", "wrk"), ("taskset", "util-linux")];

/// The best round of every server.
pub(super) fn measure() -> Result<BTreeMap<String, Load>, Failure> {
    has_all_needed()?;
    let program = program::built()?;
    let mut servers = SERVERS.to_vec();
    if hono::is_ready() {
        servers.push(HONO);
    }
    let mut samples: BTreeMap<&str, Vec<Load>> = BTreeMap::new();
    let started = now();
    for round in 1..=ROUNDS {
        for &name in &servers {
            let load = sample(name, &program).map_err(|failure| format!("{name}: {failure}"))?;
            let Some(load) = load else {
                println!("note: {name} answered nothing in this round, which is left out");
                continue;
            };
            println!(
                "[{}] round {round} of {ROUNDS}: {}",
                shown(started.elapsed()),
                said(name, load)
            );
            samples.entry(name).or_default().push(load);
        }
    }
    let bests = samples.iter().filter_map(|(name, loads)| Some(((*name).to_owned(), best(loads)?)));
    Ok(bests.collect())
}

/// How many seconds a server has to give its first answer. A just-in-time compiler on a busy machine needs some.
const PATIENCE: u32 = 20;

/// One server, once; nothing where the machine left it no time to answer.
fn sample(name: &str, program: &str) -> Result<Option<Load>, Failure> {
    let server = if name == HONO {
        hono::start()?
    } else {
        Server::start(program, &["serve", name], &root())?
    };
    if !warm(&server)? {
        return Ok(None);
    }
    let before = server.ticks()?;
    let answers = wrk::ask(&server, "3s")?;
    let ticks = server.ticks()? - before;
    if answers.requests < 1.0 {
        return Ok(None);
    }
    expected(name, answers)?;
    Ok(Some(Load {
        requests_per_second: rounded(answers.requests_per_second, 1.0),
        cpu_us_per_request: rounded(ticks * TICK / answers.requests, 100.0),
        rss_mib: rounded(server.resident()?, 10.0),
    }))
}

/// Asks a second long, to warm caches, and again until there are answers; false where none ever comes.
fn warm(server: &Server) -> Result<bool, Failure> {
    for _ in 0..PATIENCE {
        if wrk::ask(server, "1s")?.requests > 0.0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A server that refuses what it should admit is fast for the wrong reason, and the other way round.
pub(super) fn expected(name: &str, answers: Answers) -> Result<(), Failure> {
    let Answers { requests, refused, .. } = answers;
    let must_refuse = [", 429", ", 403"].iter().any(|end| name.ends_with(*end));
    // The first ones of a quota pass.
    let is_right = if must_refuse { refused > requests * 0.99 } else { refused < 1.0 };
    if requests > 0.0 && is_right {
        return Ok(());
    }
    Err(format!("{refused} of {requests} requests were refused"))
}

/// The best of each figure by itself: what disturbs a server only ever makes it slower, so the best is the least disturbed.
pub(super) fn best(loads: &[Load]) -> Option<Load> {
    loads.iter().copied().reduce(|best, load| Load {
        requests_per_second: best.requests_per_second.max(load.requests_per_second),
        cpu_us_per_request: best.cpu_us_per_request.min(load.cpu_us_per_request),
        // Noise takes no memory away: the most is what it needs.
        rss_mib: best.rss_mib.max(load.rss_mib),
    })
}

fn said(name: &str, load: Load) -> String {
    let Load { requests_per_second, cpu_us_per_request, rss_mib } = load;
    format!("{name}: {requests_per_second} requests/s, {cpu_us_per_request} µs each, {rss_mib} MiB")
}

fn has_all_needed() -> Result<(), Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there =
        |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    match NEEDED.iter().find(|(program, _)| !is_there(program)) {
        Some((program, package)) => {
            Err(format!("{program} is not there; it is in the Debian package {package}"))
        }
        None => Ok(()),
    }
}
