//! Clients that others wrote: what they make of our headers, and whether who obeys them gets through.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde_json::{Value, json};

use crate::server::Server;

/// Where their programs and the lists of what they need are.
pub(crate) const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");

/// Runs a program to its end; its output.
pub(crate) fn run(program: &str, needed: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install {needed}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (told, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?} (needs {needed}): {told}{errors}");
    told
}

/// Whether a program came to its end well; what it said is shown if not.
#[expect(clippy::print_stderr, reason = "who reads the log is to know what was left out")]
pub(crate) fn succeeds(program: &str, arguments: &[&str], folder: &Path) -> bool {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let fine = output.as_ref().is_ok_and(|output| output.status.success());
    if !fine {
        eprintln!("left out: {program} {arguments:?}: {output:?}");
    }
    fine
}

/// A folder with what `list` asks for, installed once for all test processes: they wait for each other. None where the
/// registry cannot be reached.
pub(crate) fn installed(
    name: &str,
    list: &str,
    install: impl FnOnce(&Path) -> bool,
) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let wanted = fs::read(Path::new(SOURCES).join(list)).unwrap();
    let done = folder.join(".installed");
    if fs::read(&done).ok().as_ref() != Some(&wanted) {
        if !install(&folder) {
            return None;
        }
        fs::write(&done, wanted).unwrap();
    }
    Some(folder)
}

/// The interpreter that finds urllib3.
fn python() -> Option<PathBuf> {
    let folder = installed("clients-python", "requirements.txt", |folder| {
        run("python3", "python3 and python3-venv", &["-m", "venv", "venv"], folder);
        let list = format!("{SOURCES}/requirements.txt");
        let own = folder.join("venv/bin/python");
        let install = ["-m", "pip", "install", "-q", "--require-hashes", "-r", &list];
        succeeds(own.to_str().unwrap(), &install, folder)
    });
    folder.map(|folder| folder.join("venv/bin/python"))
}

/// The folder in which node finds the parsers.
fn node() -> Option<PathBuf> {
    installed("clients-node", "package-lock.json", |folder| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(Path::new(SOURCES).join(file), folder.join(file)).unwrap();
        }
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        succeeds("npm", &install, folder)
    })
}

/// What a client with urllib3 was told at its end, and how often it was sent away before.
fn obeys(
    python: &Path,
    server: &Server,
    at_once: u32,
    requests: u32,
    retries: u32,
) -> Vec<(u64, u64)> {
    let script = format!("{SOURCES}/obeys_retry_after.py");
    let numbers = [at_once, requests, retries].map(|number| number.to_string());
    let [at_once, requests, retries] = &numbers;
    let arguments = [&*script, &*server.url("/api/feed"), at_once, requests, retries];
    let told = run(python.to_str().unwrap(), "python3", &arguments, server.folder.path());
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["status"].as_u64().unwrap(), line["waits"].as_u64().unwrap())
    };
    told.lines().map(line).collect()
}

#[test]
fn l7_a_client_with_urllib3_that_obeys_retry_after_always_gets_through() {
    let Some(python) = &python() else { return };
    // The documented limit, and small windows.
    let quotas = [("1", "50"), ("1", "3"), ("2", "10"), ("3", "999"), ("1", "1500"), ("2", "3001")];
    thread::scope(|scope| {
        for (most, window) in quotas {
            scope.spawn(move || {
                let settings = [
                    ("RATE_LIMIT_MAX", most),
                    ("RATE_LIMIT_WINDOW_MS", window),
                    ("AUTO_BAN_ENABLED", "false"),
                ];
                let server = Server::start(&settings);
                let told = obeys(python, &server, 1, 6, 2);
                assert_eq!(told.len(), 6);
                for (status, waits) in &told {
                    assert_eq!(*status, 200, "{most} in {window} ms: {told:?}");
                    assert!(*waits <= 1, "who waited as long as told was sent away: {told:?}");
                }
                let waits: u64 = told.iter().map(|(_, waits)| waits).sum();
                assert!(waits > 0 || window.len() < 3, "{most} in {window} ms: never over");
            });
        }
    });
}

