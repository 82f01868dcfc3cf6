//! How long it takes to refuse a key, by the clock of the wall: what the count of digests cannot tell.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use crate::{Bench, threats::refused};

/// How long each takes at best, over many turns: what else the machine does only adds to that.
fn best_times(mut tries: Vec<impl FnMut()>) -> Vec<Duration> {
    let mut best = vec![Duration::MAX; tries.len()];
    for _ in 0..100 {
        for (act, best) in tries.iter_mut().zip(&mut best) {
            let began = Instant::now();
            (0..10).for_each(|_| act());
            *best = began.elapsed().min(*best);
        }
    }
    best
}

/// Measured in turns, and again if the machine was busy: what leaks shows in every attempt.
#[test]
fn w4_w5_every_refusal_of_a_key_takes_the_same_time() {
    let bench = Bench::in_memory();
    let (cases, now) = (refused(&bench), bench.clock.now());
    let mut seen = Vec::new();
    let is_even = (0..10).any(|_| {
        let tries = cases.iter().map(|(_, text)| {
            let keys = &bench.keys;
            move || assert!(keys.verify(black_box(text.as_str()), now).is_err())
        });
        let times = best_times(tries.collect());
        let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        let is_even = *most * 4 < *least * 5;
        seen.push(times);
        is_even
    });
    assert!(is_even, "{seen:?}");
}
