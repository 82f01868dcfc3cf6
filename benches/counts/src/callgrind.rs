//! Runs one case under valgrind's callgrind, and reads what it counted.

use std::{
    collections::HashMap,
    env, fs,
    process::{self, Command, Stdio},
};

use crate::{COUNTED, case::Case, table::Counts};

/// The functions of the C library that take memory.
const ALLOCATE: [&str; 6] =
    ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"];

/// Counts what one request of the case costs.
pub(crate) fn count(Case { name, .. }: Case) -> Counts {
    let file = env::temp_dir().join(format!("palisade-counts-{}.callgrind", process::id()));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*measured_region*"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().expect("this program's path"))
        .args(["one", name])
        .stdin(Stdio::null())
        .output()
        .expect("valgrind (Debian package valgrind)");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let profile = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    drop(fs::remove_file(&file));
    let per_request = |all: u64| (all + COUNTED / 2) / COUNTED;
    Counts {
        instructions: per_request(instructions(&profile)),
        allocations: per_request(allocations(&profile)),
    }
}

fn instructions(profile: &str) -> u64 {
    let line = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    line.and_then(|line| line.trim().parse().ok()).expect("a total")
}

/// The calls of whatever allocates. In a profile, `cfn=` names who is called by the `calls=` behind it, by a number that
/// was given a name where it came first.
fn allocations(profile: &str) -> u64 {
    let (mut names, mut called, mut calls) = (HashMap::new(), "", 0);
    for line in profile.lines() {
        if let Some((kind @ ("fn" | "cfn"), name)) = line.split_once('=') {
            let (number, name) = name.split_once(' ').unwrap_or((name, ""));
            if !name.is_empty() {
                names.insert(number, name);
            }
            if kind == "cfn" {
                called = names.get(number).copied().unwrap_or_default();
            }
        } else if let Some(count) = line.strip_prefix("calls=")
            && ALLOCATE.contains(&called)
        {
            let count = count.split(' ').next().and_then(|count| count.parse::<u64>().ok());
            calls += count.expect("a number of calls");
        }
    }
    calls
}
