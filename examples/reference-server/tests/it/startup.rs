//! The start, and what stops it.

use std::{fs, net::TcpListener, process::Stdio};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::server::{Server, command, run, until};

#[test]
fn with_nothing_set_it_says_where_it_listens_and_gives_two_tokens() {
    let mut server = Server::start(&[]);
    let banner: Vec<String> = (0..4).map(|_| server.line()).collect();
    let token = |name: &str| {
        banner
            .iter()
            .find(|line| line.contains(name))
            .unwrap()
            .rsplit(' ')
            .next()
            .unwrap()
            .trim()
            .to_owned()
    };
    let me: Value = server.get_as(&token("admin (alice)"), "/api/me").json().unwrap();
    assert_eq!(me["isAdmin"], true);
    let bans = server.get_as(&token("user  (bob)"), "/api/admin/bans");
    assert!([403, 429].contains(&bans.status().as_u16()));
    let secret = server.folder.path().join("data/development-issuer.secret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_to_string(secret).unwrap().len(), 64);
}

#[test]
fn every_mistake_is_told_at_once_one_line_each_and_no_secret_is_shown() {
    let folder = tempdir().unwrap();
    let settings = [
        ("RATE_LIMIT_MAX", "many"),
        ("CORS_ORIGINS", "https://App.example/x"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("JWT_SECRET", "too-short-secret"),
        ("PALISADE_RATELIMIT", "1"),
        ("DATABASE_URL", "mysql://localhost"),
        ("DATABASE_MIGRATE_URL", "sqlite:x"),
        ("VAULT_KEYS", "1:too-short-secret"),
        ("AUDIT_CHECKPOINT_FILE", "checkpoints.txt"),
        ("RATE_LIMIT_PLANS", "pro"),
        ("AUTO_BAN_WEIGHTS", "rate-limit=1,typo=3"),
        ("AUTO_BAN_SUSPICIOUS", "perhaps"),
        ("AUTO_BAN_ESCALATION_MAX_MS", "60000"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_PREFIX", "with spaces"),
        ("RATE_LIMIT_WITHOUT_REDIS", "shut"),
        ("RATE_LIMIT_HEADERS", "draft6"),
        ("LOG_LEVEL", "inof"),
        ("INVALID_TOKENS_MAX", "lots"),
        ("INVALID_TOKENS_PER_SECOND", "0"),
    ];
    for subcommand in ["serve", "check-config"] {
        let (fine, _, errors) = run(folder.path(), &[subcommand], &settings);
        assert!(!fine);
        assert_eq!(errors.lines().count(), settings.len(), "{errors}");
        for (name, _) in settings {
            assert!(
                errors.lines().any(|line| line.starts_with(&format!("palisade-server: {name}"))),
                "{name} in {errors}"
            );
        }
        assert!(errors.contains("https://app.example"), "the fix is named: {errors}");
        assert!(!errors.contains("too-short-secret"), "{errors}");
    }
}

#[test]
fn what_means_nothing_without_redis_stops_the_start_where_there_is_none() {
    let folder = tempdir().unwrap();
    let settings = [
        ("REDIS_SALT", "a test salt"),
        ("RATE_LIMIT_WITHOUT_REDIS", "closed"),
        ("RATE_LIMIT_INSTANCES", "4"),
        ("RATE_LIMIT_LEASE", "50"),
    ];
    let (fine, _, errors) = run(folder.path(), &["check-config"], &settings);
    assert!(!fine && errors.lines().count() == 4, "{errors}");
    assert!(errors.lines().all(|line| line.contains("REDIS_URL")), "{errors}");
    assert!(!errors.contains("a test salt"), "{errors}");
    let with = |settings: &[(&str, &str)]| {
        let settings = [settings, &[("REDIS_URL", "redis://127.0.0.1:1")]].concat();
        run(folder.path(), &["check-config"], &settings)
    };
    let (fine, _, errors) = with(&settings);
    assert!(!fine && errors.contains("RATE_LIMIT_MAX of at least 16"), "{errors}");
    let (fine, _, errors) = with(&[&settings[..], &[("RATE_LIMIT_MAX", "100")]].concat());
    assert!(fine, "{errors}");
    let off = [("RATE_LIMIT_ENABLED", "false"), ("RATE_LIMIT_WITHOUT_REDIS", "closed")];
    assert!(with(&off).2.contains("limits are off"));
}

#[test]
fn the_password_of_an_address_that_cannot_be_read_is_not_shown() {
    let folder = tempdir().unwrap();
    for (url, secret) in [
        ("redis://:p#ss@cache", "ss@"),
        ("redis://app:p/ss@cache:6379", "ss@"),
        ("app:s3cret@cache:6379", "s3cret"),
    ] {
        let (fine, output, errors) = run(folder.path(), &["check-config"], &[("REDIS_URL", url)]);
        assert!(!fine && errors.contains("REDIS_URL"), "{url}: {errors}");
        assert!(!errors.contains(secret) && !output.contains(secret), "{url}: {errors}");
    }
}

#[test]
fn production_refuses_what_only_suits_development() {
    let folder = tempdir().unwrap();
    let (fine, _, errors) = run(folder.path(), &["check-config"], &[("APP_ENV", "production")]);
    assert!(!fine && errors.contains("JWT_SECRET") && errors.contains("CORS_ORIGINS"), "{errors}");
    let settings = [
        ("NODE_ENV", "production"),
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("CORS_ORIGINS", "https://app.example"),
    ];
    let (fine, output, errors) = run(folder.path(), &["check-config"], &settings);
    assert!(fine && output.contains("production"), "{output}{errors}");
}

#[test]
fn a_port_in_use_is_told_with_the_fix() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempdir().unwrap();
    let (fine, _, errors) = run(folder.path(), &[], &[("LISTEN_ADDR", &address)]);
    assert!(!fine);
    assert!(
        errors.contains(&address) && errors.contains("another program listens there"),
        "{errors}"
    );
}

#[test]
fn a_broken_blocklist_stops_the_start_and_names_the_place() {
    for (content, place) in [
        ("{\"blockedIPs\": [\"1.2.3.4\",\n  nonsense]}", "blocklist.json:2:"),
        ("{\"blockedIps\": []}", "blockedIPs"),
        ("", "blocklist.json"),
    ] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("config/blocklist.json");
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let (fine, _, errors) = run(folder.path(), &[], &[]);
        assert!(!fine && errors.contains(place), "{content}: {errors}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "the file is untouched");
    }
}

#[test]
fn p16_a_broken_ban_file_is_kept_aside_and_the_server_starts() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config/ban.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, "{\"bannedIPs\": [\"1.2.3").unwrap();
    let server = Server::start_in(folder, &[("RATE_LIMIT_ENABLED", "false")]);
    assert_eq!(server.get("/").status(), 200);
    let ready = server.get("/readyz");
    assert_eq!(ready.status(), 503, "an operator sees it");
    let ready: Value = ready.json().unwrap();
    assert_eq!(ready["parts"]["autoBan"], "degraded");
    assert_eq!(ready["mistakes"], json!({ "autoBan": { "safeMode": true } }));
    let kept: Vec<_> = fs::read_dir(server.folder.path().join("config"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains("ban.json.corrupt-"))
        .collect();
    assert_eq!(fs::read_to_string(&kept[0]).unwrap(), "{\"bannedIPs\": [\"1.2.3");
    assert!(server.log().contains("ban.json"), "{}", server.log());
}

#[test]
fn p16_a_ban_file_that_is_huge_or_no_file_bans_nobody_by_surprise() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config/ban.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    // Sparse: 65 MiB that take no place.
    fs::File::create(&path).unwrap().set_len(65 << 20).unwrap();
    let server = Server::start_in(folder, &[("RATE_LIMIT_ENABLED", "false")]);
    assert_eq!(server.get("/").status(), 200);
    let ready: Value = server.get("/readyz").json().unwrap();
    assert_eq!(ready["mistakes"]["autoBan"]["safeMode"], true, "{ready}");
    let folder = server.stop();
    // The next start finds the good file that this one wrote, or none.
    let server = Server::start_in(folder, &[("RATE_LIMIT_ENABLED", "false")]);
    assert_eq!(server.get("/readyz").status(), 200);
}

