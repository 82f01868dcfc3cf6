//! The steps of `cargo xtask test`, in order; the first that fails ends the run.

use std::time::{Duration, Instant};

use crate::{
    Failure,
    command::{as_typed, run, succeeds},
    licences, tidy, tools,
    workspace::Workspace,
};

/// Which steps to run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection<'a> {
    All,
    Only(&'a str),
}

/// A step.
struct Step {
    name: &'static str,
    what: &'static str,
    work: Work,
}

enum Work {
    /// cargo, with arguments and variables.
    Cargo(&'static [&'static str], &'static [(&'static str, &'static str)]),
    /// A task of ours, and what to type to run it alone.
    Ours(fn() -> Result<(), Failure>, &'static str),
}

/// Every feature but `aws-lc-rs`: it would replace the backend that is tested, and its C build takes longer than all the
/// rest. What `palisade/full` turns on in the layers is on for the whole workspace.
const FEATURES: &str =
    "palisade/full,palisade/rust-crypto,palisade-authn-jwt/issue,palisade-problem/grpc";

const DOC_FLAGS: (&str, &str) = ("RUSTDOCFLAGS", "-D warnings -D rustdoc::broken_intra_doc_links");

/// Where the tests find the server as it is released, seen from the root of the workspace.
const SERVER: (&str, &str) = ("PALISADE_SERVER_BIN", "target/release/palisade-server");

fn steps() -> Vec<Step> {
    let cargo = |arguments| Work::Cargo(arguments, &[]);
    vec![
        Step {
            name: "tools",
            what: "the programs the steps need",
            work: Work::Ours(tools::ensure, "cargo xtask test --only tools"),
        },
        Step {
            name: "format",
            what: "rustfmt has nothing to change",
            work: cargo(&["fmt", "--all", "--check"]),
        },
        Step {
            name: "lints",
            what: "clippy has nothing to say",
            work: cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--features",
                FEATURES,
                "--locked",
                "--",
                "-D",
                "warnings",
            ]),
        },
        Step { name: "tests", what: "the tests of every crate", work: tests() },
        Step {
            name: "tidy",
            what: "the house rules",
            work: Work::Ours(|| tidy::check(&Workspace::read()?), "cargo xtask tidy"),
        },
        Step {
            name: "licences",
            what: "every dependency may be used",
            work: Work::Ours(licences::check, "cargo xtask licences"),
        },
    ]
}

/// Steps that run only when they are named.
fn named_steps() -> Vec<Step> {
    let cargo = |arguments| Work::Cargo(arguments, &[]);
    vec![
        Step {
            name: "doctests",
            what: "every example of the docs",
            work: cargo(&["test", "--workspace", "--doc", "--features", FEATURES, "--locked"]),
        },
        Step {
            name: "docs",
            what: "the docs build, and every link in them leads somewhere",
            work: Work::Cargo(
                &["doc", "--workspace", "--no-deps", "--features", FEATURES, "--locked"],
                &[DOC_FLAGS],
            ),
        },
        Step {
            name: "stack",
            what: "the whole stack in process: order, CORS, bodies; and the small examples",
            work: cargo(&[
                "test",
                "--locked",
                "-p",
                "palisade-tests",
                "-p",
                "example-single-layer",
                "-p",
                "example-custom-policy",
            ]),
        },
        Step {
            name: "release",
            what: "the server's tests against the server as it is released",
            work: Work::Ours(release, "cargo xtask test --only release"),
        },
    ]
}

/// Builds the server as it is released, and runs its tests against that binary.
fn release() -> Result<(), Failure> {
    let build: &[&str] = &["build", "--release", "--locked", "-p", "palisade-server"];
    run("cargo", build, &[])?;
    run("cargo", &["test", "--locked", "-p", "palisade-server", "--test", "it"], &[SERVER])
}

/// By nextest where it is installed, because it is faster; cargo's own runner else.
fn tests() -> Work {
    if succeeds("cargo", &["nextest", "--version"]) {
        return Work::Cargo(
            &[
                "nextest",
                "run",
                "--workspace",
                "--exclude",
                "palisade-server",
                "--exclude",
                "palisade-tests",
                "--exclude",
                "example-*",
                "--features",
                FEATURES,
                "--locked",
            ],
            &[],
        );
    }
    let targets: &[&str] = &[
        "test",
        "--workspace",
        "--exclude",
        "palisade-server",
        "--exclude",
        "palisade-tests",
        "--exclude",
        "example-*",
        "--features",
        FEATURES,
        "--locked",
        "--lib",
        "--bins",
        "--tests",
        "--examples",
    ];
    Work::Cargo(targets, &[])
}

/// Prints the steps.
pub(crate) fn list() {
    for step in steps() {
        println!("{:<10} {}", step.name, step.what);
    }
    for step in named_steps() {
        println!("{:<10} {} (only when named)", step.name, step.what);
    }
}

/// Runs the steps of `selection`.
pub(crate) fn test(selection: Selection<'_>) -> Result<(), Failure> {
    let mut chosen = steps();
    if let Selection::Only(name) = selection {
        chosen.extend(named_steps());
        chosen.retain(|step| step.name == name);
        if chosen.is_empty() {
            list();
            return Err(format!("`{name}` is no step"));
        }
    }
    let started = now();
    let total = chosen.len();
    for (passed, step) in chosen.iter().enumerate() {
        let number = passed.saturating_add(1);
        println!("\n==> [{number}/{total}] {}: {}", step.name, step.what);
        let began = now();
        if let Err(failure) = step.work.run() {
            println!("<== {} FAILED after {}", step.name, shown(began.elapsed()));
            println!("{failure}\n\nrun it again with\n  {}", step.work.as_typed());
            let left = total.saturating_sub(number);
            let time = shown(started.elapsed());
            println!("\n{passed} steps passed, 1 failed ({}), {left} not run in {time}", step.name);
            return Err(format!("cargo xtask test: the step `{}` failed", step.name));
        }
        println!("<== {} passed in {}", step.name, shown(began.elapsed()));
    }
    println!("\n{total} steps passed, 0 failed in {}", shown(started.elapsed()));
    Ok(())
}

impl Work {
    fn run(&self) -> Result<(), Failure> {
        match self {
            Self::Cargo(arguments, environment) => run("cargo", arguments, environment),
            Self::Ours(task, _) => task(),
        }
    }

    fn as_typed(&self) -> String {
        match self {
            Self::Cargo(arguments, environment) => as_typed("cargo", arguments, environment),
            Self::Ours(_, typed) => (*typed).to_owned(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a build tool tells how long its own steps take")]
fn now() -> Instant {
    Instant::now()
}

fn shown(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
