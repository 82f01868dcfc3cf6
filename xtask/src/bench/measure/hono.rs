//! Hono on Node.js, a peer in another language: measured where Node.js is.

use std::path::PathBuf;

use crate::{
    Failure,
    bench::measure::server::Server,
    command::{root, run, succeeds},
};

const FOLDER: &str = "benches/hono";

/// Whether it can be measured. Its packages are installed if they are missing; a note says what stands in the way.
pub(super) fn is_ready() -> bool {
    if !succeeds("node", &["--version"]) {
        println!("note: Hono is left out: there is no node (optional, from the package nodejs)");
        return false;
    }
    match installed().and_then(|()| start().map(drop)) {
        Ok(()) => true,
        Err(failure) => {
            println!("note: Hono is left out: {failure}");
            false
        }
    }
}

/// Starts it.
pub(super) fn start() -> Result<Server, Failure> {
    Server::start("node", &["server.mjs"], &folder())
}

fn installed() -> Result<(), Failure> {
    if folder().join("node_modules").is_dir() {
        return Ok(());
    }
    run("npm", &["ci", "--no-audit", "--no-fund", "--prefix", FOLDER], &[])
}

/// Where it lies.
pub(super) fn folder() -> PathBuf {
    root().join(FOLDER)
}