#[test]
fn l7_clients_that_share_an_address_and_obey_get_through() {
    let Some(python) = python() else { return };
    let settings =
        [("AUTO_BAN_ENABLED", "false"), ("RATE_LIMIT_MAX", "2"), ("RATE_LIMIT_WINDOW_MS", "1000")];
    let told = obeys(&python, &Server::start(&settings), 3, 6, 12);
    assert!(told.iter().all(|(status, _)| *status == 200), "{told:?}");
}

/// What was read in the answers to requests for `paths`.
fn read(folder: &Path, server: &Server, paths: &[&str]) -> Vec<Value> {
    // Beside the packages: there they are looked for. Each process has a copy of its own.
    let script = folder.join(format!("reads-{}.mjs", std::process::id()));
    fs::copy(Path::new(SOURCES).join("reads_headers.mjs"), &script).unwrap();
    let arguments = [&[script.to_str().unwrap(), &*server.base], paths].concat();
    let told = run("node", "nodejs 18 or newer", &arguments, folder);
    fs::remove_file(&script).unwrap();
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Three requests in an hour; two that pass on the way.
fn answers(node: &Path, drafts: &str) -> Vec<Value> {
    let settings = [
        ("RATE_LIMIT_MAX", "3"),
        ("RATE_LIMIT_WINDOW_MS", "3600000"),
        ("RATE_LIMIT_HEADERS", drafts),
        ("AUTO_BAN_ENABLED", "false"),
    ];
    let paths = ["/api/feed", "/api/search?q=gate", "/api/feed", "/api/feed", "/api/search"];
    let answers = read(node, &Server::start(&settings), &paths);
    let statuses: Vec<_> = answers.iter().map(|answer| answer["status"].clone()).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    answers
}

fn seconds(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number of seconds"))
}

/// What every draft must say: three in all, and what is left of them.
fn check(answer: &Value, left: u64, (limit, remaining, reset): (&Value, &Value, &Value)) {
    assert_eq!((limit, remaining), (&json!(3), &json!(left)), "{answer:#}");
    // One request comes back in 1200 s, all of them in 3600 s.
    let whole = (3 - left) * 1200;
    let told = seconds(reset);
    if answer["status"] == 429 {
        let wait: u64 = answer["retryAfter"].as_str().unwrap().parse().unwrap();
        assert!(wait.abs_diff(told) <= 1 && (1190..=1200).contains(&told), "{answer:#}");
    } else {
        assert!((whole - 10..=whole).contains(&told), "{answer:#}");
    }
}

/// What is left after each of the requests.
const LEFT: [u64; 5] = [2, 1, 0, 0, 0];

#[test]
fn l7_ratelimit_header_parser_reads_drafts_6_and_7_as_they_are_meant() {
    let Some(node) = node() else { return };
    for drafts in ["draft-6", "draft-7", "draft-6,draft-7"] {
        for (answer, left) in answers(&node, drafts).iter().zip(LEFT) {
            let normal = &answer["normal"];
            assert_eq!(normal["used"], json!(3 - left), "{drafts}: {answer:#}");
            check(answer, left, (&normal["limit"], &normal["remaining"], &normal["reset"]));
        }
    }
}

#[test]
fn l7_structured_headers_reads_the_fields_of_all_drafts_as_they_are_meant() {
    let Some(node) = node() else { return };
    for (answer, left) in answers(&node, "draft-6").iter().zip(LEFT) {
        let item = |name: &str| &answer["fields"][name]["item"][0];
        let told = (item("ratelimit-limit"), item("ratelimit-remaining"), item("ratelimit-reset"));
        check(answer, left, told);
        let policies = answer["fields"]["ratelimit-policy"]["list"].as_array().unwrap();
        assert_eq!(policies.last().unwrap(), &json!([3, { "w": 3600 }]), "{answer:#}");
    }
    for (answer, left) in answers(&node, "draft-7").iter().zip(LEFT) {
        let field = &answer["fields"]["ratelimit"]["dictionary"];
        let member = |name: &str| &field[name][0];
        check(answer, left, (member("limit"), member("remaining"), member("reset")));
        let policies = answer["fields"]["ratelimit-policy"]["list"].as_array().unwrap();
        assert_eq!(policies.last().unwrap(), &json!([3, { "w": 3600 }]), "{answer:#}");
    }
    for drafts in ["draft-10", "draft-6,draft-10"] {
        let answers = answers(&node, drafts);
        for (index, (answer, left)) in answers.iter().zip(LEFT).enumerate() {
            let tightest = &answer["fields"]["ratelimit"]["list"][0];
            assert_eq!(tightest[0], "api", "{answer:#}");
            let policies = answer["fields"]["ratelimit-policy"]["list"].as_array().unwrap();
            let global = policies.iter().find(|policy| policy[0] == "api").unwrap();
            assert_eq!(global[1], json!({ "q": 3, "w": 3600 }));
            check(answer, left, (&global[1]["q"], &tightest[1]["r"], &tightest[1]["t"]));
            // A search is under two quotas; a refusal names those that refuse.
            let is_search = index == 1;
            assert_eq!(policies.len(), if is_search { 2 } else { 1 }, "{answer:#}");
            if is_search {
                assert_eq!(policies[0], json!(["expensive", { "q": 10, "w": 1 }]));
            }
            if answer["status"] == 429 {
                assert_eq!(answer["problem"]["violated-policies"], json!(["api"]));
            }
        }
    }
}

#[test]
fn e1_eventsource_reads_each_event_once_and_comes_back_by_itself() {
    let Some(node) = node() else { return };
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let script = node.join(format!("stream-{}.mjs", std::process::id()));
    fs::copy(Path::new(SOURCES).join("reads_stream.mjs"), &script).unwrap();
    let url = server.url("/api/analytics/stream?route=/api/profiles");
    let mut child = Command::new("node")
        .args([script.to_str().unwrap(), &*url, &*alice])
        .current_dir(&node)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut next =
        || -> Value { serde_json::from_str(&lines.next().expect("it goes on")).unwrap() };
    assert_eq!(next()["type"], "open");
    let ask = |agent: &str| {
        let request = server.request("GET", "/api/profiles").header("user-agent", agent.as_bytes());
        assert_eq!(request.send().unwrap().status(), 200);
    };
    let hostile = "x\tevent: admin data: y id: 1 retry: 0 \u{2028} : \u{85}";
    ask(hostile);
    let first = next();
    let record: Value = serde_json::from_str(first["data"].as_str().unwrap()).unwrap();
    assert_eq!((&first["type"], &record["path"]), (&json!("request"), &json!("/api/profiles")));
    // What changes of the user ends his streams; he may come back.
    let erin = server.token("erin", &["admin"]);
    let order = json!({ "userId": "alice", "roles": ["admin", "editor"] });
    assert_eq!(server.post_as(&erin, "/api/admin/users/roles", &order).status(), 200);
    assert_eq!(next()["type"], "end");
    ask("while nobody listens");
    ask("and again");
    assert_eq!(next()["type"], "open");
    let number = |told: &Value| -> u64 {
        assert_eq!(told["type"], "request", "{told}");
        told["lastEventId"].as_str().unwrap().rsplit_once('-').unwrap().1.parse().unwrap()
    };
    let (second, third) = (number(&next()), number(&next()));
    assert!(number(&first) < second && second < third, "what it missed, once and in order");
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(&script).unwrap();
}

#[test]
fn what_is_installed_for_tests_is_pinned_and_names_no_registry() {
    for list in ["package-lock.json", "observatory/package-lock.json"] {
        let lock = fs::read_to_string(Path::new(SOURCES).join(list)).unwrap();
        assert!(!lock.contains("resolved") && !lock.contains("://"), "npm fills it in itself");
        let lock: Value = serde_json::from_str(&lock).unwrap();
        for (name, package) in lock["packages"].as_object().unwrap() {
            assert!(name.is_empty() || package["integrity"].is_string(), "{name}");
        }
    }
    let list = fs::read_to_string(Path::new(SOURCES).join("requirements.txt")).unwrap();
    for line in list.lines() {
        assert!(line.contains("==") && line.contains("--hash=sha256:"), "{line}");
    }
}
