//! How much faster two threads are than one: what they write to both costs both.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use palisade::core::Clock;
use serde_json::{Value, json};

use crate::{
    connection::InMemory,
    drive::Drive,
    ours,
    server::{self, Body, Host, Serve},
};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(700);

/// Runs a service on this many threads.
struct OnThreads {
    threads: u8,
    users: Users,
}

#[derive(Clone, Copy)]
enum Users {
    Distinct,
    One,
}

/// Requests per second with one thread and with two, for users of their own and for one.
pub(crate) fn measure() -> Value {
    let cases = [
        ("distinct users", "hyper + stack, admitted", Users::Distinct),
        ("one hot user", "hyper + stack, admitted", Users::One),
        ("bare hyper", "hyper", Users::Distinct),
        ("ordinary stack", "axum + ordinary stack, chained, admitted", Users::Distinct),
        ("ordinary stack, one hot user", "axum + ordinary stack, chained, admitted", Users::One),
    ];
    let measured = cases.map(|(title, name, users)| {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        // In turns, so that whatever else the machine does meets both.
        let clock = Clock::system();
        for _ in 0..ROUNDS {
            one.push(server::put(name, &clock, OnThreads { threads: 1, users }));
            two.push(server::put(name, &clock, OnThreads { threads: 2, users }));
        }
        let (one, two) = (median(one), median(two));
        println!("{title:<32} {one:>9.0} {two:>9.0}  x {:.2}", two / one);
        (title.to_owned(), json!({ "one": one.round(), "two": two.round() }))
    });
    Value::Object(measured.into_iter().collect())
}

/// Lets requests through for a round; returns how many.
fn round(connection: &mut dyn Drive) -> u32 {
    let (began, mut requests) = (Instant::now(), 0);
    while began.elapsed() < ROUND {
        connection.drive(50);
        requests += 50;
    }
    requests
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

impl Host for OnThreads {
    type Hosted = f64;

    fn host<S: Serve<B>, B: Body>(self, service: S) -> f64 {
        let ready = Barrier::new(usize::from(self.threads));
        thread::scope(|scope| {
            let ready = &ready;
            let threads: Vec<_> = (0..self.threads)
                .map(|number| {
                    let service = service.clone();
                    let nth = match self.users {
                        Users::Distinct => number,
                        Users::One => 0,
                    };
                    scope.spawn(move || {
                        let peer = ([192, 0, 2, nth + 1], 4711).into();
                        let request = ours::request(&format!("user-{nth}"));
                        let mut connection = InMemory { peer, request }.host(service);
                        connection.drive(500);
                        ready.wait();
                        round(&mut *connection)
                    })
                })
                .collect();
            let requests: u32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            f64::from(requests) / ROUND.as_secs_f64()
        })
    }
}
