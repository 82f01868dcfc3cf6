//! `palisade-counts`, the program that counts, serves and measures from the inside.

use std::{fs, io::ErrorKind};

use serde::de::DeserializeOwned;

use crate::{
    Failure,
    bench::{PROGRAM, results::read_json},
    command::{root, run},
    steps,
};

/// Released, but for what no request runs: see the workspace's `Cargo.toml`.
const PROFILE: &str = "counts";

/// Lets it measure `what`, or of that what `words` choose, and returns what it writes down.
pub(super) fn ask<T: DeserializeOwned>(what: &str, words: &[&str]) -> Result<T, Failure> {
    let folder = root().join("target/bench");
    let file = folder.join(format!("{what}.json"));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    // What an earlier run left must not pass for what this one found.
    if let Err(error) = fs::remove_file(&file)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(format!("{}: {error}", file.display()));
    }
    run_with(&[&[what, "--json", &file.to_string_lossy()], words].concat())?;
    read_json(&file)
}

/// Builds it as the tests are built, which spares half an hour: without the peers, and not optimised. A layer that gets
/// slower gets slower there too.
pub(super) fn as_tested(words: &[&str]) -> Result<(), Failure> {
    run("cargo", &steps::whole(&["build"], &["--tests", "--bin", PROGRAM]), &[])?;
    run(&path_in("debug"), words, &[])
}

/// Builds it as it is released, with the peers, and runs it with these words.
fn run_with(words: &[&str]) -> Result<(), Failure> {
    run(&built()?, words, &[])
}

/// Builds it as it is released, with the peers, and returns its path.
pub(super) fn built() -> Result<String, Failure> {
    let build = ["build", "--profile", PROFILE, "--locked", "-p", PROGRAM, "--features", "peers"];
    run("cargo", &build, &[])?;
    Ok(path_in(PROFILE))
}

fn path_in(folder: &str) -> String {
    root().join("target").join(folder).join(PROGRAM).to_string_lossy().into_owned()
}
