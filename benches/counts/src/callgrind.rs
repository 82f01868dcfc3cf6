//! Runs one case under valgrind's callgrind, and reads what it counted.

use std::{
    collections::HashMap,
    env, fs,
    process::{Command, Stdio},
};

use crate::{COUNTED, case::Case, table::Counts};

/// What the first thread does from the counted requests on.
const FIRST_THREAD: &str = "callgrind-01";
/// The functions of the C library that take memory.
const ALLOCATE: [&str; 6] =
    ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"];

/// Counts what one request of the case costs.
pub(crate) fn count(Case { name, .. }: Case) -> Counts {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("callgrind");
    let output = Command::new("valgrind")
        // What came before is written into a file of its own, and what each thread does.
        .args(["--tool=callgrind", "--dump-before=*measured_region*", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(env::current_exe().expect("this program's path"))
        .args(["one", name])
        .stdin(Stdio::null())
        .output()
        .expect("valgrind (Debian package valgrind)");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}");
    let profile = directory.path().join(FIRST_THREAD);
    let profile = fs::read_to_string(profile).expect("a profile");
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
