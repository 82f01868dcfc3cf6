//! Targets made of every way to write a step up, with every separator, at every depth.

use std::collections::BTreeSet;

use super::ask::Ask;

/// So many paths of steps and separators that go together by chance.
const BY_CHANCE: usize = 5_000;
const DEPTHS: std::ops::RangeInclusive<usize> = 1..=12;

/// What they begin with.
const BEGINS: [&str; 6] = ["docs/", "docs", "docs/a/", "", "docs/plans/..", "private/"];
/// What they would lead to.
const GOALS: [&str; 7] = [
    "canary",
    "private/secret.txt",
    "docs/../private/secret.txt",
    "files",
    "palisade.db",
    "etc/passwd",
    "etc/passwd%00.txt",
];

/// Targets that are like no others.
const WHOLE: [&str; 26] = [
    "/api/vfs//etc/passwd",
    "/api/vfs/C:/canary",
    "/api/vfs/C:%5Ccanary",
    "/api/vfs/file:///etc/passwd",
    "/api/vfs/docs/NUL",
    "/api/vfs/docs/con.txt",
    "/api/vfs/docs/a::$DATA",
    "/api/vfs/docs/SECRET~1",
    "/api/vfs/~root/canary",
    "/api/vfs/%2e%2e/canary",
    "/api/vfs/docs%2f..%2fprivate%2fsecret.txt",
    "/api/vfs/PRIVATE/secret.txt",
    "/api/vfs/private/secret.txt",
    "/api/vfs/private/secret.txt/",
    "/api/vfs/private",
    "/api/vfs/private?glob=**",
    "/api/vfs/docs?glob=../**",
    "/api/vfs/docs?glob=..%2F**",
    "/api/vfs/docs?glob=/etc/*",
    "/api/vfs/docs?glob=**&cursor=private/secret.txt",
    "/api/vfs/docs/..?glob=**",
    "/API/vfs/private/secret.txt",
    "/api//vfs/private/secret.txt",
    "/api/%76fs/private/secret.txt",
    "/api/vfs/docs/../../admin/vfs/mounts",
    "/api/vfs/docs?glob=**&cursor=docs/../private/secret.txt",
];

/// `text` with each byte escaped as `escape` does it.
fn escaped(text: &str, escape: impl Fn(u8) -> String) -> Vec<u8> {
    text.bytes().map(escape).collect::<String>().into_bytes()
}

