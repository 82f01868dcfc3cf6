//! The longest that anybody waits: for a limiter that fills and overflows, for a list while it is loaded again.

use std::{
    fs, mem,
    net::Ipv4Addr,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use palisade::{
    blocklist::{Blocklist, SharedBlocklist},
    core::{Clock, IpKey, Ipv6Prefix},
    ratelimit::{Key, Limiter},
};

use crate::ours::generous;

/// Runs that are compared: what the limiter does is in each of them, and what the machine did in between in few.
const RUNS: usize = 4;

/// So long lookups are timed, with and without a reload.
const WATCHED: Duration = Duration::from_secs(6);

/// What takes longer is looked at: whether another program had the processor meanwhile.
const NOTED: Duration = Duration::from_micros(20);

/// Tells how long one thing after another takes. One during which the processor was taken away is not told of: it says how many
/// programs this machine has to run. One that waited for another thread of ours is.
struct Steps {
    last: Instant,
    taken_away: u64,
}

/// The longest check in nanoseconds among 12 million new keys in a limiter for 10 million: first it fills, then it is at
/// its bound. A pause may come at another key in each run, so the longest checks of whole runs are compared, and the
/// least of them told.
pub(crate) fn of_limiter() -> f64 {
    let longest = (0..RUNS).map(|_| longest_check()).min().unwrap_or_default();
    nanos(longest)
}

fn longest_check() -> Duration {
    let limiter = Limiter::with_capacity(generous(), 10_000_000).unwrap();
    let clock = Clock::system();
    let mut steps = Steps::begin();
    let check = |number: u32| {
        let address = Ipv4Addr::from_bits(number.wrapping_mul(2_654_435_769)).into();
        let key = Key::Address(IpKey::new(address, Ipv6Prefix::default()));
        limiter.check(&key, clock.now());
        steps.step()
    };
    (0..12_000_000).map(check).max().unwrap_or_default()
}

/// The longest lookup in nanoseconds while a list of a million networks is loaded once: the median of many loads. Before
/// it the same for times of equal length in which nothing else happens. A pause that a load makes is in each of them, be it a
/// single one among a million lookups; what the machine does in between is in few.
pub(crate) fn of_reload(text: &str) -> [f64; 2] {
    let shared = SharedBlocklist::new(Blocklist::parse(text, "counts").unwrap());
    let (generation, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let loud = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                shared.replace(Blocklist::parse(text, "counts").unwrap());
                // Behind the replacement: it ends a generation, and freeing the list before is a part of it.
                generation.fetch_add(1, Ordering::Relaxed);
            }
        });
        let loud = longest_lookups(&shared, |_| generation.load(Ordering::Relaxed));
        stop.store(true, Ordering::Relaxed);
        loud
    });
    let loads = u32::try_from(loud.len()).unwrap_or(u32::MAX);
    let window = WATCHED / loads;
    let window_of =
        |since: Duration| u32::try_from(since.as_nanos() / window.as_nanos()).unwrap_or(u32::MAX);
    [median(longest_lookups(&shared, window_of)), median(loud)]
}

/// The longest lookup of each window, of which `window` tells the number after a time. Each lookup takes the list in force
/// anew, as a request does.
fn longest_lookups(shared: &SharedBlocklist, window: impl Fn(Duration) -> u32) -> Vec<Duration> {
    let now = Clock::system().now().wall();
    let (begun, mut steps) = (Instant::now(), Steps::begin());
    let (mut longest, mut current) = (vec![Duration::ZERO], window(Duration::ZERO));
    let (mut number, mut since) = (0_u32, Duration::ZERO);
    while since < WATCHED {
        number = number.wrapping_add(2_654_435_769);
        let address = Ipv4Addr::from_bits(number).into();
        std::hint::black_box(shared.list().blocked_ip(address, now).is_some());
        let took = steps.step();
        since = steps.last.duration_since(begun);
        // Told before the window is asked for: a pause belongs to the load that made it.
        let last = longest.len() - 1;
        longest[last] = longest[last].max(took);
        let reached = window(since);
        if reached != current {
            current = reached;
            longest.push(Duration::ZERO);
        }
    }
    // The last one is not whole.
    longest.pop();
    assert!(longest.len() >= 5, "{} loads are too few to tell", longest.len());
    longest
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    nanos(times[times.len() / 2])
}

fn nanos(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

// === impl Steps ===

impl Steps {
    fn begin() -> Self {
        Self { taken_away: taken_away(), last: Instant::now() }
    }

    /// How long it is since the last step.
    fn step(&mut self) -> Duration {
        let now = Instant::now();
        let took = now.duration_since(mem::replace(&mut self.last, now));
        if took < NOTED {
            return took;
        }
        let taken_away = taken_away();
        let was_taken_away = taken_away != mem::replace(&mut self.taken_away, taken_away);
        self.last = Instant::now();
        if was_taken_away { Duration::ZERO } else { took }
    }
}

/// How often this thread lost the processor without waiting for anything (proc(5), `status`).
fn taken_away() -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
    line.and_then(|count| count.trim().parse().ok()).expect("it is counted")
}
