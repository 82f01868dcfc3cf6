//! Memory: of the server at rest, and of the stack while millions of addresses come.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use palisade::{
    autoban::{AutoBan, BanOrder},
    blocklist::Blocklist,
    core::{ClientIp, ClientIpSource, Clock, IpKey, Ipv6Prefix, SecurityContext, ViolationKind},
    ratelimit::{Key, Limiter},
    vfs_acl::{Acl, Action, Mount, Principal, Rule},
};
use serde_json::{Map, Value};
use tower_layer::Layer;

use crate::{
    direct::Direct,
    drive::Drive,
    hello::Hello,
    ours::{generous, stack},
    pauses, redis,
};

/// Keeps a figure under its name.
type Keep<'a> = &'a mut dyn FnMut(&str, f64);

type Section = fn(Keep<'_>);

/// What is measured, each by itself, by the name that its figures begin with.
const SECTIONS: [(&str, Section); 7] = [
    ("10 M addresses", under_attack),
    ("limiter", limiter),
    ("autoban", auto_ban),
    ("blocklist", blocklist),
    ("vfs-acl", vfs_acl),
    ("redis", redis),
    ("server", server),
];

/// Everything in MiB, under its name; or the sections of these `names`.
pub(crate) fn measure(names: &[&str]) -> Value {
    let mut measured = Map::new();
    let mut keep = |name: &str, value: f64| {
        println!("{name:<40} {value:>8.1}");
        measured.insert(name.to_owned(), ((value * 10.0).round() / 10.0).into());
    };
    let known = |name: &&&str| SECTIONS.iter().all(|(section, _)| section != *name);
    assert_eq!(names.iter().find(known), None, "there is no such section");
    for (_, section) in SECTIONS.iter().filter(|(name, _)| names.is_empty() || names.contains(name))
    {
        section(&mut keep);
    }
    Value::Object(measured)
}

fn redis(keep: Keep<'_>) {
    if let Some([calls, nanos]) = redis::measure() {
        keep("redis: calls per 100 requests of a busy client", calls);
        keep("redis: a direct call, ns", nanos);
    }
}

fn server(keep: Keep<'_>) {
    if let Some(mib) = server_at_rest() {
        keep("server at rest", mib);
    }
}

/// Every request from an address of its own, through the whole stack.
fn under_attack(keep: Keep<'_>) {
    let mut number: u32 = 0;
    let peer = move || {
        number = number.wrapping_add(1);
        SocketAddr::from((Ipv4Addr::from_bits(scattered(number)), 4711))
    };
    let mut attack = Direct::new(stack(generous(), &Clock::system()).layer(Hello::default()), peer);
    for (millions, more) in [(1, 1), (5, 4), (10, 5)] {
        attack.drive(more * 1_000_000);
        keep(&format!("10 M addresses: after {millions} M"), mib("self"));
    }
}

fn limiter(keep: Keep<'_>) {
    let before = mib("self");
    let limiter = Limiter::with_capacity(generous(), 10_000_000).unwrap();
    let clock = Clock::system();
    for number in 0..10_000_000_u32 {
        let address = Ipv4Addr::from_bits(scattered(number)).into();
        let key = IpKey::new(address, Ipv6Prefix::default());
        limiter.check(&Key::Address(key), clock.now());
    }
    let bytes = (mib("self") - before) * 1024.0 * 1024.0;
    keep("limiter: bytes per key at 10 M", bytes / 10_000_000.0);
    keep("limiter: process with 10 M keys, MiB", mib("self"));
    drop(limiter);
    keep("limiter: longest check, ns", pauses::of_limiter());
}

/// A violation of each of ten million addresses, none of them twice, while 1 000 others are banned.
fn auto_ban(keep: Keep<'_>) {
    let before = mib("self");
    let auto_ban = AutoBan::builder().build().unwrap();
    let banned = |number: u32| Ipv4Addr::from_bits(0xf000_0000 | number);
    for number in 0..1_000 {
        auto_ban.ban_ip(&banned(number).to_string(), BanOrder::by("counts")).unwrap();
    }
    let clock = Clock::system();
    let million = |first: u32| {
        let begun = Instant::now();
        for number in first..first + 1_000_000 {
            let address = Ipv4Addr::from_bits(scattered(number) & 0x7fff_ffff).into();
            let context = SecurityContext::new(clock.now());
            let client = ClientIp::new(address, ClientIpSource::Peer, Ipv6Prefix::default());
            context.learn_client_ip(client);
            auto_ban.report(&context, ViolationKind::AuthFailure);
        }
        begun.elapsed().as_secs_f64()
    };
    let times: Vec<f64> = (0..10).map(|number| million(number * 1_000_000)).collect();
    keep("autoban: memory after 10 M violations, MiB", mib("self") - before);
    keep(
        "autoban: the tenth million of violations, in percent of the second",
        times[9] / times[1] * 100.0,
    );
    let bans = auto_ban.bans().ips;
    let still = (0..1_000).filter(|number| {
        let value = banned(*number).to_string();
        bans.iter().any(|ban| ban.value == value)
    });
    assert_eq!(still.count(), 1_000, "nobody is set free");
}

/// A million networks of each kind, as a file brings them.
fn blocklist(keep: Keep<'_>) {
    let v4 = |number: u32| {
        let length = match number % 4 {
            0 => 24,
            1 => 28,
            _ => 32,
        };
        format!(
            "\"{}/{length}\"",
            Ipv4Addr::from_bits(scattered(number) & (u32::MAX << (32 - length)))
        )
    };
    let v6 = |number: u32| {
        let length = match number % 4 {
            0 => 48,
            1 => 56,
            _ => 64,
        };
        let bits = (0x2400_u128 << 112) | (u128::from(scattered(number)) << 72);
        format!("\"{}/{length}\"", Ipv6Addr::from_bits(bits & (u128::MAX << (128 - length))))
    };
    let kinds: [(&str, &dyn Fn(u32) -> String); 2] = [("IPv4", &v4), ("IPv6", &v6)];
    for (kind, network) in kinds {
        let networks: Vec<String> = (0..1_000_000).map(network).collect();
        let text = format!(r#"{{"blockedIPs": [{}]}}"#, networks.join(","));
        drop(networks);
        let [kept, peak] = in_a_process_of_its_own(&text);
        keep(&format!("blocklist: 1 M {kind}, MiB"), kept);
        keep(&format!("blocklist: 1 M {kind}, at most while loading, MiB"), peak);
        if kind == "IPv4" {
            let [quiet, loud] = pauses::of_reload(&text);
            keep("blocklist: longest lookup, ns", quiet);
            keep("blocklist: longest lookup while 1 M are loaded, ns", loud);
        }
    }
}

/// A million grants, each of a user of its own, to what a pattern matches.
fn vfs_acl(keep: Keep<'_>) {
    let grants = 1_000_000_u32;
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args(["grants", &grants.to_string()]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    keep("vfs-acl: bytes per grant at 1 M", told * 1024.0 * 1024.0 / f64::from(grants));
}

/// Prints what so many grants take, in MiB.
pub(crate) fn of_grants(count: &str) {
    let grant = |number: u32| {
        let user = Principal::user(format!("user-{number}"));
        Rule::grant("docs", user, Action::Read).matching(format!("team-{number}/**/*.md"))
    };
    let before = mib("self");
    let grants = (0..count.parse().unwrap()).map(grant);
    let acl = Acl::builder().mount(Mount::at("docs")).rules(grants).build().unwrap();
    println!("{}", mib("self") - before);
    drop(acl);
}

/// What a list keeps, and what it takes at most while it is loaded, in MiB. This process has memory left over from what was
/// measured before, in which a list would be found to take none.
fn in_a_process_of_its_own(text: &str) -> [f64; 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.json");
    fs::write(&path, text).unwrap();
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).arg("list").arg(&path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let mut numbers = told.split_whitespace().map(|number| number.parse().unwrap());
    [numbers.next().unwrap(), numbers.next().unwrap()]
}

/// Loads the list at `path`, and prints what it keeps and what it took at most.
pub(crate) fn of_list(path: &str) {
    let text = fs::read(path).unwrap();
    let before = mib("self");
    let list = Blocklist::parse(&text, "counts").unwrap();
    println!("{} {}", mib("self") - before, peak() - before);
    drop(list);
}

/// An odd factor visits every number once, in no order.
fn scattered(number: u32) -> u32 {
    number.wrapping_mul(2_654_435_769)
}

/// Of the reference server, if it was built.
fn server_at_rest() -> Option<f64> {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/palisade-server");
    let folder = std::env::temp_dir().join(format!("palisade-at-rest-{}", std::process::id()));
    fs::create_dir_all(&folder).ok()?;
    let mut server = Command::new(program)
        .current_dir(&folder)
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut line = String::new();
    let read = server.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
    let used = read.and_then(Result::ok).map(|_| mib(&server.id().to_string()));
    drop(server.kill());
    drop(server.wait());
    drop(fs::remove_dir_all(folder));
    used
}

/// What a process holds in memory.
fn mib(process: &str) -> f64 {
    status(process, "VmRSS:")
}

/// The most that this process held.
fn peak() -> f64 {
    status("self", "VmHWM:")
}

fn status(process: &str, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kib = line.trim().trim_end_matches(" kB").parse().unwrap_or(0_u32);
    f64::from(kib) / 1024.0
}
