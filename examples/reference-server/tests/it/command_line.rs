//! What an operator reads on the command line, and what becomes of output that nobody reads.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::tempdir;

use crate::{
    server::{Server, command, run, until},
    tls_authority::{Authority, For},
};

/// Runs a command whose output nobody reads: whether it succeeded, and its errors.
fn unread(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command(folder).args(arguments).stdout(writer).output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_output_that_nobody_reads_is_no_crash_and_a_key_that_nobody_saw_is_told() {
    let server = Server::start(&[("TRUSTED_PROXIES", "loopback")]);
    let (folder, url) = (server.folder.path(), &*server.url("/"));
    let audit =
        |least| unread(folder, &["audit-headers", url, "--behind-tls", "--fail-under", least]);
    assert_eq!(audit("A+"), (true, String::new()), "the grade counts all the same");
    assert_eq!(audit("L2"), (false, "palisade-server: the headers do not reach L2\n".to_owned()));
    for list in [&["check-config"][..], &["api-key", "list"]] {
        assert_eq!(unread(folder, list), (true, String::new()), "{list:?}");
    }
    let (fine, errors) = unread(folder, &["token", "--user", "bob"]);
    assert!(!fine && errors.contains("nothing can be written"), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let (fine, errors) = unread(folder, &["api-key", "create", "--owner", "bob"]);
    assert!(!fine && errors.contains("rotate or revoke it"), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let (_, keys, _) = run(folder, &["api-key", "list"], &[]);
    let id = errors.split('`').nth(1).unwrap();
    assert!(keys.contains(&format!("\"id\":\"{id}\"")), "{errors}{keys}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_is_full_is_told_and_no_crash() {
    let folder = tempdir().unwrap();
    for arguments in [&["check-config"][..], &["token", "--user", "bob"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(folder.path()).args(arguments).stdout(full).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(errors.starts_with("palisade-server: nothing can be written"), "{errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[test]
fn a_server_whose_banner_nobody_reads_runs() {
    let folder = tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let errors = File::create(folder.path().join("stderr.log")).unwrap();
    // A port that is free now; nobody reads which one it found.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = command(folder.path());
    let command = command.env("LISTEN_ADDR", &free).stdout(writer).stderr(errors);
    let mut child = command.spawn().unwrap();
    let healthz = format!("http://{free}/healthz");
    until("an answer", || {
        let ended = child.try_wait().unwrap();
        assert_eq!(
            ended,
            None,
            "{}",
            fs::read_to_string(folder.path().join("stderr.log")).unwrap()
        );
        reqwest::blocking::get(&healthz).is_ok_and(|answer| answer.status() == 200)
    });
    let asked = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn check_config_speaks_in_words_and_tells_of_tls() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    let list = "{\"blockedIPs\": [\"203.0.113.0/24\"], \"safeIPs\": [\"192.0.2.1\"]}";
    fs::write(folder.path().join("config/blocklist.json"), list).unwrap();
    let authority = folder.path().join("clients.pem");
    fs::write(&authority, Authority::new().pem()).unwrap();
    let authority = authority.to_str().unwrap();
    let settings = [("TLS_CLIENT_CA", authority), ("TLS_CLIENT_AUTH", "optional")];
    let (fine, told, errors) =
        run(folder.path(), &["--tls-self-signed", "check-config"], &settings);
    assert!(fine, "{errors}");
    assert!(!told.contains('{'), "{told}");
    for part in [
        "blocked: 1 addresses and networks, 0 users, 0 tokens, 0 countries; never blocked: 1",
        "TLS: the start makes a certificate for this machine in data\n",
        &format!("certificates of clients: optional, vouched for by {authority}"),
    ] {
        assert!(told.contains(part), "`{part}` is not in {told}");
    }
    assert!(!folder.path().join("data").exists(), "nothing is made");

    let settings = [("TLS_CLIENT_CA", "config/blocklist.json")];
    let (fine, told, errors) =
        run(folder.path(), &["--tls-self-signed", "check-config"], &settings);
    assert!(!fine && errors.contains("TLS_CLIENT_CA=`config/blocklist.json`"), "{told}{errors}");
}

#[test]
fn check_config_tells_of_every_file_of_tls_that_cannot_be_read() {
    let folder = tempdir().unwrap();
    let told = |settings: &[(&str, &str)]| {
        let (fine, output, errors) = run(folder.path(), &["check-config"], settings);
        assert!(!fine, "{output}");
        errors.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let missing = told(&[("TLS_CERT", "a.crt"), ("TLS_KEY", "a.key")]);
    assert_eq!(
        missing,
        [
            "palisade-server: TLS_CERT=`a.crt`: there is no such file",
            "palisade-server: TLS_KEY=`a.key`: there is no such file",
        ]
    );
    let (_, key) = Authority::new().vouch("one", 1, For::Server).write(folder.path(), "one");
    let a_folder = told(&[("TLS_CERT", "."), ("TLS_KEY", &key)]);
    assert_eq!(a_folder, ["palisade-server: TLS_CERT=`.`: this is a folder: name the file in it"]);
    let version = told(&[("TLS_MIN_VERSION", "1.1")]);
    assert_eq!(version, ["palisade-server: TLS_MIN_VERSION=`1.1`: `1.2` or `1.3`"]);
}

#[test]
fn a_setting_that_would_do_nothing_stops_the_start_also_where_it_says_what_is_so_anyway() {
    let folder = tempdir().unwrap();
    let self_signed = ("TLS_SELF_SIGNED", "true");
    for (settings, name, fix) in [
        (&[("HTTP_REDIRECT", "on")][..], "HTTP_REDIRECT", "TLS_CERT"),
        (&[("TLS_MIN_VERSION", "1.2")], "TLS_MIN_VERSION", "TLS_CERT"),
        (&[("TLS_CLIENT_AUTH", "required")], "TLS_CLIENT_AUTH", "TLS_CLIENT_CA"),
        (&[("BODY_MAX_RATIO", "100")], "BODY_MAX_RATIO", "BODY_DECOMPRESSION=gzip"),
        (&[self_signed, ("PUBLIC_URL", "http://shop.example")], "PUBLIC_URL", "https://"),
    ] {
        let (fine, _, errors) = run(folder.path(), &["check-config"], settings);
        assert!(!fine && errors.lines().count() == 1, "{settings:?}: {errors}");
        assert!(errors.starts_with(&format!("palisade-server: {name}=`")), "{errors}");
        assert!(errors.contains(fix), "{errors}");
    }
    for settings in [
        &[("HTTP_REDIRECT", "off")][..],
        &[("BODY_MAX_RATIO", "100"), ("BODY_DECOMPRESSION", "gzip")],
        &[self_signed, ("PUBLIC_URL", "https://shop.example")],
        &[self_signed, ("PUBLIC_URL", "http://shop.example"), ("HTTP_REDIRECT", "off")],
    ] {
        let (fine, _, errors) = run(folder.path(), &["check-config"], settings);
        assert!(fine, "{settings:?}: {errors}");
    }
}

#[test]
fn every_switch_takes_both_ways_to_say_yes_and_no() {
    let folder = tempdir().unwrap();
    for (yes, no) in [("on", "off"), ("true", "false")] {
        let settings = [
            ("CSP_REPORTS", yes),
            ("TLS_SELF_SIGNED", yes),
            ("AUTO_BAN_ENABLED", yes),
            ("COMPRESSION", no),
            ("HTTP_REDIRECT", no),
            ("RATE_LIMIT_ENABLED", no),
        ];
        let (fine, _, errors) = run(folder.path(), &["check-config"], &settings);
        assert!(fine, "{errors}");
        let limits = [("RATE_LIMIT_ENABLED", no), ("RATE_LIMIT_WITHOUT_REDIS", "open")];
        let limits = [&limits[..], &[("REDIS_URL", "redis://127.0.0.1:1")]].concat();
        let (_, _, errors) = run(folder.path(), &["check-config"], &limits);
        assert!(errors.contains("limits are off"), "{no}: {errors}");
    }
    let (fine, _, errors) = run(folder.path(), &["check-config"], &[("CSP_REPORTS", "yes")]);
    assert!(!fine && errors.contains("`on` or `off`"), "{errors}");
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "off")]);
    let all = (0..20).all(|_| server.get("/api/feed").status() == 200);
    assert!(all, "no limits");
}

#[test]
fn no_other_sites_pages_may_call_where_cors_origins_says_none() {
    let ask = |value: &str| {
        let server = Server::unlimited(&[("CORS_ORIGINS", value)]);
        let answer = server.request("GET", "/api/feed").header("origin", "https://app.example");
        let answer = answer.send().unwrap();
        assert_eq!(answer.status(), 200);
        let allowed = answer.headers().get("access-control-allow-origin");
        allowed.map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(ask("none"), None);
    assert_eq!(ask("").as_deref(), Some("*"), "what is blank is unset");
    let folder = tempdir().unwrap();
    let production = |origins| {
        let secret = ("JWT_SECRET", "a test secret of thirty-two bytes or more");
        let settings = [("APP_ENV", "production"), secret, ("CORS_ORIGINS", origins)];
        run(folder.path(), &["check-config"], &settings)
    };
    assert!(production("none").0);
    let (fine, _, errors) = production("*");
    assert!(!fine && errors.contains("does not let the pages of every site call"), "{errors}");
    assert!(!production("none,https://app.example").0);
}

#[test]
fn help_of_what_needs_no_settings_shows_none_and_an_example() {
    let folder = tempdir().unwrap();
    for name in ["oracle", "audit-headers"] {
        let (fine, help, _) = run(folder.path(), &[name, "--help"], &[]);
        assert!(fine && !help.contains("--rate-limit-max"), "{help}");
        assert!(help.lines().count() < 45, "{help}");
    }
    let (_, help, _) = run(folder.path(), &["check-config", "--help"], &[]);
    assert!(help.contains("--rate-limit-max"), "{help}");
    let (_, help, _) = run(folder.path(), &["oracle", "--help"], &[]);
    let example =
        help.lines().find(|line| line.contains("| palisade-server oracle headers")).unwrap();
    let question = example.split('\'').nth(1).unwrap();
    let mut child = command(folder.path())
        .args(["oracle", "headers"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), question.as_bytes()).unwrap();
    let answer = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(answer.contains("\"observatory\""), "{answer}");
}

#[test]
fn an_audit_behind_tls_that_finds_no_hsts_says_whom_the_server_must_trust() {
    let told = |settings: &[(&str, &str)]| {
        let server = Server::unlimited(settings);
        let url = server.url("/");
        run(server.folder.path(), &["audit-headers", &url, "--behind-tls"], &[])
    };
    let (fine, table, errors) = told(&[]);
    assert!(fine && errors.contains("TRUSTED_PROXIES"), "{errors}");
    assert!(table.contains("\nOWASP Secure Headers 2024-09-02: "), "{table}");
    let (_, _, errors) = told(&[("TRUSTED_PROXIES", "loopback")]);
    assert_eq!(errors, "");
}
