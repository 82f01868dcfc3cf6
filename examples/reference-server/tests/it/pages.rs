//! Pages that operators look things up in: what the sources have stands there.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Codes that only examples in docs have.
const OF_EXAMPLES: [&str; 2] = ["closed", "wrong-host"];
/// Prefixes, and the end of a range of media types: no routes.
const NO_ROUTES: [&str; 3] = ["api/", "api/vfs/", "*"];

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
    let routes: Vec<&str> = texts
        .filter_map(|rest| rest.split('"').next())
        .filter(|route| !NO_ROUTES.contains(route))
        .collect();
    assert!(routes.len() > 40, "{routes:?}");
    for route in routes {
        assert!(page.contains(&format!("`/{route}`")), "docs/endpoints.md lacks `/{route}`");
    }
}

fn without_comments(source: &str) -> String {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.map(|line| format!("{line}\n")).collect()
}

/// Names in the sources, by the level that stands beside them; none where it does not.
fn events(sources: &[String]) -> Vec<(&str, Option<&str>)> {
    let mut found = Vec::new();
    for source in sources {
        for mark in ["event = \"", "_EVENT: &str = \"", "event: \""] {
            for (at, _) in source.match_indices(mark) {
                let name = source[at + mark.len()..].split('"').next().unwrap();
                let call = source[..at].rsplit_once("tracing::").map(|(_, call)| call);
                let level =
                    call.filter(|call| !call.contains(';')).and_then(|call| call.split('!').next());
                let is_level = |level: &&str| ["info", "warn", "error"].contains(level);
                found.push((name, level.filter(is_level)));
            }
        }
    }
    found
}

#[test]
fn every_event_of_the_security_log_stands_in_its_page_and_every_row_is_an_event() {
    let page = text("docs/security-log.md");
    let mut folders = vec![root().join("examples/reference-server/src")];
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        folders.push(entry.unwrap().path().join("src"));
    }
    let sources = folders.iter().flat_map(|folder| sources(folder));
    let sources: Vec<String> = sources.map(|source| without_comments(&source)).collect();
    let events = events(&sources);
    assert!(events.len() > 35, "{events:?}");
    let rows: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(name, rest)| Some((name, rest.split(' ').next()?)))
        .collect();
    for (name, level) in &events {
        let row = rows.iter().find(|(of, _)| of == name);
        let (_, told) = row.unwrap_or_else(|| panic!("docs/security-log.md lacks `{name}`"));
        assert!(level.is_none_or(|level| level == *told), "`{name}` is {level:?}, and not {told}");
    }
    for (row, _) in rows {
        assert!(events.iter().any(|(name, _)| *name == row), "`{row}` is no event of the sources");
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
