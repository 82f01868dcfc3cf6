//! Lists of targets that others made: one on a line, as they come.

use std::collections::BTreeSet;

use super::ask::Ask;

/// What stands in some lists for the file that is wanted.
const WANTED: [&[u8]; 2] = [b"{FILE}", b"FUZZ"];
const GOALS: [&str; 2] = ["etc/passwd", "canary"];

/// What is asked for a line of a list: at each place of a URL where a path may stand.
pub(crate) fn asks(line: &[u8]) -> Vec<Ask> {
    let mut all = BTreeSet::new();
    for text in texts(line) {
        for text in [escaped(&text), text] {
            all.insert(text);
        }
    }
    all.iter().flat_map(|text| at_each_place(text)).collect()
}

fn at_each_place(text: &[u8]) -> Vec<Ask> {
    let (mount, all): (&[u8], &[u8]) = (b"/api/vfs/docs/", b"/api/vfs/");
    let whole = if text.starts_with(b"/") { b"" as &[u8] } else { b"/" };
    // First what reads: what is written may be read by its name.
    vec![
        Ask::new("GET", &[mount, text]),
        Ask::new("GET", &[all, text]),
        Ask::new("GET", &[whole, text]),
        Ask::new("HEAD", &[mount, text]),
        Ask::new("GET", &[mount, text]).of_range(),
        Ask::new("GET", &[mount, text, b"?glob=**"]),
        Ask::new("GET", &[b"/api/vfs/docs?glob=", text]),
        Ask::new("GET", &[b"/api/vfs/docs?glob=**&cursor=", text]),
        Ask::new("PUT", &[mount, text]),
        Ask::new("PUT", &[all, text]),
        Ask::new("DELETE", &[all, text]),
        Ask::new("DELETE", &[mount, text]),
    ]
}

/// The line; with what is wanted in its place, where it has one.
fn texts(line: &[u8]) -> Vec<Vec<u8>> {
    let found = WANTED.iter().find_map(|wanted| {
        let at = line.windows(wanted.len()).position(|some| some == *wanted)?;
        Some((&line[..at], &line[at + wanted.len()..]))
    });
    match found {
        Some((before, behind)) => {
            GOALS.iter().map(|goal| [before, goal.as_bytes(), behind].concat()).collect()
        }
        None => vec![line.to_vec()],
    }
}

/// As a client sends it that escapes what no target may hold.
fn escaped(text: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| match byte {
        b'!'..=b'~' if !b"#?&+".contains(byte) => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.iter().map(escape).collect::<String>().into_bytes()
}

/// The lines of a list that say something, without the ends that systems put behind them.
pub(crate) fn lines(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = list.split(|byte| *byte == b'\n');
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).filter(|line| !line.is_empty())
}
