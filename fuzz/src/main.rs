//! Feeds one target on any toolchain: what is kept, then what chance makes of it, for some seconds.
//!
//! Nothing guides it. Where cargo-fuzz is installed, `cargo xtask fuzz` takes that.

#![forbid(unsafe_code)]

mod random;
mod watch;

use std::{
    env, fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io, panic,
    path::Path,
    process::{self, ExitCode},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use palisade_fuzz::{TARGETS, Target};

use crate::{random::Random, watch::Watch};

/// Where `fuzz_targets/` is.
const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What is kept: inputs to start from, those that cargo-fuzz found, and those that failed once.
const KEPT: [&str; 3] = ["seeds", "corpus", "artifacts"];

/// An input that takes longer is a way to keep a server busy. A machine that is busy itself takes a second for nothing.
const TOO_LONG: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Result<String, String> {
    let [name, seconds] = words else { return Err("Usage: palisade-fuzz TARGET SECONDS".into()) };
    let target = TARGETS.into_iter().find(|(known, _)| known == name);
    let target = target.ok_or_else(|| format!("`{name}` is no target"))?;
    let seconds: u64 =
        seconds.parse().map_err(|_| format!("`{seconds}` is no number of seconds"))?;
    feed(target, Duration::from_secs(seconds))
}

/// Feeds what is kept, and then what chance makes of it until `time` is over.
fn feed(target: Target, time: Duration) -> Result<String, String> {
    let (name, _) = target;
    let kept = kept(name)?;
    let watch = Watch::start(TOO_LONG, move |input| {
        eprintln!("{}", failed(name, input, "takes for ever"));
        process::exit(1);
    });
    for input in &kept {
        watch.feeds(input);
        try_out(target, input)?;
    }
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut random = Random::new(since_1970.as_nanos() as u64);
    let (began, mut fed) = (Instant::now(), kept.len());
    while began.elapsed() < time {
        let input = random.input(&kept);
        watch.feeds(&input);
        try_out(target, &input)?;
        fed += 1;
    }
    Ok(format!("{name}: {fed} inputs, {} of them kept ones; every law held", kept.len()))
}

fn kept(name: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut inputs = Vec::new();
    for folder in KEPT {
        let folder = Path::new(HOME).join(folder).join(name);
        let read = read_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        inputs.extend(read);
    }
    if inputs.is_empty() { Err(format!("{name}: no seeds")) } else { Ok(inputs) }
}

/// The files of a folder; one that is not there has none.
fn read_all(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    fs::read_dir(folder)?.map(|entry| fs::read(entry?.path())).collect()
}

fn try_out((name, target): Target, input: &[u8]) -> Result<(), String> {
    let began = Instant::now();
    // The panic has said where, on its way here.
    match panic::catch_unwind(|| target(input)) {
        Ok(()) if began.elapsed() <= TOO_LONG => Ok(()),
        Ok(()) => Err(failed(name, input, "takes too long")),
        Err(_) => Err(failed(name, input, "broke a law")),
    }
}

/// Says what is wrong with an input, and keeps it: it is among the first of the next run.
fn failed(name: &str, input: &[u8], fault: &str) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let folder = Path::new(HOME).join("artifacts").join(name);
    let file = folder.join(format!("crash-{:016x}", hasher.finish()));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
    let place = match written {
        Ok(()) => format!("kept in {}", file.display()),
        Err(error) => format!("not kept: {error}"),
    };
    format!("{name}: an input {fault}; {place}\n{}", String::from_utf8_lossy(input))
}
