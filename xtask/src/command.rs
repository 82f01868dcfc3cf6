//! Programs that are run, and what to type to run them again.

use std::{path::PathBuf, process::Command};

use crate::Failure;

/// Where the workspace is: above this crate.
pub(crate) fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Runs `program` in the workspace's root, with its output shown.
pub(crate) fn run(
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<(), Failure> {
    let line = as_typed(program, arguments, environment);
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().copied()).current_dir(root());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{line}\n  ended with {status}")),
        Err(error) => Err(format!("{line}\n  did not start: {error}")),
    }
}

/// Runs `program` in the workspace's root and returns what it writes.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let line = as_typed(program, arguments, &[]);
    match Command::new(program).args(arguments).current_dir(root()).output() {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(format!("{line}\n  ended with {}\n{errors}", output.status))
        }
        Err(error) => Err(format!("{line}\n  did not start: {error}")),
    }
}

/// Whether `program` runs and says that all is well. What it writes is dropped.
pub(crate) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// The line that runs the same in a shell.
pub(crate) fn as_typed(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let quoted = |word: &str| {
        if word.is_empty() || word.contains([' ', '"', '*', '$']) {
            format!("'{word}'")
        } else {
            word.to_owned()
        }
    };
    let variables = environment.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
    let words = std::iter::once(program).chain(arguments.iter().copied()).map(quoted);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}
