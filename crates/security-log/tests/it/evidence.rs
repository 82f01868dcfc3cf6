//! What a flood cannot take away: what admins did, what others did meanwhile, and how much was left out.

use std::{
    cell::RefCell,
    fmt, fs,
    io::{self, Write},
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
    time::Duration,
};

use palisade_core::SECURITY_TARGET;
use palisade_security_log::LogFile;
use serde_json::{Value, json};
use tracing::Dispatch;

use crate::heard::{Heard, refused};

const MINUTE: Duration = Duration::from_secs(60);

/// A refusal of a client that writes as much as it may.
fn long(client_ip: &str, path: &str) {
    tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "a", client_ip, path, user_agent = path, "refused");
}

fn act() {
    tracing::info!(target: SECURITY_TARGET, event = "admin.action", user_id = "mallory", "an admin acted");
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn e5_ten_minutes_of_long_refusals_do_not_take_what_an_admin_did_off_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    let heard = Heard::with(|builder| builder.file(LogFile::new(&path)));
    heard.while_it(act);
    let text = "x".repeat(8 << 10);
    for window in 0..10 {
        heard.while_it(|| {
            (0..1000).for_each(|number| {
                long(&format!("10.{window}.{}.{}", number / 250, number % 250), &text)
            });
        });
        heard.clock.advance(MINUTE);
        assert!(heard.guard.as_ref().unwrap().flush());
    }
    drop(heard.end());
    assert!(fs::read_to_string(&path).unwrap().contains("mallory"), "it is not rotated away");
    assert!(size(folder.path()) < 10 * (300 << 10), "{}", size(folder.path()));
}

#[test]
fn e5_what_is_never_folded_has_files_of_its_own_that_no_flood_rotates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    let heard =
        Heard::with(|builder| builder.file(LogFile::new(&path).max_size(64 << 10).files(2)));
    heard.while_it(act);
    for window in 0..5 {
        heard.while_it(|| {
            (0..1000).for_each(|number| {
                refused("a", &format!("10.{window}.{}.{}", number / 250, number % 250))
            })
        });
        heard.clock.advance(MINUTE);
        assert!(heard.guard.as_ref().unwrap().flush());
    }
    drop(heard.end());
    assert!(!fs::read_to_string(&path).unwrap().contains("mallory"), "the flood is large enough");
    let kept = fs::read_to_string(folder.path().join("security-kept.log")).unwrap();
    assert_eq!(kept.lines().count(), 1, "and nothing else is in it: {kept}");
    assert!(kept.contains("mallory"), "{kept}");
}

#[test]
fn of_a_path_and_an_agent_the_security_log_has_512_bytes_and_of_other_texts_what_there_is() {
    let heard = Heard::start();
    let text = "x".repeat(600);
    let text = &*text;
    heard.while_it(|| {
        long("203.0.113.9", text);
        tracing::warn!(target: SECURITY_TARGET, event = "ban.added", reason = text, "x");
        tracing::info!(path = text, "x");
    });
    let lines = heard.lines();
    assert_eq!(
        (&lines[0]["path"], &lines[0]["user_agent"]),
        (&json!(text[..512]), &json!(text[..512]))
    );
    assert_eq!(
        (&lines[0]["cut"], &lines[1]["reason"], &lines[2]["path"]),
        (&json!(true), &json!(text), &json!(text))
    );
}

fn limited(limit: &str) {
    tracing::warn!(target: SECURITY_TARGET, event = "rate-limit.exceeded", code = "quota-exceeded", policy = "rate-limit", enforced = true, client_ip = "203.0.113.9", limit, "refused");
}

#[test]
fn two_limits_of_one_client_are_told_apart_and_their_sums_name_them() {
    let heard = Heard::start();
    heard.while_it(|| {
        for _ in 0..3 {
            limited("login");
            limited("global");
        }
    });
    assert_eq!(heard.lines().len(), 2);
    let mut sums = heard.end().split_off(2);
    sums.sort_by_key(|line| line["limit"].to_string());
    let told = |line: &Value| {
        (
            line["limit"].clone(),
            line["policy"].clone(),
            line["enforced"].clone(),
            line["folded"].clone(),
        )
    };
    let told: Vec<_> = sums.iter().map(told).collect();
    let sum = |limit| (json!(limit), json!("rate-limit"), json!(true), json!(2));
    assert_eq!(told, [sum("global"), sum("login")]);
}

#[test]
fn what_is_only_watched_and_what_another_issuer_says_is_told_apart() {
    let heard = Heard::start();
    heard.while_it(|| {
        for enforced in [true, false] {
            tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "a", enforced, "x");
        }
        for issuer in ["a", "b"] {
            tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "a", issuer, "x");
        }
    });
    assert_eq!(heard.lines().len(), 4);
}

