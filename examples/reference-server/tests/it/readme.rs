//! The README's transcript: every command in it is run, and every line of its answer must come.

use std::process::Command;

use crate::server::Server;

/// The transcript stands between these marks. `$ ` begins a command; the lines below it must appear in its output, in
/// their order; `…` stands for any text.
#[test]
fn the_transcript_of_the_readme_is_true() {
    let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
    let (_, rest) = readme.split_once("<!-- transcript -->").unwrap();
    let (transcript, _) = rest.split_once("<!-- /transcript -->").unwrap();
    let server = Server::start(&[]);
    let (admin, user) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let mut commands = 0;
    let lines: Vec<&str> = transcript.lines().filter(|line| !line.starts_with("```")).collect();
    let mut rest = &lines[..];
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let end = rest.iter().position(|line| line.starts_with("$ ")).unwrap_or(rest.len());
        let (expected, after) = rest.split_at(end);
        rest = after;
        let command = command.replace("http://127.0.0.1:3000", &server.base);
        let output = Command::new("bash")
            .arg("-c")
            .arg(&command)
            .env("ADMIN", &admin)
            .env("USER_TOKEN", &user)
            .output()
            .unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let mut shown = output.lines();
        for line in expected.iter().filter(|line| !line.trim().is_empty()) {
            assert!(
                shown.any(|shown| matches(line, shown)),
                "`{line}` does not come of `{command}`:\n{output}"
            );
        }
        commands += 1;
    }
    assert!(commands >= 5, "{commands} commands");
}

/// The program in the README is the example that is compiled, word for word.
#[test]
fn the_program_of_the_readme_is_the_example() {
    let readme = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
    let example = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../axum-stack/src/main.rs"));
    let (_, rest) = example.split_once("// begin of the README's program\n").unwrap();
    let (program, _) = rest.split_once("// end of the README's program").unwrap();
    assert!(readme.contains(program.trim()), "the README shows another program than\n{program}");
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
