//! `cargo xtask fuzz`: feeds what reads the bytes of strangers, guided by coverage where the machine can.

#[cfg(test)]
mod tests;

use std::fs;

use crate::{
    Failure,
    command::{root, run, succeeds},
};

const USAGE: &str = "\
Usage: cargo xtask fuzz [--seconds N] [TARGET…]

  (nothing)      feed every target for 60 s
  --seconds N    for N seconds each
  TARGET         these alone: api_key, audit, paths, patterns, reports, sealed, stream, token,
                 vfs_paths, vfs_patterns";

const SECONDS: u32 = 60;

/// What is to be done.
#[derive(Debug, Eq, PartialEq)]
struct Order {
    seconds: u32,
    targets: Vec<String>,
}

/// What cargo-fuzz needs.
struct Need {
    what: &'static str,
    program: &'static str,
    /// Succeeds where it is there.
    probe: &'static [&'static str],
    install: &'static str,
}

const NEEDED: [Need; 3] = [
    Need {
        what: "nightly toolchain",
        program: "rustup",
        probe: &["run", "nightly", "rustc", "--version"],
        install: "rustup toolchain install nightly --profile minimal",
    },
    Need {
        what: "cargo-fuzz",
        program: "cargo",
        probe: &["fuzz", "--version"],
        install: "cargo install --locked cargo-fuzz",
    },
    Need {
        what: "C++ compiler",
        program: "c++",
        probe: &["--version"],
        install: "sudo apt-get install -y --no-install-recommends g++",
    },
];

/// Does what `words`, the rest of the command line, ask for. The first target that fails ends the run.
pub(crate) fn fuzz(words: &[&str]) -> Result<(), Failure> {
    let Order { seconds, targets } = Order::read(words, &targets()?)?;
    let missing: Vec<&Need> = NEEDED.iter().filter(|need| !need.is_there()).collect();
    if !missing.is_empty() {
        println!("{}", told(&missing));
    }
    let feed = if missing.is_empty() { guided } else { unguided };
    for target in &targets {
        println!("\n==> {target}, for {seconds} s");
        feed(target, seconds)?;
    }
    println!("\nfuzz: nothing found in {}", targets.join(", "));
    Ok(())
}

/// The targets, as the manifest of cargo-fuzz lists them.
fn targets() -> Result<Vec<String>, Failure> {
    const MANIFEST: &str = "fuzz/Cargo.toml";
    let text = fs::read_to_string(root().join(MANIFEST))
        .map_err(|error| format!("{MANIFEST}: {error}"))?;
    let manifest: toml::Table =
        text.parse().map_err(|error: toml::de::Error| format!("{MANIFEST}: {error}"))?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array);
    let names = programs.into_iter().flatten().filter_map(|program| program.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

/// By libFuzzer. What it finds on the way is kept in `fuzz/corpus`, what fails in `fuzz/artifacts`.
fn guided(target: &str, seconds: u32) -> Result<(), Failure> {
    let [found, seeds] = ["corpus", "seeds"].map(|kind| format!("fuzz/{kind}/{target}"));
    fs::create_dir_all(root().join(&found)).map_err(|error| format!("{found}: {error}"))?;
    let time = format!("-max_total_time={seconds}");
    let cargo_fuzz = ["run", "nightly", "cargo", "fuzz", "run", target, &found, &seeds, "--"];
    let limits = [&*time, "-timeout=10", "-max_len=16384"];
    run("rustup", &[&cargo_fuzz[..], &limits].concat(), &[])
}

/// By chance: the same bodies, without libFuzzer, which may be out of reach.
fn unguided(target: &str, seconds: u32) -> Result<(), Failure> {
    let seconds = seconds.to_string();
    let arguments = [
        "run",
        "--quiet",
        "--release",
        "--manifest-path",
        "fuzz/laws/Cargo.toml",
        "--target-dir",
        "fuzz/target",
        "--",
        target,
        &seconds,
    ];
    run("cargo", &arguments, &[])
}

/// What to type, and what happens until then.
fn told(missing: &[&Need]) -> String {
    let whats: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let lines: Vec<&str> = missing.iter().map(|need| need.install).collect();
    format!(
        "note: not guided by coverage, because there is no {}; install with\n  {}\n\
         note: until then, targets are fed with their seeds, changed by chance",
        whats.join(", no "),
        lines.join("\n  ")
    )
}

// === impl Order ===

impl Order {
    /// Understands the command line; `known` are the targets there are.
    fn read(words: &[&str], known: &[String]) -> Result<Self, Failure> {
        let mistake = |said: String| Err(format!("{said}\n\n{USAGE}"));
        let (seconds, named) = match words {
            ["--seconds", number, named @ ..] => match number.parse::<u32>() {
                // libFuzzer takes 0 for ever.
                Ok(seconds) if seconds > 0 => (seconds, named),
                _ => return mistake(format!("`{number}` is no number of seconds above 0")),
            },
            ["--seconds"] => return mistake("`--seconds` needs a number".to_owned()),
            named => (SECONDS, named),
        };
        if let Some(stranger) = named.iter().find(|name| !known.iter().any(|one| one == *name)) {
            return mistake(format!("`{stranger}` is no target: name {}", known.join(", ")));
        }
        let targets = if named.is_empty() {
            known.to_vec()
        } else {
            named.iter().map(|name| (*name).to_owned()).collect()
        };
        Ok(Self { seconds, targets })
    }
}

// === impl Need ===

impl Need {
    fn is_there(&self) -> bool {
        succeeds(self.program, self.probe)
    }
}
