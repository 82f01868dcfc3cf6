//! Time that stands still until it is told otherwise.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use palisade_core::{Clock, ManualClock};

#[test]
fn a_manual_clock_moves_when_told_and_all_its_handles_with_it() {
    let time = ManualClock::new();
    let clock = time.clock();
    let start = clock.now();
    assert_eq!(clock.now(), start);
    time.advance(Duration::from_millis(1500));
    assert_eq!(clock.now().since(start), Duration::from_millis(1500));
    assert_eq!(
        clock.now().wall().duration_since(start.wall()).unwrap(),
        Duration::from_millis(1500)
    );
    assert_eq!(
        start.since(clock.now()),
        Duration::ZERO,
        "time that did not pass is zero, not a panic"
    );
}

#[test]
fn a_step_of_the_wall_does_not_move_monotonic_time() {
    let time = ManualClock::new();
    let start = time.now();
    time.step_wall(UNIX_EPOCH);
    assert_eq!(time.now().since(start), Duration::ZERO);
    assert_eq!(time.now().unix_seconds(), 0);
    time.step_wall(UNIX_EPOCH - Duration::from_secs(1));
    assert_eq!(time.now().unix_seconds(), 0, "before the epoch there are no seconds");
}

#[test]
fn the_systems_clock_tells_the_systems_time() {
    #[expect(clippy::disallowed_methods, reason = "compared with the clock under test")]
    let now = SystemTime::now();
    let shown = Clock::system().now().wall();
    assert!(shown.duration_since(now).unwrap_or_default() < Duration::from_secs(60));
}