#[test]
fn e5_one_network_of_addresses_takes_no_line_from_others() {
    let heard = Heard::start();
    let address = |number: u32| format!("2001:db8:0:7::{number:x}");
    heard.while_it(|| {
        for number in 0..2000 {
            let client_ip = address(number);
            let user_id = format!("user-{number}");
            tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "a", client_ip, user_id, "x");
        }
        tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "a", client_ip = "198.51.100.7", "x");
    });
    let lines = heard.lines();
    assert_eq!(lines.len(), 21, "twenty of the one, and the other");
    assert_eq!(lines[20]["client_ip"], "198.51.100.7");
    let sums = heard.end().split_off(21);
    let [sum] = &*sums else { panic!("{sums:#?}") };
    assert_eq!((&sum["folded"], &sum["client_ip"]), (&json!(1980), &json!("2001:db8:0:7::/64")));
    assert_eq!(
        (&sum["message"], sum.get("user_id")),
        (&json!("and as many others of this client"), None)
    );
}

#[test]
fn e5_the_addresses_of_one_network_are_one_client() {
    let heard = Heard::start();
    heard.while_it(|| {
        (0..2000).for_each(|number| refused("a", &format!("2001:db8:0:7::{number:x}")))
    });
    let lines = heard.end();
    assert_eq!((lines.len(), &lines[0]["client_ip"]), (2, &json!("2001:db8:0:7::0")));
    assert_eq!(
        (&lines[1]["client_ip"], &lines[1]["folded"]),
        (&json!("2001:db8:0:7::/64"), &json!(1999))
    );
}

/// A terminal that takes what it is told to.
struct Slow(Receiver<()>, Sender<Vec<u8>>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whoever waits no more lets everything pass.
        let _gone = self.0.recv();
        drop(self.1.send(bytes.to_vec()));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn sums_take_no_room_from_bans_and_are_told_when_there_is_room() {
    let (go_on, waits) = channel();
    let (writes, written) = channel();
    // Room for six usual lines and two that are kept, and one that is being written.
    let heard = Heard::with(|builder| builder.stream(Slow(waits, writes)).queue(8));
    let mut said = 0_u64;
    std::thread::scope(|scope| {
        let guard = heard.guard.as_ref().unwrap();
        // Each window ends while nobody reads.
        for _ in 0..3 {
            for client in 0..5 {
                heard
                    .while_it(|| (0..3).for_each(|_| refused("a", &format!("203.0.113.{client}"))));
                said += 3;
            }
            heard.clock.advance(MINUTE);
            let _waits = scope.spawn(|| guard.flush());
            let tapped = heard.tapped().len();
            // It has ended when what was folded is a line again.
            while heard.tapped().len() == tapped {
                heard.while_it(|| refused("a", "203.0.113.0"));
                said += 1;
            }
        }
        heard.while_it(|| tracing::warn!(target: SECURITY_TARGET, event = "ban.added", "x"));
        drop(go_on);
    });
    drop(heard.end());
    let text: Vec<u8> = written.iter().flatten().collect();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["event"] == "ban.added"), "{text}");
    let sum = |name: &str| lines.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
    let is_plain =
        |line: &&Value| line["event"] == "request.refused" && line.get("folded").is_none();
    let plain = lines.iter().filter(is_plain).count();
    assert_eq!(u64::try_from(plain).unwrap() + sum("folded") + sum("lost"), said, "{text}");
}

#[test]
fn a_value_that_fails_to_be_shown_where_events_are_compared_stops_nobody() {
    struct Broken;
    impl fmt::Display for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }
    let heard = Heard::start();
    heard.while_it(|| tracing::warn!(target: SECURITY_TARGET, event = "x", code = %Broken, "said"));
    assert_eq!(heard.lines().len(), 1);
}

#[test]
fn what_is_logged_while_a_thread_is_taken_apart_is_counted_and_stops_nobody() {
    struct Last(Option<Dispatch>);
    impl Drop for Last {
        fn drop(&mut self) {
            tracing::dispatcher::with_default(self.0.as_ref().unwrap(), || {
                tracing::warn!(target: SECURITY_TARGET, event = "x", "said at the end");
            });
        }
    }
    thread_local!(static LAST: RefCell<Last> = const { RefCell::new(Last(None)) });
    let heard = Heard::start();
    let dispatch = heard.dispatch();
    let thread = std::thread::spawn(move || {
        tracing::dispatcher::with_default(&dispatch, || {
            // What is used first is taken apart last.
            LAST.with(|last| last.borrow_mut().0 = Some(dispatch.clone()));
            tracing::warn!(target: SECURITY_TARGET, event = "x", "said");
        });
    });
    thread.join().unwrap();
    assert_eq!((heard.lines().len(), heard.log.status().lost), (1, 1));
}
