//! `palisade-counts`, the program that counts, serves and measures from the inside.

use std::{fs, io::ErrorKind};

use serde::de::DeserializeOwned;

use crate::{
    Failure,
    bench::{PROGRAM, results::read_json},
    command::{root, run},
};

/// Released, but for what no request runs: see the workspace's `Cargo.toml`.
const PROFILE: &str = "counts";

/// Lets it measure `what`, and returns what it writes down.
pub(super) fn ask<T: DeserializeOwned>(what: &str) -> Result<T, Failure> {
    let folder = root().join("target/bench");
    let file = folder.join(format!("{what}.json"));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    // What an earlier run left must not pass for what this one found.
    if let Err(error) = fs::remove_file(&file)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(format!("{}: {error}", file.display()));
    }
    run_with(&[], &[what, "--json", &file.to_string_lossy()])?;
    read_json(&file)
}

/// Builds it without the peers, and lets it compare with what is kept: nothing that is not ours is promised.
pub(super) fn check() -> Result<(), Failure> {
    run_with(&["--no-default-features"], &["counts", "--check"])
}

/// Builds it and runs it with these words.
fn run_with(features: &[&str], words: &[&str]) -> Result<(), Failure> {
    let cargo: &[&str] = &["run", "--profile", PROFILE, "--locked", "-p", PROGRAM];
    run("cargo", &[cargo, features, &["--"], words].concat(), &[])
}

/// Builds it, and returns its path.
pub(super) fn built() -> Result<String, Failure> {
    run("cargo", &["build", "--profile", PROFILE, "--locked", "-p", PROGRAM], &[])?;
    Ok(root().join("target").join(PROFILE).join(PROGRAM).to_string_lossy().into_owned())
}
