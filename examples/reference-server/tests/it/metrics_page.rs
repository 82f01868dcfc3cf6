//! `docs/metrics.md` and the dashboard say what the server tells, and ask for nothing else.

use std::{collections::BTreeSet, fs};

use palisade_server::{App, metrics::families};
use serde_json::Value;

use crate::in_process::settings;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
/// Between these the table stands.
const MARKS: (&str, &str) = ("<!-- families: made by a test -->\n", "<!-- end of families -->");

fn table() -> (String, BTreeSet<String>) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let all = runtime
        .block_on(async { families(App::open(settings(folder.path())).await.unwrap().shared()) });
    let row = |family: &palisade::metrics::Described| {
        let labels: Vec<_> = family.labels.iter().map(|label| format!("`{label}`")).collect();
        format!(
            "| `{}` | {} | {} | {} |\n",
            family.name,
            family.kind.as_str(),
            labels.join(", "),
            family.help
        )
    };
    let rows: String = all.iter().map(row).collect();
    let head = "\n| family | kind | labels | what it tells |\n|---|---|---|---|\n";
    (format!("{head}{rows}\n"), all.iter().map(|family| family.name.to_owned()).collect())
}

#[test]
fn the_page_about_metrics_has_every_family_that_the_server_tells() {
    let path = format!("{DOCS}/metrics.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARKS.0).unwrap();
    let (known, after) = rest.split_once(MARKS.1).unwrap();
    let (table, _) = table();
    if known != table {
        // The next run is green; what changed is in the diff, for the reader of the change.
        fs::write(&path, format!("{before}{}{table}{}{after}", MARKS.0, MARKS.1)).unwrap();
        panic!("docs/metrics.md was out of date and is now written anew: look at it and commit it");
    }
}

/// The names of families in a question to Prometheus.
fn names(question: &str) -> Vec<String> {
    let words = question.split(|char: char| !(char.is_ascii_alphanumeric() || char == '_'));
    let ours = words.filter(|word| word.starts_with("palisade_") || word.starts_with("process_"));
    ours.map(|word| {
        let parts = ["_bucket", "_sum", "_count"].into_iter();
        parts.filter_map(|part| word.strip_suffix(part)).next().unwrap_or(word).to_owned()
    })
    .collect()
}

/// All texts under `key`, however deep.
fn texts<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(key).and_then(Value::as_str));
            members.values().for_each(|value| texts(value, key, found));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, key, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_asks_for_what_the_server_tells() {
    let (_, known) = table();
    let dashboard = fs::read_to_string(format!("{DOCS}/grafana/palisade.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let mut questions = Vec::new();
    texts(&dashboard, "expr", &mut questions);
    assert!(questions.len() > 20, "{}", questions.len());
    for question in questions {
        let names = names(question);
        assert!(!names.is_empty(), "{question}");
        for name in names {
            assert!(known.contains(&name), "{name} in {question}");
        }
    }
}

#[test]
fn the_dashboard_and_the_alerts_leave_no_part_out() {
    let dashboard = fs::read_to_string(format!("{DOCS}/grafana/palisade.json")).unwrap();
    let alerts = fs::read_to_string(format!("{DOCS}/grafana/alerts.yaml")).unwrap();
    let (_, known) = table();
    for name in known.iter().filter_map(|name| name.strip_prefix("palisade_")) {
        let part = name.split('_').next().unwrap();
        // What tells what runs, and how many there are of what does not fail.
        let told_elsewhere =
            ["build", "production", "users", "revocation", "stream", "api", "tokens"];
        if !told_elsewhere.contains(&part) {
            assert!(dashboard.contains(&format!("palisade_{part}")), "{name}");
        }
    }
    for part in
        ["analytics", "records", "geo", "feed", "vfs", "log", "ban", "blocklist", "tls", "trace"]
    {
        assert!(alerts.contains(&format!("palisade_{part}_")), "{part}");
    }
}

#[test]
fn what_happens_seldom_is_told_though_it_is_over() {
    // A rate over a few minutes that must last for some more never tells of what happened once.
    let alerts = fs::read_to_string(format!("{DOCS}/grafana/alerts.yaml")).unwrap();
    let questions = alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    for question in questions.filter(|question| question.ends_with("> 0")) {
        assert!(question.contains("increase(") && !question.contains("rate("), "{question}");
        let counters = question.matches("_total").count();
        assert_eq!(question.matches("[15m]").count(), counters, "{question}");
    }
}

#[test]
fn the_alerts_ask_for_what_the_server_tells() {
    let (_, known) = table();
    let alerts = fs::read_to_string(format!("{DOCS}/grafana/alerts.yaml")).unwrap();
    let questions: Vec<_> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert!(questions.len() >= 8, "{}", questions.len());
    for name in questions.iter().flat_map(|question| names(question)) {
        assert!(known.contains(&name), "{name}");
    }
}

#[test]
fn grafana_can_import_the_dashboard() {
    let dashboard = fs::read_to_string(format!("{DOCS}/grafana/palisade.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 39);
    assert_eq!(dashboard["id"], Value::Null, "an id would be another installation's");
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let mut places: Vec<[u64; 4]> = Vec::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "an id stands there twice");
        let of = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        let [x, y, w, h] = ["x", "y", "w", "h"].map(of);
        assert!(x + w <= 24, "{panel}");
        let beside = |other: &[u64; 4]| {
            x >= other[0] + other[2]
                || other[0] >= x + w
                || y >= other[1] + other[3]
                || other[1] >= y + h
        };
        assert!(places.iter().all(beside), "panels overlap: {panel}");
        places.push([x, y, w, h]);
        if panel["type"] != "row" {
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{panel}");
            assert!(!panel["targets"].as_array().unwrap().is_empty());
        }
    }
}
