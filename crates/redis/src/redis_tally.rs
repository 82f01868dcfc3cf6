//! The tally that is Redis: one script call for all quotas of a request.

use std::time::Duration;

use palisade_core::BoxFuture;
use palisade_ratelimit::Outage;
use redis::{Value, from_redis_value};

use crate::{
    Redis, Take, Tallied, Tally,
    failure::NONSENSE,
    script::{Script, digest_of},
};

const SOURCE: &str = include_str!("charge.lua");
static CHARGE: Script = Script::new(SOURCE, || digest_of(SOURCE));

impl Tally for Redis {
    fn take(&self, takes: Vec<Take>) -> BoxFuture<Result<Vec<Tallied>, Outage>> {
        let one_client = takes.windows(2).all(|pair| match pair {
            [a, b] => client(&a.key) == client(&b.key),
            _ => true,
        });
        if one_client {
            Box::pin(take_together(self.clone(), takes))
        } else {
            Box::pin(take_in_turn(self.clone(), takes))
        }
    }

    fn unavailable(&self) -> Option<Outage> {
        self.refuses()
    }

    fn background(&self, task: BoxFuture<()>) {
        drop(self.runtime().spawn(task));
    }
}

/// What decides on which node of a cluster a key is.
fn client(key: &str) -> &str {
    key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or(key, |(tag, _)| tag)
}

/// A name that no other call has, on the node where a key is.
fn once(key: &str) -> String {
    let place = key.split_inclusive('}').next().unwrap_or(key);
    format!("{place}:once:{:016x}", rand::random::<u64>())
}

async fn take_together(redis: Redis, takes: Vec<Take>) -> Result<Vec<Tallied>, Outage> {
    let numbers = |take: &Take| [take.interval, take.burst, take.cost, take.ahead, take.back];
    let arguments = takes.iter().flat_map(numbers).map(|number| number.to_string()).collect();
    let quotas = takes.len();
    let once = takes.iter().find(|take| take.back > 0).map(|take| once(&take.key));
    let keys = takes.into_iter().map(|take| take.key).chain(once).collect();
    read(redis.run(&CHARGE, keys, arguments).await?, quotas)
}

/// Several clients' quotas may be on several nodes, and no script runs on two: each is asked in turn. What was counted before
/// one refuses is given back.
async fn take_in_turn(redis: Redis, takes: Vec<Take>) -> Result<Vec<Tallied>, Outage> {
    let mut answers = Vec::with_capacity(takes.len());
    let mut refused = false;
    for take in &takes {
        // Behind a refusal the others are only looked at.
        let cost = if refused { 0 } else { take.cost };
        let asked = Take { cost, ahead: if refused { 0 } else { take.ahead }, ..take.clone() };
        let answer = take_together(redis.clone(), vec![asked]).await?.pop().ok_or(NONSENSE)?;
        refused |= !answer.wait.is_zero();
        answers.push(answer);
    }
    if refused {
        for (take, answer) in takes.into_iter().zip(&mut answers) {
            if answer.wait.is_zero() && take.cost > 0 {
                let back = take.cost.saturating_add(answer.ahead);
                let undo = Take { cost: 0, ahead: 0, back, ..take };
                *answer = take_together(redis.clone(), vec![undo]).await?.pop().ok_or(NONSENSE)?;
            } else {
                break;
            }
        }
    }
    Ok(answers)
}

fn read(answer: Value, quotas: usize) -> Result<Vec<Tallied>, Outage> {
    let numbers: Vec<u64> = from_redis_value(answer).map_err(|_| NONSENSE)?;
    let (groups, rest) = numbers.as_chunks::<4>();
    if groups.len() != quotas || !rest.is_empty() {
        return Err(NONSENSE);
    }
    let micros = Duration::from_micros;
    let tallied = |[wait, remaining, reset, ahead]: &[u64; 4]| {
        Tallied::new(micros(*wait), *remaining, micros(*reset), *ahead)
    };
    Ok(groups.iter().map(tallied).collect())
}
