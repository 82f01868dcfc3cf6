//! What people read: at once, whole, and at nobody's cost.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex},
};

use palisade_core::SECURITY_TARGET;
use palisade_security_log::{LogGuard, OneLineFields, SecurityLog};
use tracing::Dispatch;
use tracing_subscriber::{Registry, layer::SubscriberExt};

use crate::heard::Page;

/// A terminal that takes nothing until it is let go.
#[derive(Clone, Default)]
struct Terminal {
    goes_on: Arc<(Mutex<bool>, Condvar)>,
    page: Page,
}

impl Terminal {
    fn go_on(&self) {
        *self.goes_on.0.lock().unwrap() = true;
        self.goes_on.1.notify_all();
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let goes_on = self.goes_on.0.lock().unwrap();
        drop(self.goes_on.1.wait_while(goes_on, |goes_on| !*goes_on).unwrap());
        self.page.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn on(terminal: &Terminal) -> (SecurityLog, LogGuard, [Dispatch; 2]) {
    let (log, guard) = SecurityLog::builder().console(terminal.clone()).queue(40).start().unwrap();
    let dispatch = || {
        let lines = tracing_subscriber::fmt::layer().with_writer(log.console()).with_ansi(false);
        let lines = lines.fmt_fields(OneLineFields::new());
        Dispatch::new(Registry::default().with(lines).with(log.layer()))
    };
    // Two, as in `heard`.
    let dispatch = [dispatch(), dispatch()];
    (log, guard, dispatch)
}

fn say(dispatch: &Dispatch, number: u64) {
    tracing::dispatcher::with_default(dispatch, || {
        tracing::warn!(target: SECURITY_TARGET, event = "some.fact", number, "said");
    });
}

#[test]
fn a_console_that_nobody_reads_stops_nobody_and_what_has_no_room_is_counted() {
    let terminal = Terminal::default();
    let (log, guard, [dispatch, _other]) = on(&terminal);
    (0..200).for_each(|number| say(&dispatch, number));
    tracing::dispatcher::with_default(&dispatch, || tracing::error!("the worst"));
    terminal.go_on();
    drop(guard);
    let text = terminal.page.text();
    let said = text.lines().filter(|line| line.contains("number=")).count();
    assert!((30..=71).contains(&said), "{said}");
    assert!(text.contains("the worst"), "the last quarter is for errors: {text}");
    let lost = 200 - said;
    // Told once, or twice where some were lost while the first was told.
    let told = text.split("event=\"log.lost\" lost=").skip(1);
    let told = told.filter_map(|rest| rest.split(' ').next()?.parse::<usize>().ok());
    assert_eq!(told.sum::<usize>(), lost, "{text}");
    assert!(text.contains("sink=\"console\"") && text.ends_with('\n'), "{text}");
    assert_eq!(log.status().lost, u64::try_from(lost).unwrap());
}

#[test]
fn a_console_that_is_read_shows_each_line_at_once_and_all_when_the_log_ends() {
    let terminal = Terminal::default();
    terminal.go_on();
    let (log, guard, [dispatch, _other]) = on(&terminal);
    for number in 0..50 {
        say(&dispatch, number);
        assert!(guard.flush());
        assert!(
            terminal.page.text().lines().last().unwrap().ends_with(&format!("number={number}"))
        );
    }
    say(&dispatch, 50);
    drop(guard);
    assert_eq!((terminal.page.text().lines().count(), log.status().lost), (51, 0));
}
