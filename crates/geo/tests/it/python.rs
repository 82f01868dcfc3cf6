//! Another reader, which others wrote: `maxminddb` of `PyPI` finds the same locations.

use std::{
    fs::{self, File},
    io::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use palisade_core::Location;
use palisade_geo::LocationDatabase as _;
use serde_json::Value;

use crate::maxmind::{data, ends, open};

const PROGRAM: &str = r#"
import json, sys, maxminddb
reader = maxminddb.open_database(sys.argv[1])
for line in sys.stdin:
    print(json.dumps(reader.get(line.strip())))
"#;

/// What is to be installed, with its digests.
const REQUIREMENTS: &str = include_str!("../data/requirements.txt");

/// Whether a program came to its end well; what it said is shown if not.
#[expect(clippy::print_stderr, reason = "who reads the log is to know what was left out")]
fn succeeds(program: &Path, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    let fine = output.as_ref().is_ok_and(|output| output.status.success());
    if !fine {
        eprintln!("left out: {} {arguments:?}: {output:?}", program.display());
    }
    fine
}

/// The interpreter that finds the other reader, installed once; none where the registry cannot be reached.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("geo-python");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let (own, done) = (folder.join("venv/bin/python"), folder.join(".installed"));
    if fs::read_to_string(&done).ok().as_deref() != Some(REQUIREMENTS) {
        let list = folder.join("requirements.txt");
        fs::write(&list, REQUIREMENTS).unwrap();
        let venv = folder.join("venv");
        let made = succeeds(Path::new("python3"), &["-m", "venv", venv.to_str().unwrap()]);
        let install =
            ["-m", "pip", "install", "-q", "--require-hashes", "-r", list.to_str().unwrap()];
        if !made || !succeeds(&own, &install) {
            return None;
        }
        fs::write(&done, REQUIREMENTS).unwrap();
    }
    Some(own)
}

/// What the other reader finds of each address.
fn found(python: &Path, database: &Path, addresses: &[IpAddr]) -> Vec<Value> {
    let mut child = Command::new(python)
        .args(["-c", PROGRAM, database.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text: String = addresses.iter().map(|address| format!("{address}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Addresses all over both databases: the start of each /16 of IPv4, and of IPv6 where somebody is.
fn addresses() -> Vec<IpAddr> {
    let v4 = (0..=u32::MAX).step_by(1 << 16).map(|bits| Ipv4Addr::from_bits(bits | 0x8e).into());
    let v6 = (0..1_u128 << 16).map(|bits| Ipv6Addr::from_bits((0x2001_0000 + bits) << 96 | 1));
    let also =
        (0..1_u128 << 12).map(|bits| Ipv6Addr::from_bits((0x2a00_0000 + (bits << 12)) << 96));
    v4.chain(v6.map(IpAddr::from)).chain(also.map(IpAddr::from)).collect()
}

#[test]
fn another_reader_finds_the_same() {
    let Some(python) = python() else { return };
    for name in ["GeoIP2-City-Test", "GeoIP2-Country-Test"] {
        let mut addresses = addresses();
        addresses.extend(ends(name));
        let database = format!("{name}.mmdb");
        let (file, _folder) = open(&database);
        let theirs = found(&python, &data(&database), &addresses);
        assert_eq!(theirs.len(), addresses.len());
        let mut known = 0;
        for (address, record) in addresses.iter().zip(theirs) {
            let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
            let wanted = text("/country/iso_code").map(|code| {
                let mut location = Location::new().country(code.parse().unwrap());
                location.region = text("/subdivisions/0/names/en").map(Box::from);
                location.city = text("/city/names/en").map(Box::from);
                location
            });
            known += usize::from(wanted.is_some());
            assert_eq!(file.locate(*address).as_deref(), wanted.as_ref(), "{name} {address}");
        }
        assert!(known > 400, "{name}: {known}");
    }
}
