//! The transcripts of README and docs: every command in them is run, and every line of its answer must come.

use std::process::Command;

use crate::server::{Server, binary};

#[test]
fn the_transcript_of_the_readme_is_true() {
    replay(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")), &[]);
}

#[test]
fn the_transcripts_of_the_page_about_credentials_are_true() {
    replay(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/credentials.md")), &[]);
}

#[test]
fn the_transcripts_of_the_page_about_files_are_true() {
    replay(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/files.md")), &[]);
}

#[test]
fn the_transcript_of_the_page_about_the_audit_is_true() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/header-audit.md"));
    let setting = ("TRUSTED_PROXIES", "loopback");
    assert!(page.contains("\nTRUSTED_PROXIES=loopback palisade-server\n"), "its reader needs it");
    replay(page, &[setting]);
}

/// A transcript stands between two marks. `$ ` begins a command; the lines below it must appear in its output, in their
/// order; `…` stands for any text. `NAME=$(…)` is what later commands know as `$NAME`.
fn replay(page: &str, settings: &[(&str, &str)]) {
    let server = Server::start(settings);
    let mut variables = vec![
        ("ADMIN".to_owned(), server.token("alice", &["admin"])),
        ("USER_TOKEN".to_owned(), server.token("bob", &[])),
    ];
    let transcripts = page.split("<!-- transcript -->").skip(1);
    let lines: Vec<&str> = transcripts
        .flat_map(|rest| rest.split_once("<!-- /transcript -->").unwrap().0.lines())
        .filter(|line| !line.starts_with("```"))
        .collect();
    let mut commands = 0;
    let mut rest = &lines[..];
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let end = rest.iter().position(|line| line.starts_with("$ ")).unwrap_or(rest.len());
        let (expected, after) = rest.split_at(end);
        rest = after;
        let name = command.split_once("=$(").map(|(name, _)| name);
        let name = name.filter(|name| name.bytes().all(|byte| byte.is_ascii_uppercase()));
        let show = name.map(|name| format!("; printf %s \"${name}\"")).unwrap_or_default();
        let command = command.replace("http://127.0.0.1:3000", &server.base);
        let output = run(&server, &format!("{command}{show}"), &variables);
        if let Some(name) = name {
            assert!(!output.is_empty(), "`{command}` gives nothing");
            variables.push((name.to_owned(), output.clone()));
        }
        let mut shown = output.lines();
        for line in expected.iter().filter(|line| !line.trim().is_empty()) {
            assert!(
                shown.any(|shown| matches(line, shown)),
                "`{line}` does not come of `{command}`:\n{output}"
            );
        }
        commands += 1;
    }
    assert!(commands >= 2, "{commands} commands");
}

/// What a command prints, in the folder of the server, where its binary is found.
fn run(server: &Server, command: &str, variables: &[(String, String)]) -> String {
    let own = binary().parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let path = std::env::join_paths([own].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let output = Command::new("bash")
        .arg("-c")
        .arg(command)
        .current_dir(server.folder.path())
        .env_clear()
        .env("PATH", path)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The program in the README is the example that is compiled, word for word, and asks for what that asks for.
#[test]
fn the_program_of_the_readme_is_the_example() {
    let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
    let example = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../axum-stack/src/main.rs"));
    let (_, rest) = example.split_once("// begin of the README's program\n").unwrap();
    let (program, _) = rest.split_once("// end of the README's program").unwrap();
    assert!(readme.contains(program.trim()), "the README shows another program than\n{program}");

    let manifest = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../axum-stack/Cargo.toml"));
    let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
    let dependencies: Vec<&str> =
        dependencies.lines().take_while(|line| !line.is_empty()).collect();
    assert!(!dependencies.is_empty());
    for dependency in dependencies {
        let (name, _) = dependency.split_once(" = ").unwrap();
        let start = format!("{name} = {{ ");
        let shown = readme.lines().find(|line| line.starts_with(&start)).map(features);
        assert_eq!(shown, Some(features(dependency)), "features of {name}");
    }
    let workspace = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
    let member = |name: &str| {
        let start = format!("{name} = ");
        workspace.lines().find_map(|line| line.strip_prefix(&start)).unwrap()
    };
    let oldest = format!("Rust {} or newer", member("rust-version").trim_matches('"'));
    assert!(readme.contains(&oldest), "the README does not say `{oldest}`");
    assert!(readme.contains(&format!("git = {}", member("repository"))));
}

/// The features that a line of a manifest asks for.
fn features(line: &str) -> &str {
    line.split_once("features = [").unwrap().1.split_once(']').unwrap().0
}

fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.trim().split('…');
    let first = parts.next().unwrap();
    let Some(mut rest) = line.trim().strip_prefix(first) else { return false };
    let mut last = first;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = part;
    }
    rest.is_empty() || (last.is_empty() && pattern.trim().ends_with('…'))
}
