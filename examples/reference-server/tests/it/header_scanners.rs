//! What scanners of others say of our headers: programs that grade websites, fed with answers of the server.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    clients::{SOURCES, installed, run, succeeds},
    server::Server,
};

/// How the answers are asked for: as by a browser, over the TLS of a proxy that is trusted.
const SECURE: [(&str, &str); 2] =
    [("x-forwarded-proto", "https"), ("x-forwarded-for", "203.0.113.7")];
/// Pages, data, and refusals of both.
const PATHS: [&str; 7] = [
    "/",
    "/post/1.xhtml",
    "/user/alice/pages/about.email.html",
    "/api/feed",
    "/api/me",
    "/nothing",
    "/nothing/%2e",
];

/// A server for production's origins, behind a proxy.
fn server(preset: &str) -> Server {
    Server::unlimited(&[
        ("SECURITY_HEADERS", preset),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("CORS_ORIGINS", "https://app.example"),
    ])
}

/// The status, the headers as they came and the body of an answer.
fn answer(server: &Server, path: &str) -> Value {
    let request = SECURE
        .iter()
        .fold(server.request("GET", path), |request, (name, value)| request.header(*name, *value));
    let answer =
        request.header("origin", "https://http-observatory.security.mozilla.org").send().unwrap();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| json!([name.as_str(), value.to_str().unwrap()]));
    let (status, headers) = (answer.status().as_u16(), headers.collect::<Vec<_>>());
    json!({ "status": status, "headers": headers, "body": answer.text().unwrap() })
}

fn policy(server: &Server, path: &str) -> String {
    server.get(path).headers()["content-security-policy"].to_str().unwrap().to_owned()
}

/// Packages of npm for one program, and the program beside them: there it finds them. Each process has a copy of its own.
fn node(packages: &str, program: &str) -> Option<(PathBuf, String)> {
    let list = format!("scanners/{packages}/package-lock.json");
    let folder = installed(&format!("scanners-{packages}"), &list, |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(
                Path::new(SOURCES).join("scanners").join(packages).join(file),
                folder.join(file),
            )
            .unwrap();
        }
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        succeeds("npm", &install, folder)
    })?;
    let script = format!("{}-{program}", std::process::id());
    fs::copy(Path::new(SOURCES).join("scanners").join(program), folder.join(&script)).unwrap();
    Some((folder, script))
}

/// The interpreter that finds drHEADer.
fn python() -> Option<PathBuf> {
    let folder = installed("scanners-python", "scanners/requirements.txt", |folder| {
        run("python3", "python3 and python3-venv", &["-m", "venv", "venv"], folder);
        let list = format!("{SOURCES}/scanners/requirements.txt");
        // What its command line needs beside is left out.
        let install = ["-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", &list];
        succeeds(folder.join("venv/bin/python").to_str().unwrap(), &install, folder)
    });
    folder.map(|folder| folder.join("venv/bin/python"))
}

