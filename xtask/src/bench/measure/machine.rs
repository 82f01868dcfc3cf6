//! Where and when something was measured, and with which versions.

use std::{collections::BTreeMap, fs};

use serde::{Deserialize, Serialize};

use crate::{
    Failure,
    bench::{measure::hono, results::read_json},
    command::{output, root},
};

/// A machine on a day.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Machine {
    pub(crate) date: String,
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    /// Of what is measured.
    pub(crate) versions: BTreeMap<String, String>,
}

/// `Cargo.lock`, as far as we read it.
#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Debug, Deserialize)]
struct Locked {
    name: String,
    version: String,
}

/// `package.json`, as far as we read it.
#[derive(Debug, Deserialize)]
struct Manifest {
    dependencies: BTreeMap<String, String>,
}

/// The crates whose versions the figures depend on.
const MEASURED: [&str; 10] = [
    "axum",
    "axum-helmet",
    "governor",
    "hyper",
    "jsonwebtoken",
    "matchit",
    "moka",
    "quick_cache",
    "tower-http",
    "tower_governor",
];

// === impl Machine ===

impl Machine {
    /// This one, today.
    pub(crate) fn this() -> Result<Self, Failure> {
        let processors = read("/proc/cpuinfo")?;
        let lock = root().join("Cargo.lock");
        let mut versions = versions_in(&read(&lock.to_string_lossy())?)?;
        // The peer in another language is left out where there is no Node.js.
        if let Ok(node) = said_by("node", &["--version"]) {
            versions.insert("Node.js".to_owned(), node.trim_start_matches('v').to_owned());
            let manifest: Manifest = read_json(&hono::folder().join("package.json"))?;
            versions.extend(manifest.dependencies);
        }
        Ok(Self {
            date: said_by("date", &["-u", "+%F"])?,
            cpu: model_in(&processors),
            cores: processors.lines().filter(|line| line.starts_with("processor")).count(),
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            rustc: said_by("rustc", &["--version"])?,
            versions,
        })
    }

    /// One line for a person.
    pub(crate) fn described(&self) -> String {
        let Self { date, cpu, cores, kernel, rustc, .. } = self;
        format!("Measured on {date}: {cpu}, {cores} cores, Linux {kernel}, {rustc}.")
    }
}

/// The name of the processor in `/proc/cpuinfo`; not every architecture has one there.
pub(super) fn model_in(processors: &str) -> String {
    let line = processors.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| line.split_once(':')).map(|(_, model)| model.trim());
    model.unwrap_or("a processor without a name").to_owned()
}

/// The versions of what is measured. Of two of the same crate the newer one is ours: the lock file lists it last.
pub(super) fn versions_in(lock: &str) -> Result<BTreeMap<String, String>, Failure> {
    let Lock { package } = toml::from_str(lock).map_err(|error| format!("Cargo.lock: {error}"))?;
    let measured = package.into_iter().filter(|package| MEASURED.contains(&package.name.as_str()));
    Ok(measured.map(|Locked { name, version }| (name, version)).collect())
}

fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

fn said_by(program: &str, arguments: &[&str]) -> Result<String, Failure> {
    let said = output(program, arguments)?;
    Ok(String::from_utf8_lossy(&said).trim().to_owned())
}
