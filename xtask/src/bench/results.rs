//! What was measured last, as it is kept in `benches/results/`.

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Failure,
    bench::{measure::Machine, part::Part},
    command::root,
};

/// The file that says when and where each part was measured.
const MACHINE: &str = "machine";

/// All that is kept, by name; a part that was never measured is empty.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// What one request costs.
    pub(crate) counts: BTreeMap<String, Cost>,
    /// Medians in nanoseconds.
    pub(crate) times: BTreeMap<String, f64>,
    /// Nanoseconds per request of every server, over connections in memory.
    pub(crate) turns: BTreeMap<String, f64>,
    /// Servers under load.
    pub(crate) socket: BTreeMap<String, Load>,
    pub(crate) threads: BTreeMap<String, Speed>,
    /// Mebibytes, if the name says nothing else.
    pub(crate) memory: BTreeMap<String, f64>,
    /// A large file, up and down; the name says the unit.
    pub(crate) large: BTreeMap<String, f64>,
    /// Where and when each part was measured.
    pub(crate) machine: BTreeMap<String, Machine>,
}

/// What one request costs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Cost {
    pub(crate) instructions: u32,
    pub(crate) allocations: u32,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) beyond: Option<String>,
}

/// What a server on one core did.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Load {
    pub(crate) requests_per_second: f64,
    pub(crate) cpu_us_per_request: f64,
    pub(crate) rss_mib: f64,
}

/// Requests per second on one thread and on two.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Speed {
    pub(crate) one: f64,
    pub(crate) two: f64,
}

// === impl Results ===

impl Results {
    /// Reads all that is kept.
    pub(crate) fn read() -> Result<Self, Failure> {
        Ok(Self {
            counts: kept(Part::Counts.name())?,
            times: kept(Part::Times.name())?,
            turns: kept(Part::Turns.name())?,
            socket: kept(Part::Socket.name())?,
            threads: kept(Part::Threads.name())?,
            memory: kept(Part::Memory.name())?,
            large: kept(Part::Large.name())?,
            machine: kept(MACHINE)?,
        })
    }
}

// === impl Speed ===

impl Speed {
    /// How many times as fast two threads are.
    pub(crate) fn gain(self) -> f64 {
        self.two / self.one
    }
}

/// Keeps the figures of `part`, and where they come from.
pub(crate) fn keep<T: Serialize>(part: Part, figures: &T) -> Result<(), Failure> {
    write(part.name(), figures)?;
    let mut machines: BTreeMap<String, Machine> = kept(MACHINE)?;
    machines.insert(part.name().to_owned(), Machine::this()?);
    write(MACHINE, &machines)
}

/// Reads the JSON in the file at `path`.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn kept<T: DeserializeOwned + Default>(name: &str) -> Result<T, Failure> {
    let path = path_of(name);
    match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(T::default()),
        _ => read_json(&path),
    }
}

fn write<T: Serialize>(name: &str, figures: &T) -> Result<(), Failure> {
    let path = path_of(name);
    let text = serde_json::to_string_pretty(figures).map_err(|error| error.to_string())?;
    let folder = path.parent().unwrap_or(&path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, format!("{text}\n")))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn path_of(name: &str) -> PathBuf {
    root().join("benches/results").join(format!("{name}.json"))
}
