//! The time of a request, over connections in memory: no kernel, one thread.
//!
//! The cases take turns of a few milliseconds, and of each the fastest turn counts. What disturbs a turn only makes it slower, and
//! among hundreds some are left alone even on a machine that is busy.

use std::time::Instant;

use palisade::core::Clock;
use serde_json::{Value, json};

use crate::{case::Case, drive::Drive, server};

const TURNS: u32 = 400;
/// Requests of a turn.
const LENGTH: u32 = 100;
const WARM: u64 = 2_000;

/// Nanoseconds per request of every server.
pub(crate) fn measure() -> Value {
    let mut servers: Vec<Turns> = server::names().map(Turns::of).collect();
    for _ in 0..TURNS {
        for server in &mut servers {
            server.take();
        }
    }
    for Turns { case, server, .. } in &servers {
        case.assert_answers(&**server);
    }
    let fastest = servers.into_iter().map(|turns| {
        let time = (turns.fastest * 1e9).round();
        println!("{:<44} {time:>9.0} ns", turns.case.name);
        (turns.case.name.to_owned(), json!(time))
    });
    Value::Object(fastest.collect())
}

/// One server, and how fast it was.
struct Turns {
    case: Case,
    server: Box<dyn Drive>,
    /// Seconds per request.
    fastest: f64,
}

impl Turns {
    fn of(name: &'static str) -> Self {
        let case = Case::find(name).expect("a case");
        let server = case.warm(WARM, &Clock::system());
        Self { case, server, fastest: f64::INFINITY }
    }

    fn take(&mut self) {
        let began = Instant::now();
        self.server.drive(u64::from(LENGTH));
        self.fastest = self.fastest.min(began.elapsed().as_secs_f64() / f64::from(LENGTH));
    }
}
