//! Reads a page of Prometheus' text format or of OpenMetrics strictly, by their documents and not by our writer.

use std::collections::{BTreeMap, BTreeSet};

/// One figure: its name with the part, its labels, its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// All figures of a page; what a reader must refuse panics.
pub(crate) fn read(page: &str) -> Vec<Figure> {
    let open = page.ends_with("# EOF\n");
    assert!(page.is_empty() || page.ends_with('\n'), "the last line has no end");
    let (mut families, mut figures) = (BTreeSet::new(), Vec::<Figure>::new());
    let mut kind = (String::new(), String::new());
    for line in page.lines() {
        assert_ne!(line, "", "an empty line");
        if line == "# EOF" {
            assert!(open);
            continue;
        }
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let name = rest.split_once(' ').unwrap().0.to_owned();
            assert!(families.insert(name), "a family stands there twice: {line}");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, word) = rest.split_once(' ').unwrap();
            assert!(families.contains(name));
            kind = (name.to_owned(), word.to_owned());
            continue;
        }
        if let Some(rest) = line.strip_prefix("# UNIT ") {
            let (name, unit) = rest.split_once(' ').unwrap();
            assert!(name.ends_with(&format!("_{unit}")));
            continue;
        }
        let figure = figure(line);
        let allowed: &[&str] = match (kind.1.as_str(), open) {
            ("counter", true) => &["_total"],
            ("info", true) => &["_info"],
            ("histogram", _) => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        let part = figure.name.strip_prefix(&kind.0).unwrap_or_else(|| panic!("astray: {line}"));
        assert!(allowed.contains(&part), "{line} is no figure of a {}", kind.1);
        let twin = |other: &Figure| other.name == figure.name && other.labels == figure.labels;
        assert!(!figures.iter().any(twin), "a figure stands there twice: {line}");
        figures.push(figure);
    }
    figures
}

fn figure(line: &str) -> Figure {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    assert!(name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_' || char == ':'));
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").unwrap();
            let mut value = String::new();
            let mut chars = after.char_indices();
            let end = loop {
                match chars.next().unwrap() {
                    (at, '"') => break at,
                    (_, '\\') => value.push(match chars.next().unwrap().1 {
                        'n' => '\n',
                        char @ ('\\' | '"') => char,
                        other => panic!("no escape: {other}"),
                    }),
                    (_, char) => value.push(char),
                }
            };
            assert!(labels.insert(label.trim_start_matches(',').to_owned(), value).is_none());
            rest = &after[end + 1..];
        }
        rest = &rest[1..];
    }
    let value = match rest.strip_prefix(' ').unwrap() {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        number => number.parse().unwrap(),
    };
    Figure { name: name.to_owned(), labels, value }
}