/// Every way to write one step up that somebody ever read as one.
fn steps() -> Vec<Vec<u8>> {
    let upper = |byte: u8| format!("%{byte:02X}");
    let lower = |byte: u8| format!("%{byte:02x}");
    let twice = |byte: u8| format!("%25{byte:02x}");
    let half = |byte: u8| format!("%%{:x}%{:x}", 0x30 + (byte >> 4), 0x30 + (byte & 15));
    let mut steps: Vec<Vec<u8>> = ["..", ".", "...", ".. ", "..\t", "..;", "..;x", "..\u{2026}"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    for text in ["..", "."] {
        steps.extend([
            escaped(text, upper),
            escaped(text, lower),
            escaped(text, twice),
            escaped(text, half),
        ]);
        steps.push(escaped(text, |byte| format!("%u{byte:04x}")));
        steps.push(escaped(text, |byte| format!("%25u{byte:04x}")));
    }
    for (first, second) in
        [(".", "%2e"), ("%2e", "."), ("%2E", "%2e"), (".", "%252e"), ("%252e", ".")]
    {
        steps.push(format!("{first}{second}").into_bytes());
    }
    // Overlong UTF-8 of a dot, in two to six bytes, escaped and as it is; and dots that are none.
    let overlong: [&[u8]; 5] = [
        b"\xc0\xae",
        b"\xe0\x80\xae",
        b"\xf0\x80\x80\xae",
        b"\xf8\x80\x80\x80\xae",
        b"\xfc\x80\x80\x80\x80\xae",
    ];
    let alike = ["\u{ff0e}", "\u{2024}", "\u{fe52}", "\u{00b7}"];
    for dot in overlong.into_iter().chain(alike.map(str::as_bytes)) {
        let coded: String = dot.iter().map(|byte| format!("%{byte:02x}")).collect();
        steps.extend([
            [dot, dot].concat(),
            coded.repeat(2).into_bytes(),
            format!("{coded}.").into_bytes(),
            coded.repeat(2).replace('%', "%25").into_bytes(),
        ]);
    }
    // Two dots in one letter.
    let leader = "\u{2025}";
    steps.extend([leader.as_bytes().to_vec(), escaped(leader, lower), escaped(leader, twice)]);
    steps.extend([b"..\0".to_vec(), b"\0..".to_vec()]);
    for nul in ["%00", "%2500", "%c0%80", "%0a", "%0d%0a", "%20", "%7f", "%e2%80%8b", "%ef%bb%bf"] {
        steps.extend([
            format!("..{nul}").into_bytes(),
            format!("{nul}..").into_bytes(),
            format!(".{nul}.").into_bytes(),
        ]);
    }
    steps
}

/// Every way to write a separator.
fn separators() -> Vec<Vec<u8>> {
    let texts = [
        "/",
        "//",
        "/./",
        "\\",
        "%2f",
        "%2F",
        "%5c",
        "%5C",
        "%252f",
        "%255c",
        "%c0%af",
        "%c1%9c",
        "%e0%80%af",
        "%uff0f",
        "%2f%2f",
        "%5c%5c",
        "\\\\",
        "/\\",
        "%f0%80%80%af",
        "\u{ff0f}",
        "\u{2215}",
        "\u{2044}",
        "\u{29f8}",
        "\u{ff3c}",
        "%e2%a7%b8",
        "%25e2%2588%2595",
        "%25c0%25af",
        "%ef%bc%8f",
        "%e2%88%95",
        "%e2%81%84",
        "%ef%bc%bc",
        "%00/",
        ";/",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// A target behind `/api/vfs/`: what it begins with, and what is to lead out of that.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Path {
    begin: &'static str,
    rest: Vec<u8>,
}

fn paths() -> BTreeSet<Path> {
    let (steps, separators) = (steps(), separators());
    let mut paths = BTreeSet::new();
    let mut add = |up: &[u8], turn: usize| {
        let (begin, goal) = (BEGINS[turn % BEGINS.len()], GOALS[turn % GOALS.len()]);
        paths.insert(Path { begin, rest: [up, goal.as_bytes()].concat() });
    };
    for (number, step) in steps.iter().enumerate() {
        for (other, separator) in separators.iter().enumerate() {
            // Every step with every separator, at every second depth; what begins, and what is led to, goes round.
            for depth in DEPTHS.filter(|depth| (number + other + depth) % 2 == 0) {
                let up = [&step[..], separator].concat().repeat(depth);
                add(&up, number * 31 + other * 11 + depth);
            }
        }
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut any = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 1).unwrap() % below
    };
    for turn in 0..BY_CHANCE {
        let up: Vec<_> = (0..=any(*DEPTHS.end()))
            .flat_map(|_| [&steps[any(steps.len())][..], &separators[any(separators.len())]])
            .collect();
        add(&up.concat(), turn);
    }
    paths
}

/// What is asked for: each target is read, and every third is asked for in one of the other ways, which go round.
pub(crate) fn asks() -> Vec<Vec<Ask>> {
    let all: &[u8] = b"/api/vfs/";
    let made = paths().into_iter().enumerate().map(|(number, Path { begin, rest })| {
        let target = [begin.as_bytes(), &rest].concat();
        let plain = |method| Ask::new(method, &[all, &target]);
        if number % 3 > 0 {
            return vec![plain("GET")];
        }
        // Not in step with what goes round above.
        let other = match (number / 3 + number / 21) % 7 {
            0 => plain("HEAD"),
            1 | 4 => plain("PUT"),
            2 => plain("DELETE"),
            3 => plain("GET").of_range(),
            5 => Ask::new("GET", &[all, &target, b"?glob=**"]),
            _ => Ask::new("GET", &[b"/api/vfs/docs?glob=", &rest]),
        };
        vec![plain("GET"), other]
    });
    let whole = WHOLE.map(|target| vec![Ask::new("GET", &[target.as_bytes()])]);
    made.chain(whole).collect()
}
