//! The API's description as programs of others read it: a validator, a linter, and one that asks all that it says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    clients::{SOURCES, installed, run, succeeds},
    server::Server,
};

/// The folder with the programs in Python; none where the registry cannot be reached.
fn python() -> Option<PathBuf> {
    let folder = installed("clients-openapi", "openapi.txt", |folder| {
        run("python3", "python3 and python3-venv", &["-m", "venv", "venv"], folder);
        let list = format!("{SOURCES}/openapi.txt");
        let own = folder.join("venv/bin/python");
        let install = ["-m", "pip", "install", "-q", "--require-hashes", "-r", &list];
        succeeds(own.to_str().unwrap(), &install, folder)
    });
    folder.map(|folder| folder.join("venv/bin"))
}

/// The folder with the linter.
fn linter() -> Option<PathBuf> {
    installed("clients-openapi-linter", "openapi-linter/package-lock.json", |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(Path::new(SOURCES).join("openapi-linter").join(file), folder.join(file))
                .unwrap();
        }
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        succeeds("npm", &install, folder)
    })
}

/// The description, as a file in the server's folder.
fn description(server: &Server) -> PathBuf {
    let place = server.folder.path().join("openapi.json");
    fs::write(&place, server.get("/openapi.json").bytes().unwrap()).unwrap();
    place
}

/// Whether a program is content, and what it says.
fn judged(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn the_description_is_openapi_3_1() {
    let Some(programs) = python() else { return };
    let server = Server::unlimited(&[]);
    let place = description(&server);
    let judge = || judged(Command::new(programs.join("openapi-spec-validator")).arg(&place));
    let (fine, told) = judge();
    assert!(fine, "{told}");
    let text = fs::read_to_string(&place).unwrap();
    assert!(text.contains("\"openapi\":\"3.1.0\""));
    fs::write(&place, text.replace("\"responses\":", "\"answers\":")).unwrap();
    assert!(!judge().0, "it does look");
}

#[test]
fn a_linter_finds_nothing_in_the_description() {
    let Some(folder) = linter() else { return };
    let server = Server::unlimited(&[]);
    let mut command = Command::new("node");
    let command = command.arg(folder.join("node_modules/@redocly/cli/bin/cli.js")).arg("lint");
    let quiet = [("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")];
    let command = command.arg(description(&server)).arg("--max-problems=100").envs(quiet);
    let (fine, told) = judged(command.current_dir(server.folder.path()));
    assert!(fine && told.contains("is valid") && !told.contains("You have"), "{told}");
}

#[test]
fn schemathesis_finds_no_failure_in_what_the_description_says() {
    let Some(programs) = python() else { return };
    // Its requests are what bans and limits are for.
    let server = Server::start(&[
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUTO_BAN_THRESHOLD", "1000000"),
        ("AUTO_BAN_PROTECT", "loopback"),
        ("INVALID_TOKENS_MAX", "0"),
    ]);
    let mut command = Command::new(programs.join("schemathesis"));
    command.arg("--config-file").arg(format!("{SOURCES}/schemathesis.toml"));
    command.args(["run", &server.url("/openapi.json"), "--max-examples=10", "--no-color"]);
    command.env("BASE_URL", &server.base).env("TOKEN", server.token("alice", &["admin"]));
    let (fine, told) = judged(command.current_dir(server.folder.path()));
    assert!(fine, "{told}");
    assert!(told.contains("Tested: ") && !told.contains("Tested: 0"), "{told}");
}
