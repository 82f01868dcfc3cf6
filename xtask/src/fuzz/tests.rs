//! The command line is understood, and the parts of each target fit together.

use std::collections::BTreeSet;

use super::*;

fn read(words: &[&str]) -> Result<Order, Failure> {
    Order::read(words, &["paths".to_owned(), "token".to_owned()])
}

fn order(seconds: u32, targets: &[&str]) -> Order {
    Order { seconds, targets: targets.iter().map(|target| (*target).to_owned()).collect() }
}

#[test]
fn every_target_for_a_minute_unless_told_otherwise() {
    assert_eq!(read(&[]), Ok(order(60, &["paths", "token"])));
    assert_eq!(read(&["token"]), Ok(order(60, &["token"])));
    assert_eq!(read(&["--seconds", "5"]), Ok(order(5, &["paths", "token"])));
    assert_eq!(read(&["--seconds", "5", "token"]), Ok(order(5, &["token"])));
}

#[test]
fn what_is_not_understood_starts_nothing() {
    for words in [
        &["--seconds"][..],
        &["--seconds", "0"],
        &["--seconds", "token"],
        &["--seconds", "-1"],
        &["tokens"],
        &["token", "--seconds", "5"],
    ] {
        let said = read(words).expect_err("a mistake");
        assert!(said.contains(USAGE), "{said}");
    }
}

#[test]
fn what_is_missing_is_named_with_what_to_type() {
    let all: Vec<&Need> = NEEDED.iter().collect();
    let said = told(&all);
    assert!(
        said.contains("there is no nightly toolchain, no cargo-fuzz, no C++ compiler"),
        "{said}"
    );
    for need in NEEDED {
        assert!(said.contains(need.install), "{said}");
    }
}

#[test]
fn every_target_has_a_program_a_body_and_seeds() {
    let fuzz = root().join("fuzz");
    let text = |path: &str| fs::read_to_string(fuzz.join(path)).expect(path);
    let listed = text("src/lib.rs");
    let targets = targets().expect("a manifest");
    for target in &targets {
        assert!(USAGE.contains(target), "{target}");
        assert!(listed.contains(&format!("(\"{target}\", {target})")), "{target}");
        let program = text(&format!("fuzz_targets/{target}.rs"));
        assert!(program.contains(&format!("palisade_fuzz::{target}(data)")), "{target}");
        let seeds = fs::read_dir(fuzz.join("seeds").join(target)).expect(target).count();
        assert!(seeds >= 3, "{target} has {seeds} seeds");
    }
    let programs = fs::read_dir(fuzz.join("fuzz_targets")).expect("programs").count();
    assert_eq!(programs, targets.len());
}

/// Its lock file is its own: what is fed must be what is built, and nothing may have to be fetched for it.
#[test]
fn what_chance_feeds_needs_no_package_that_the_workspace_does_not_need() {
    let packages = |path: &str| -> BTreeSet<(String, String)> {
        let text = fs::read_to_string(root().join(path)).expect(path);
        let lock: toml::Table = text.parse().expect(path);
        let packages = lock["package"].as_array().expect(path);
        let word = |package: &toml::Value, name: &str| package[name].as_str().map(str::to_owned);
        let foreign = packages.iter().filter(|package| package.get("source").is_some());
        foreign.filter_map(|one| Some((word(one, "name")?, word(one, "version")?))).collect()
    };
    let (ours, all) = (packages("fuzz/laws/Cargo.lock"), packages("Cargo.lock"));
    let others: Vec<_> = ours.difference(&all).collect();
    assert!(others.is_empty(), "not in Cargo.lock: {others:?}");
}
