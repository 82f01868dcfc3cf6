//! What somebody else's scanner makes of our TLS.

use std::{fs, path::Path, process::Command};

use crate::{
    clients::{SOURCES, installed, run, succeeds},
    tls_authority::TlsServer,
};

/// The interpreter that finds sslyze; none where the registry cannot be reached.
fn python() -> Option<String> {
    let folder = installed("clients-sslyze", "sslyze.txt", |folder| {
        run("python3", "python3 and python3-venv", &["-m", "venv", "venv"], folder);
        let list = format!("{SOURCES}/sslyze.txt");
        let own = folder.join("venv/bin/python");
        let install = ["-m", "pip", "install", "-q", "--require-hashes", "-r", &list];
        succeeds(own.to_str().unwrap(), &install, folder)
    });
    folder.map(|folder| folder.join("venv/bin/python").to_str().unwrap().to_owned())
}

/// Whether sslyze finds the server compliant with one of Mozilla's profiles, and all it said.
fn complies(python: &str, server: &TlsServer, profile: &str) -> (bool, String) {
    let output = Command::new(python)
        .args(["-m", "sslyze", "--mozilla_config", profile])
        .args(["--certinfo_ca_file", "ca.pem", server.address()])
        .current_dir(server.plain.folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), told)
}

#[test]
fn sslyze_finds_mozillas_intermediate_profile_and_the_modern_one_where_it_is_set() {
    let Some(python) = python() else { return };
    let server = TlsServer::start(&[]);
    let (fine, told) = complies(&python, &server, "intermediate");
    assert!(fine && told.contains("OK - Compliant"), "{told}");
    // The scanner can tell: what speaks 1.2 is not modern.
    assert!(!complies(&python, &server, "modern").0);
    let (fine, told) =
        complies(&python, &TlsServer::start(&[("TLS_MIN_VERSION", "1.3")]), "modern");
    assert!(fine && told.contains("OK - Compliant"), "{told}");
}

#[test]
fn what_is_installed_of_sslyze_is_pinned() {
    let list = fs::read_to_string(Path::new(SOURCES).join("sslyze.txt")).unwrap();
    for entry in list.replace("\\\n", " ").lines() {
        assert!(entry.contains("==") && entry.contains("--hash=sha256:"), "{entry}");
    }
}