/// A list of networks in which one was meant to end in /24.
const TYPO: &str = "{\"blockedIPs\": [\"198.51.100.0/24\",\n  \"192.0.0.0/2\"]}";

#[test]
fn p18_a_typo_in_a_prefix_stops_the_start_and_names_the_place() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config/blocklist.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, TYPO).unwrap();
    for subcommand in ["serve", "check-config"] {
        let (fine, _, errors) = run(folder.path(), &[subcommand], &[]);
        assert!(!fine && errors.contains("blocklist.json:2:"), "{errors}");
        assert!(errors.contains("`192.0.0.0/2`") && errors.contains("at least /8"), "{errors}");
    }
}

#[test]
fn p18_a_typo_in_a_prefix_blocks_nobody_and_its_place_is_shown() {
    let server = Server::unlimited(&[("TRUSTED_PROXIES", "127.0.0.1")]);
    let ask = |address: &'static str| {
        server
            .request("GET", "/api/feed")
            .header("x-forwarded-for", address)
            .send()
            .unwrap()
            .status()
    };
    let path = server.folder.path().join("config/blocklist.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "{\"blockedIPs\": [\"203.0.113.50\"]}").unwrap();
    until("the good list", || ask("203.0.113.50") == 403);
    fs::write(&path, TYPO).unwrap();
    until("the mistake", || server.get("/readyz").status() == 503);
    let ready: Value = server.get("/readyz").json().unwrap();
    assert_eq!(ready["parts"]["blocklist"], "degraded");
    let place = &ready["mistakes"]["blocklist"];
    assert_eq!(place["line"], 2, "{ready}");
    assert!(
        place["column"].as_u64().unwrap() > 1 && !ready.to_string().contains("192.0"),
        "{ready}"
    );
    assert_eq!(ask("203.0.113.50"), 403, "the last good list holds");
    assert_eq!([ask("203.0.113.51"), ask("198.51.100.1")], [200, 200], "nothing of the other does");

    // What a stranger does not learn, an admin does.
    let admin = server.token("alice", &["admin"]);
    let status: Value = server.get_as(&admin, "/api/admin/blocklist").json().unwrap();
    assert_eq!(status["entries"]["addresses"], 1, "{status}");
    assert!(status["hits"]["addresses"].as_u64().unwrap() >= 2, "{status}");
    assert_eq!(status["error"]["line"], 2);
    assert!(status["error"]["message"].as_str().unwrap().contains("192.0.0.0/2"), "{status}");
    fs::write(&path, "{}").unwrap();
    until("the mended list", || server.get("/readyz").status() == 200);
    let ready: Value = server.get("/readyz").json().unwrap();
    assert_eq!(ready.get("mistakes"), None);
}

