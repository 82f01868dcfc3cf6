//! Runs one scenario under valgrind's callgrind.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::{COUNTED, Counts};

/// Counts what one request of the scenario costs.
pub(crate) fn count(name: &str) -> Counts {
    let own = env::current_exe().expect("this program's path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*measured_region*")
        .arg(own)
        .args(["one", name])
        .stdin(Stdio::null())
        .output()
        .expect("valgrind (Debian package valgrind)");
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {out}{errors}");
    let number = |text: &str, before: &str| -> u64 {
        let line = text.lines().find(|line| line.contains(before));
        let line = line.unwrap_or_else(|| panic!("{name}: no `{before}` in {text}"));
        line.split_whitespace().next_back().and_then(|word| word.parse().ok()).expect("a number")
    };
    Counts {
        instructions: number(&errors, "Collected :") / COUNTED,
        allocations: number(&out, "allocations "),
    }
}
