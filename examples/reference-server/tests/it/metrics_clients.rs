//! The figures as Prometheus' own client reads them.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::{
    clients::{SOURCES, installed, run, succeeds},
    server::Server,
};

/// The interpreter that finds the parsers; none where the registry cannot be reached.
fn python() -> Option<PathBuf> {
    let folder = installed("clients-metrics", "metrics.txt", |folder| {
        run("python3", "python3 and python3-venv", &["-m", "venv", "venv"], folder);
        let list = format!("{SOURCES}/metrics.txt");
        let own = folder.join("venv/bin/python");
        let install = ["-m", "pip", "install", "-q", "--require-hashes", "-r", &list];
        succeeds(own.to_str().unwrap(), &install, folder)
    });
    folder.map(|folder| folder.join("venv/bin/python"))
}

#[test]
fn the_parsers_of_prometheus_read_both_formats_alike() {
    let Some(python) = python() else { return };
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    for path in ["/healthz", "/nowhere", "/api/feed", "/api/admin/bans"] {
        drop(server.get(path).bytes().unwrap());
    }
    let page = |accept: &str| {
        let request =
            server.request("GET", "/metrics").bearer_auth(&alice).header("accept", accept);
        request.send().unwrap().text().unwrap()
    };
    let (text, open) = (page("text/plain"), page("application/openmetrics-text;version=1.0.0"));
    let place = |name: &str| server.folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(place("text"), &text).unwrap();
    fs::write(place("open"), &open).unwrap();
    let script = format!("{SOURCES}/reads_metrics.py");
    let arguments = [&*script, &*place("text"), &*place("open")];
    let told = run(python.to_str().unwrap(), "python3", &arguments, server.folder.path());
    let told: Value = serde_json::from_str(&told).unwrap();
    let families = |format: &str| told[format]["families"].as_object().unwrap().clone();
    // Both parsers name families without `_total`; of an info, Prometheus' format knows a gauge.
    for (name, kind) in families("openmetrics") {
        let (name, kind) =
            if kind == "info" { (format!("{name}_info"), "gauge".into()) } else { (name, kind) };
        assert_eq!(families("text").get(&name), Some(&kind), "{name}");
    }
    assert_eq!(families("text").len(), families("openmetrics").len());
    assert!(told["text"]["samples"].as_u64().unwrap() > 100, "{told}");
    // The page of the first format is a request, too.
    assert_eq!(
        told["text"]["requests"].as_f64().unwrap() + 1.0,
        told["openmetrics"]["requests"].as_f64().unwrap()
    );
}