#[test]
fn check_config_says_what_is_wrong_with_the_files_and_touches_none() {
    let folder = tempdir().unwrap();
    for (path, content, part) in [
        ("config/ban.json", "{\"bannedIPs\": [\"1.2.3", "config/ban.json"),
        ("data/development-issuer.secret", "mine", "remove the file"),
        ("config/blocklist.json", "{", "blocklist.json"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let (fine, output, errors) = run(folder.path(), &["check-config"], &[]);
        assert!(!fine && errors.contains(part), "{output}{errors}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        fs::remove_file(&path).unwrap();
    }
    let settings = [("SECURITY_LOG_FILE", "security.log")];
    let (fine, output, errors) = run(folder.path(), &["check-config"], &settings);
    assert!(fine && output.contains("0 bans"), "{output}{errors}");
    assert!(output.contains("analytics.db") && output.contains("security.log"), "{output}");
    let left = |folder: &str| fs::read_dir(folder).unwrap().count();
    let made = ["", "config", "data"].map(|name| left(folder.path().join(name).to_str().unwrap()));
    assert_eq!(made, [2, 0, 0], "neither a secret, a database, a log, nor what tried them out");
}

#[test]
fn a_place_that_cannot_be_written_to_is_told_with_its_setting() {
    let folder = tempdir().unwrap();
    // No folder can be made within a file.
    fs::write(folder.path().join("taken"), "a file").unwrap();
    let asks = ("GEOIP_URL", "http://127.0.0.1:1");
    let fails = |subcommand: &str, settings: &[(&str, &str)]| {
        let (fine, _, errors) = run(folder.path(), &[subcommand], settings);
        let (name, place) = settings[0];
        assert!(!fine && errors.contains(name) && errors.contains("taken"), "{place}: {errors}");
    };
    fails("check-config", &[("CACHE_DIR", "taken/cache"), asks]);
    let others = [
        ("DATA_DIR", "taken/data"),
        ("ANALYTICS_DB", "taken/records.db"),
        ("SECURITY_LOG_FILE", "taken/security.log"),
        ("VFS_STORAGE", "taken/files"),
        ("VFS_STORAGE", "taken"),
        ("VFS_STORAGE", "ftp://taken/files"),
    ];
    others.iter().for_each(|setting| fails("check-config", &[*setting]));
    fails("check-config", &[("DATA_DIR", "taken/data"), ("ANALYTICS_DB", "memory")]);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is left behind: {left:?}");
    others.iter().for_each(|setting| fails("serve", &[*setting]));
}

#[test]
fn what_means_nothing_beside_the_rest_stops_the_start() {
    let folder = tempdir().unwrap();
    for (settings, told) in [
        ([("ANALYTICS_EXCLUDE", "/x"), ("ANALYTICS", "off")], "ANALYTICS=off records nothing"),
        ([("GEOIP_KEY", "k"), ("GEOIP_DB", "x.mmdb")], "needs GEOIP_URL"),
        ([("SECURITY_LOG_FILES", "3"), ("LOG_LEVEL", "warn")], "needs SECURITY_LOG_FILE"),
    ] {
        let (fine, _, errors) = run(folder.path(), &["check-config"], &settings);
        assert!(!fine && errors.contains(settings[0].0) && errors.contains(told), "{errors}");
    }
}

#[test]
fn the_development_issuer_takes_the_names_that_are_set() {
    let names = [("JWT_ISSUER", "https://id.example"), ("JWT_AUDIENCE", "api")];
    let mut server = Server::start(&names);
    let banner: Vec<String> = (0..4).map(|_| server.line()).collect();
    let admin = banner.iter().find(|line| line.contains("admin (alice)")).unwrap();
    let token = admin.trim().rsplit(' ').next().unwrap();
    assert_eq!(server.get_as(token, "/api/me").status(), 200);
}

#[test]
fn a_blocklist_is_obeyed_and_a_save_is_seen_by_the_running_server() {
    let server = Server::unlimited(&[("TRUSTED_PROXIES", "127.0.0.1")]);
    let ask = || {
        server.request("GET", "/api/feed").header("x-forwarded-for", "203.0.113.50").send().unwrap()
    };
    assert_eq!(ask().status(), 200);
    let path = server.folder.path().join("config/blocklist.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // As an editor saves: written beside it and renamed over it.
    let beside = path.with_extension("new");
    fs::write(&beside, "{\"blockedIPs\": [\"203.0.113.0/24\"], \"blockedUserIds\": [\"mallory\"]}")
        .unwrap();
    fs::rename(&beside, &path).unwrap();
    let saved = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    while ask().status() != 403 {
        let waited = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().saturating_sub(saved);
        assert!(waited.as_secs() < 20, "not seen after {waited:?}: {}", server.log());
    }
    assert_eq!(crate::server::problem(ask()).1, "blocked");
    assert_eq!(
        crate::server::problem(server.get_as(&server.token("mallory", &["admin"]), "/api/feed")).1,
        "blocked"
    );
    assert_eq!(server.get("/api/feed").status(), 200, "others are not");
    fs::write(&path, "{ broken").unwrap();
    let saved = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    while server.get("/readyz").status() != 503 {
        let waited = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().saturating_sub(saved);
        assert!(waited.as_secs() < 20, "the mistake is not shown after {waited:?}");
    }
    assert_eq!(ask().status(), 403, "the last good list holds");
}

#[test]
fn help_names_every_setting_and_subcommand() {
    let folder = tempdir().unwrap();
    let (fine, help, _) = run(folder.path(), &["--help"], &[]);
    assert!(fine);
    for part in [
        "serve",
        "token",
        "api-key",
        "check-config",
        "oracle",
        "--rate-limit-max",
        "RATE_LIMIT_MAX",
        "--trusted-proxies",
        "JWT_SECRET",
    ] {
        assert!(help.contains(part), "{part}");
    }
}

#[test]
fn a_flag_wins_over_the_environment() {
    let folder = tempdir().unwrap();
    let (fine, _, errors) = run(
        folder.path(),
        &["check-config", "--rate-limit-max", "7"],
        &[("RATE_LIMIT_MAX", "many")],
    );
    assert!(fine, "{errors}");
    let output =
        command(folder.path()).args(["--no-such-flag"]).stderr(Stdio::null()).output().unwrap();
    assert!(!output.status.success());
}