/// Gives lines to a program, and reads a line of JSON for each.
fn through(program: &Path, arguments: &[&str], folder: &Path, lines: &[String]) -> Vec<Value> {
    let mut command = Command::new(program);
    let command = command.args(arguments).current_dir(folder);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let writes = std::thread::spawn(move || drop(input.write_all(text.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writes.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), lines.len(), "{told:?}");
    told
}

fn by_node((folder, script): &(PathBuf, String), lines: &[String]) -> Vec<Value> {
    let told = through(Path::new("node"), &[script], folder, lines);
    fs::remove_file(folder.join(script)).unwrap();
    told
}

#[test]
fn csp_evaluator_finds_nothing_in_strict_and_in_the_documented_policy_what_is_known() {
    let Some(node) = node("csp-evaluator", "csp_evaluator.mjs") else { return };
    let (strict, polymech) = (server("strict"), server("polymech"));
    let weak = "script-src 'unsafe-inline' https:".to_owned();
    let policies = [
        policy(&strict, "/"),
        policy(&strict, "/embed/1"),
        policy(&polymech, "/"),
        policy(&polymech, "/embed/1"),
        weak,
    ];
    let told = by_node(&node, &policies);
    assert_eq!(told[0], json!([]), "{}", policies[0]);
    assert_eq!(told[1], json!([]), "{}", policies[1]);
    // The documents allow scripts of this service and of a public CDN, by their hosts.
    let known = json!([
        "MEDIUM_MAYBE SCRIPT_ALLOWLIST_BYPASS script-src 'self'",
        "HIGH SCRIPT_ALLOWLIST_BYPASS script-src cdn.jsdelivr.net",
    ]);
    assert_eq!(told[2], known, "something new");
    assert_eq!(told[3], known, "something new");
    assert!(told[4].to_string().contains("HIGH SCRIPT_UNSAFE_INLINE"), "it does look: {}", told[4]);
}

#[test]
fn mdn_observatory_gives_strict_its_maximum() {
    let Some(node) = node("observatory", "observatory.mjs") else { return };
    let (strict, polymech) = (server("strict"), server("polymech"));
    let pages = ["/", "/user/alice/pages/about.html"];
    let mut answers: Vec<String> =
        pages.iter().map(|path| answer(&strict, path).to_string()).collect();
    answers.push(answer(&polymech, "/").to_string());
    let html = json!([["content-type", "text/html"]]);
    answers.push(json!({ "status": 200, "headers": html, "body": "<p>bare</p>" }).to_string());
    let told = by_node(&node, &answers);
    for told in &told[..2] {
        // 100, and what is more than enough: 10 for the CSP, 5 for `frame-ancestors`, 5 for the referrer, 10 for CORP. The other
        // 15 that there are take a cookie, a script of another file, and a host that browsers know beforehand.
        assert_eq!(told["score"], 130, "{told:#}");
        let results = told["results"].as_array().unwrap();
        assert_eq!(results.len(), 10);
        assert!(
            results.iter().all(|result| result.as_str().unwrap().starts_with("pass ")),
            "{told:#}"
        );
    }
    // What the documented table loses: hosts and styles that its policy allows.
    assert_eq!(told[2]["score"], POLYMECH_SCORE, "{:#}", told[2]);
    let failed = told[3]["results"].as_array().unwrap().iter();
    let failed = failed.filter(|result| !result.as_str().unwrap().starts_with("pass ")).count();
    assert!(told[3]["score"].as_u64() < Some(50) && failed >= 4, "it does look: {:#}", told[3]);
}

/// Pinned, so that it does not get worse by something new.
const POLYMECH_SCORE: u64 = 110;

#[test]
fn drheader_finds_nothing_in_strict_by_its_preset_of_owasp_asvs() {
    let Some(python) = python() else { return };
    let program = format!("{SOURCES}/scanners/drheaderplus.py");
    let strict = server("strict");
    let mut answers: Vec<String> =
        PATHS.iter().map(|path| answer(&strict, path)["headers"].to_string()).collect();
    answers.push(json!([["content-type", "text/html"]]).to_string());
    let told = through(&python, &[&program, "owasp-asvs-v14"], strict.folder.path(), &answers);
    let (bare, told) = told.split_last().unwrap();
    for (path, told) in PATHS.iter().zip(told) {
        assert_eq!(told, &json!([]), "{path}");
    }
    assert!(bare.as_array().unwrap().len() >= 5, "it does look: {bare:#}");
}

#[test]
fn drheader_finds_nothing_new_by_its_own_rules() {
    let Some(python) = python() else { return };
    let program = format!("{SOURCES}/scanners/drheaderplus.py");
    let page = answer(&server("strict"), "/")["headers"].to_string();
    let folder = tempfile::tempdir().unwrap();
    let told = through(&python, &[&program], folder.path(), &[page]);
    let rules: Vec<_> = told[0]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    // It wants `no-store, max-age=0` and nothing beside. The other header speaks to a filter that no browser has any more.
    assert_eq!(rules, ["Cache-Control", "X-XSS-Protection"], "{:#}", told[0]);
}

#[test]
fn what_scanners_need_is_pinned_and_names_no_registry() {
    let scanners = Path::new(SOURCES).join("scanners");
    for packages in ["csp-evaluator", "observatory"] {
        let lock = fs::read_to_string(scanners.join(packages).join("package-lock.json")).unwrap();
        assert!(!lock.contains("resolved") && !lock.contains("://"), "npm fills it in itself");
        let lock: Value = serde_json::from_str(&lock).unwrap();
        for (name, package) in lock["packages"].as_object().unwrap() {
            assert!(name.is_empty() || package["integrity"].is_string(), "{packages}: {name}");
        }
    }
    let list = fs::read_to_string(scanners.join("requirements.txt")).unwrap();
    for line in list.lines() {
        assert!(line.contains("==") && line.contains("--hash=sha256:"), "{line}");
    }
}
