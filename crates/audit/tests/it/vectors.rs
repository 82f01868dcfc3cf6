//! A log that is kept as an example, and a program in another language that reads it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use palisade_audit::{Part, PartState, TrustedKeys, Verifier};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(data(name)).unwrap()
}

/// What Python says of a log, and whether it found it whole.
fn python(log: &Path) -> (bool, String) {
    let mut python = Command::new("python3");
    python.arg(data("verify.py")).arg(log).args([data("checkpoints.txt"), data("keys.txt")]);
    let said = python.output().expect("python3, which the tests need");
    let text = [said.stdout, said.stderr].concat();
    (said.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn the_example_is_whole_and_stays_so_in_every_version() {
    let keys: TrustedKeys = text("keys.txt").parse().unwrap();
    let opened = keys.read(text("checkpoints.txt").as_bytes()).unwrap();
    assert_eq!((opened.trusted.len(), opened.refused), (2, vec![]));
    let mut verifier = Verifier::new(&opened.trusted);
    verifier.take_export(text("log.ndjson").as_bytes()).unwrap();
    let report = verifier.finish();
    assert!(report.is_whole(), "{report}");
    assert_eq!(
        (report.records(), report.erased(), report.checkpoints(), report.uncovered()),
        (5, 2, 2, 0)
    );
    let first = text("log.ndjson");
    let first: palisade_audit::Record =
        palisade_audit::Exported::new(first.as_bytes()).next().unwrap().unwrap();
    assert_eq!(Part::ALL.map(|part| first.part(part))[2], PartState::Erased);
}

#[test]
fn a_program_in_another_language_computes_the_same() {
    let (is_whole, said) = python(&data("log.ndjson"));
    assert!(is_whole, "{said}");
    let last = text("log.ndjson").lines().last().unwrap().to_owned();
    let head = last.rsplit_once("\"hash\":\"").unwrap().1.trim_end_matches("\"}").to_owned();
    let whole = format!("whole: 5 records, 2 parts erased, 2 checkpoints, head {head}\n");
    assert_eq!(said, whole);
    let folder = tempfile::tempdir().unwrap();
    let edited = folder.path().join("edited");
    fs::write(&edited, text("log.ndjson").replacen("\"done\"", "\"failed\"", 1)).unwrap();
    let (is_whole, said) = python(&edited);
    assert!(!is_whole && said.contains("was edited"), "{said}");
}

#[test]
fn the_page_about_the_format_names_every_column() {
    let page = fs::read_to_string(data("../../docs/format.md")).unwrap();
    let log = text("log.ndjson");
    let line = log.lines().next().unwrap();
    let names =
        line.split(['{', ',']).filter_map(|member| member.strip_prefix('"')?.split_once("\":"));
    for (name, _) in
        names.filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
    {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
