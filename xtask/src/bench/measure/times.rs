//! Times, as criterion finds them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    Failure,
    bench::{number::rounded, results::read_json},
    command::{root, run},
};

/// `benchmark.json`, as far as we read it.
#[derive(Debug, Deserialize)]
struct Benchmark {
    full_id: String,
}

/// `estimates.json`, as far as we read it.
#[derive(Debug, Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Debug, Deserialize)]
struct Estimate {
    /// Nanoseconds.
    point_estimate: f64,
}

const BENCH: [&str; 4] = ["bench", "--locked", "-p", "palisade-benches"];
const PATIENCE: [&str; 6] = ["--", "--noplot", "--warm-up-time", "1", "--measurement-time", "2"];

/// Runs the benches that `words` choose for cargo, or all; medians in nanoseconds.
pub(super) fn measure(words: &[&str]) -> Result<BTreeMap<String, f64>, Failure> {
    let home = root().join("target/criterion");
    // Benches that are gone would count else.
    if let Err(error) = fs::remove_dir_all(&home)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(format!("{}: {error}", home.display()));
    }
    let place = home.to_string_lossy().into_owned();
    run("cargo", &[&BENCH[..], words, &PATIENCE].concat(), &[("CRITERION_HOME", place.as_str())])?;
    collected(&home)
}

/// What was kept, with what was found in place of all of its groups.
pub(super) fn renewed(
    kept: BTreeMap<String, f64>,
    found: BTreeMap<String, f64>,
) -> BTreeMap<String, f64> {
    let groups: BTreeSet<&str> = found.keys().map(|name| group(name)).collect();
    let mut all: BTreeMap<String, f64> =
        kept.into_iter().filter(|(name, _)| !groups.contains(group(name))).collect();
    all.extend(found);
    all
}

/// The group of a figure, which begins its name.
fn group(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// The medians below the folder `home`.
pub(super) fn collected(home: &Path) -> Result<BTreeMap<String, f64>, Failure> {
    let mut folders = vec![home.to_path_buf()];
    let mut medians = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        // The newest run of a bench; beside it stand older ones.
        if folder.ends_with("new") {
            let Benchmark { full_id } = read_json(&folder.join("benchmark.json"))?;
            let Estimates { median } = read_json(&folder.join("estimates.json"))?;
            medians.insert(full_id, rounded(median.point_estimate, 10.0));
        } else {
            folders.extend(folders_in(&folder)?);
        }
    }
    Ok(medians)
}

fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let said = |error: io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(said)?.collect::<io::Result<Vec<_>>>();
    let paths = entries.map_err(said)?.into_iter().map(|entry| entry.path());
    Ok(paths.filter(|path| path.is_dir()).collect())
}
