//! The steps of `cargo xtask test`, in order; the first that fails ends the run.

use std::time::{Duration, Instant};

use crate::{
    Failure, bench,
    command::{as_typed, run, succeeds},
    fuzz, licences, tidy, tools,
    workspace::Workspace,
};

/// Which steps to run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection<'a> {
    All,
    /// As many as begin within this time: who ends a run that takes too long would learn nothing from it.
    Within(Duration),
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
    Cargo(Vec<&'static str>, &'static [(&'static str, &'static str)]),
    /// A task of ours, and what to type to run it alone.
    Ours(fn() -> Result<(), Failure>, &'static str),
}

/// Every feature but `aws-lc-rs`: it would replace the backend that is tested, and its C build takes longer than all the
/// rest. What `palisade/full` turns on in the layers is on for the whole workspace.
const FEATURES: &str = "palisade/full,palisade/remote,palisade/rust-crypto,palisade-authn-jwt/issue,\
    palisade-problem/grpc,palisade/matched-path,palisade/openapi,palisade/askama,palisade/minijinja,\
    palisade-server/otlp";

const DOC_FLAGS: (&str, &str) = ("RUSTDOCFLAGS", "-D warnings -D rustdoc::broken_intra_doc_links");

/// Where the tests find the server as it is released, seen from the root of the workspace.
const SERVER: (&str, &str) = ("PALISADE_SERVER_BIN", "target/release/palisade-server");

/// The quick ones first.
fn steps() -> Vec<Step> {
    let cargo = |arguments| Work::Cargo(arguments, &[]);
    let step = |name, what, work| Step { name, what, work };
    let all = |command, rest| whole(&[command], rest);
    vec![
        step(
            "tools",
            "the programs the steps need",
            Work::Ours(tools::ensure, "cargo xtask test --only tools"),
        ),
        step("format", "rustfmt has nothing to change", cargo(vec!["fmt", "--all", "--check"])),
        step(
            "tidy",
            "the house rules",
            Work::Ours(|| tidy::check(&Workspace::read()?), "cargo xtask tidy"),
        ),
        step(
            "licences",
            "every dependency may be used",
            Work::Ours(licences::check, "cargo xtask licences"),
        ),
        step(
            "lints",
            "clippy has nothing to say",
            cargo(all("clippy", &["--all-targets", "--", "-D", "warnings"])),
        ),
        step(
            "plain",
            "the server as it is built without features",
            cargo(vec!["clippy", "-p", "palisade-server", "--locked", "--", "-D", "warnings"]),
        ),
        step("tests", "the tests of every crate, of the whole stack, and of the server", tests()),
        step("doctests", "every example of the docs", cargo(all("test", &["--doc"]))),
        step(
            "docs",
            "the docs of every library build, and every link in them leads somewhere",
            Work::Cargo(all("doc", &["--no-deps", "--lib"]), &[DOC_FLAGS]),
        ),
        step(
            "counts",
            "no request costs more instructions or allocations than it did",
            Work::Ours(|| bench::bench(&["--check"]), "cargo xtask bench --check"),
        ),
    ]
}

/// A command over the whole workspace: always with the same features, so that nothing is built twice.
pub(crate) fn whole(command: &[&'static str], rest: &[&'static str]) -> Vec<&'static str> {
    let workspace = ["--workspace", "--features", FEATURES, "--locked"];
    [command, &workspace, rest].concat()
}

/// By nextest where it is installed, because it is faster; by cargo's own runner else.
fn tests() -> Work {
    let arguments = if succeeds("cargo", &["nextest", "--version"]) {
        whole(&["nextest", "run"], &["--no-fail-fast"])
    } else {
        whole(&["test"], &["--no-fail-fast", "--lib", "--bins", "--tests"])
    };
    Work::Cargo(arguments, &[])
}

/// Steps that run only when they are named.
fn named_steps() -> Vec<Step> {
    let step = |name, what, work| Step { name, what, work };
    vec![
        step(
            "release",
            "the server's tests against the server as it is released",
            Work::Ours(release, "cargo xtask test --only release"),
        ),
        step(
            "peers",
            "clippy has nothing to say of the peers that are counted beside ours",
            Work::Cargo(
                ["clippy", "-p", bench::PROGRAM, "--features", "peers", "--locked"]
                    .into_iter()
                    .chain(["--", "-D", "warnings"])
                    .collect(),
                &[],
            ),
        ),
        step(
            "s3",
            "files are kept in a server that speaks S3",
            Work::Cargo(
                ["test", "-p", "palisade-vfs-store", "--features", "aws", "--locked"]
                    .into_iter()
                    .chain(["--test", "s3"])
                    .collect(),
                &[],
            ),
        ),
        step(
            "large",
            "a file of 10 GiB goes up and comes back, and the server's memory stays flat",
            Work::Ours(bench::large, "cargo xtask test --only large"),
        ),
        step(
            "benches",
            "every bench runs once, without being measured",
            Work::Cargo(whole(&["test"], &["--benches"]), &[]),
        ),
        step(
            "fuzz",
            "no fuzz target finds anything in 60 s",
            Work::Ours(|| fuzz::fuzz(&[]), "cargo xtask fuzz"),
        ),
    ]
}

fn release() -> Result<(), Failure> {
    run("cargo", &["build", "--release", "--locked", "-p", "palisade-server"], &[])?;
    run("cargo", &whole(&["test"], &["--test", "server"]), &[SERVER])
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
        if matches!(selection, Selection::Within(time) if started.elapsed() > time) {
            let left: Vec<&str> = chosen.iter().skip(passed).map(|step| step.name).collect();
            let (left, time) = (left.join(", "), shown(started.elapsed()));
            println!("\n{passed} steps passed, 0 failed in {time}; no time was left for: {left}");
            return Ok(());
        }
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
