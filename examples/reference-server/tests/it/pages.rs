//! Pages that operators look things up in: what the sources have stands there.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Codes that only examples in docs have.
const OF_EXAMPLES: [&str; 2] = ["closed", "wrong-host"];
/// A prefix, and no route.
const PREFIX: &str = "api/";

#[test]
fn every_code_of_a_refusal_stands_in_the_page_about_status_codes() {
    let page = text("docs/status-codes.md");
    let mut folders = vec![root().join("examples/reference-server/src")];
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        folders.push(entry.unwrap().path().join("src"));
    }
    let sources: Vec<String> = folders.iter().flat_map(|folder| sources(folder)).collect();
    let calls = sources.iter().flat_map(|source| source.split("Code::new(").skip(1));
    let codes: Vec<&str> = calls
        .filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next())
        .filter(|code| !OF_EXAMPLES.contains(code))
        .collect();
    assert!(codes.len() > 50, "{codes:?}");
    for code in codes {
        // `invalid-token…` stands for its checks.
        let problem = code.split('.').next().unwrap();
        let stands = page.contains(&format!("`{code}`")) || page.contains(&format!("`{problem}…`"));
        assert!(stands, "docs/status-codes.md lacks `{code}`");
    }
}

#[test]
fn every_route_stands_in_the_page_about_endpoints() {
    let page = text("docs/endpoints.md");
    let sources = sources(&root().join("examples/reference-server/src/routes"));
    let texts = sources.iter().flat_map(|source| source.split("\"/").skip(1));
    let routes: Vec<&str> =
        texts.filter_map(|rest| rest.split('"').next()).filter(|route| *route != PREFIX).collect();
    assert!(routes.len() > 40, "{routes:?}");
    for route in routes {
        assert!(page.contains(&format!("`/{route}`")), "docs/endpoints.md lacks `/{route}`");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The Rust sources in a folder and below.
fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
    found
}
