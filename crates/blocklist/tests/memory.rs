//! How much memory a reload takes. A process of its own: it is the process that is measured.
#![cfg(target_os = "linux")]
#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    net::Ipv4Addr,
};

use palisade_blocklist::BlocklistFile;
use palisade_core::Clock;

/// A line of `/proc/self/status` that counts KiB, in MiB.
fn mib(name: &str) -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u32>().unwrap() / 1024
}

/// A million networks, as `first` numbers them.
fn write(path: &std::path::Path, first: u32) {
    // Not made in memory: what is freed there stays with the process.
    let mut text = BufWriter::new(File::create(path).unwrap());
    write!(text, "{{\"blockedIPs\": [\"192.0.2.1\"").unwrap();
    for n in first..first + 1_000_000 {
        let bits = n.wrapping_mul(2_654_435_769);
        write!(text, ",\n\"{}\"", Ipv4Addr::from_bits(bits)).unwrap();
    }
    write!(text, "]}}").unwrap();
    text.flush().unwrap();
}

#[test]
fn a_reload_of_a_million_takes_less_than_60_mib_at_its_peak_and_10_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blocklist.json");
    fs::write(&path, "{}").unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    write(&path, 0);
    let before = mib("VmRSS:");
    file.reload().unwrap();
    let stays = mib("VmRSS:").saturating_sub(before);
    assert_eq!(file.shared().list().counts().addresses, 1_000_001);
    write(&path, 1_000_000);
    // The peak begins anew: that of a reload while a list of a million is in force.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    file.reload().unwrap();
    let peak = mib("VmHWM:").saturating_sub(before);
    println!("1 M IPv4 networks from JSON: {stays} MiB stay, {peak} MiB at the peak of a reload");
    assert!(stays <= 10, "{stays} MiB");
    assert!(peak <= 60, "{peak} MiB");
}
