//! Laws that hold for every history.

use std::{collections::HashMap, fs, time::Duration};

use palisade_autoban::BanOrder;
use palisade_core::ViolationKind::Suspicious;
use proptest::{collection::vec, prelude::*};

use crate::{Bench, Who};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Someone is banned at the first violation for which more than the threshold lie within the window, and not before:
    /// as a list of all times says.
    #[test]
    fn a_ban_comes_exactly_when_a_list_of_all_times_says(
        threshold in 1_u32..8,
        steps in vec((0_u64..400, 0_u8..3), 1..80),
    ) {
        let window = Duration::from_millis(1000);
        let bench = Bench::new(|settings| settings.threshold(threshold).window(window));
        let mut times: HashMap<u8, Vec<u64>> = HashMap::new();
        let mut banned = [false; 3];
        let mut now = 0;
        for (wait, who) in steps {
            now += wait;
            bench.clock.advance(Duration::from_millis(wait));
            let addr = format!("203.0.113.{who}");
            let expected = if banned[usize::from(who)] { "banned" } else { "inside" };
            prop_assert_eq!(bench.violates(Who(&addr, None), Suspicious, 1), expected);
            if expected == "inside" {
                let own = times.entry(who).or_default();
                own.push(now);
                let within = own.iter().filter(|time| now - **time < 1000).count();
                banned[usize::from(who)] = u32::try_from(within).unwrap() > threshold;
            }
        }
    }

    /// With a high threshold times are put together; nobody is banned early by it, and a burst is banned all the same.
    #[test]
    fn putting_times_together_bans_nobody_who_did_not_exceed_the_threshold(
        threshold in 65_u32..200,
        waits in vec(0_u64..30, 1..600),
    ) {
        let bench = Bench::new(|settings| settings.threshold(threshold).window(Duration::from_millis(1000)));
        let mut times = Vec::new();
        let mut now = 0;
        for wait in waits {
            now += wait;
            bench.clock.advance(Duration::from_millis(wait));
            times.push(now);
            bench.violates(Who("203.0.113.9", None), Suspicious, 1);
            let within = times.iter().filter(|time| now - **time < 1000).count();
            let exceeded = within > usize::try_from(threshold).unwrap();
            if bench.asks(Who("203.0.113.9", None)) == "banned" {
                prop_assert!(exceeded);
                return Ok(());
            }
            // Forgotten at most a 64th of the window early.
            let surely = times.iter().filter(|time| now - **time < 984).count();
            prop_assert!(surely <= usize::try_from(threshold).unwrap());
        }
    }

    /// Whoever comes, goes and is forgiven: what is tracked is what a list of all times says, as long as there is room for
    /// all; and there are never more than there is room for, each once, with no more than he did.
    #[test]
    fn what_is_tracked_is_what_a_list_of_all_times_says(
        room in 1_usize..12,
        steps in vec((0_u8..10, 0_u64..300, 0_u8..12), 1..200),
    ) {
        let window = Duration::from_millis(1000);
        let bench = Bench::new(|settings| settings.max_keys(room).threshold(1000).window(window));
        let mut times: HashMap<String, Vec<u64>> = HashMap::new();
        let mut now = 0;
        for (who, wait, what) in steps {
            let addr = format!("203.0.113.{who}");
            match what {
                0 => {
                    bench.auto_ban.unban_ip(&addr, "alice").unwrap();
                    times.remove(&addr);
                }
                1 => bench.auto_ban.cleanup(bench.clock.now()),
                2 => {
                    now += wait;
                    bench.clock.advance(Duration::from_millis(wait));
                }
                _ => {
                    bench.violates(Who(&addr, None), Suspicious, 1);
                    times.entry(addr).or_default().push(now);
                }
            }
            let stats = bench.auto_ban.violations();
            prop_assert!(stats.tracked <= room);
            let tracked: HashMap<_, _> = stats
                .offenders
                .iter()
                .map(|offender| (offender.value.clone(), offender.violations.total()))
                .collect();
            prop_assert_eq!(tracked.len(), stats.offenders.len(), "each once");
            let within: HashMap<_, _> = times
                .iter()
                .map(|(addr, own)| (addr.clone(), own.iter().filter(|time| now - **time < 1000).count()))
                .filter(|(_, count)| *count > 0)
                .map(|(addr, count)| (addr, u32::try_from(count).unwrap()))
                .collect();
            for (addr, count) in &tracked {
                prop_assert!(within.get(addr).is_some_and(|most| count <= most), "{addr}");
            }
            if room >= 10 {
                prop_assert_eq!(tracked, within);
            }
        }
    }

    /// Whatever is banned and lifted, a restart finds the same bans.
    #[test]
    fn a_restart_finds_the_same_bans(
        users in vec(("\\PC{1,40}", "\\PC{0,20}", proptest::option::of(1_u64..1000)), 0..12),
        ips in vec(any::<u32>(), 0..12),
        lifted in 0_usize..4,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ban.json");
        let start = || Bench::new(|settings| settings.file(&path));
        let bench = start();
        for (user, reason, seconds) in &users {
            let order = BanOrder::by("alice").reason(&**reason);
            let order = match seconds {
                Some(seconds) => order.lasting(Duration::from_secs(*seconds)),
                None => order,
            };
            bench.auto_ban.ban_user(user, order).unwrap();
        }
        for ip in &ips {
            let ip = std::net::Ipv4Addr::from_bits(*ip).to_string();
            bench.auto_ban.ban_ip(&ip, BanOrder::by("alice")).unwrap();
        }
        for (user, ..) in users.iter().take(lifted) {
            bench.auto_ban.unban_user(user, "alice");
        }
        let sorted = |bench: &Bench| {
            let mut list = bench.auto_ban.bans();
            list.ips.sort_by(|a, b| a.value.cmp(&b.value));
            list.users.sort_by(|a, b| a.value.cmp(&b.value));
            list
        };
        let before = sorted(&bench);
        drop(bench);
        prop_assert_eq!(sorted(&start()), before);
    }

    /// No bytes in the file make the start panic: it is healthy or in safe mode.
    #[test]
    fn no_file_makes_the_start_panic(
        key in prop_oneof![Just("bannedIPs"), Just("bannedUserIds"), Just("bannedTokens"), Just("version"), Just("more")],
        value in prop_oneof!["\\PC{0,20}", "[0-9a-f:./]{0,40}", "[0-9TZ:.+-]{0,30}"],
        tail in vec(any::<u8>(), 0..3),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ban.json");
        let value = serde_json::to_string(&value).unwrap();
        let mut json = format!(
            "{{\"{key}\": [{value}, {{\"value\": {value}, \"since\": {value}, \"until\": {value}, \"by\": {value}}}]}}"
        )
        .into_bytes();
        json.extend(tail);
        fs::write(&path, &json).unwrap();
        let bench = Bench::new(|settings| settings.file(&path));
        let status = bench.auto_ban.status();
        prop_assert!(status.is_healthy() || status.file.unwrap().safe_mode.is_some());
    }
}
