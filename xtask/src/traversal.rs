//! `cargo xtask traversal`: sends lists of path traversals that others made to a server of the tests.

use std::{fs, path::Path};

use crate::{Failure, command::run, steps::whole};

/// Names the list to the test that sends it.
const LIST: &str = "PALISADE_TRAVERSAL_LIST";
/// Starts a server with canaries around its files, and says what came back.
const TEST: &str = "vfs_traversal::lists_of_others_lead_nowhere_either";

/// Sends each line of the file `list`, byte for byte and escaped, at each place of a URL where a path may stand: read, written,
/// removed, listed. It fails if an answer holds a canary, is a server error or is none, and if anything outside of the mount
/// is not as it was.
pub(crate) fn traversal(list: &str) -> Result<(), Failure> {
    let path = fs::canonicalize(list).map_err(|error| format!("{list}: {error}"))?;
    let lines = lines(&path)?;
    println!("{lines} lines of {}", path.display());
    let path = path.to_str().ok_or_else(|| format!("{list}: its path is no UTF-8"))?;
    let test = ["--test", "server", "--", "--exact", TEST, "--nocapture"];
    run("cargo", &whole(&["test"], &test), &[(LIST, path)])
}

fn lines(path: &Path) -> Result<usize, Failure> {
    let list = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = list.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    match lines.count() {
        0 => Err(format!("{}: nothing is in it", path.display())),
        lines => Ok(lines),
    }
}
