//! Content security policies, as a browser reads them: leniently (CSP 3 section 2.2.1).

use std::collections::BTreeMap;

use super::Answer;

/// The policies of an answer. Each of them holds: what one forbids is forbidden.
#[derive(Debug, Default)]
pub(super) struct Policies {
    policies: Vec<ReadPolicy>,
}

/// Directives by their names in lower case, the first of each name.
#[derive(Debug, Default)]
pub(super) struct ReadPolicy {
    directives: BTreeMap<String, Vec<String>>,
}

/// What a policy in a page cannot say (HTML section 4.2.5.3).
const NOT_IN_PAGES: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];

/// What all policies of an answer may have together: many times what any site sends. What is longer is not read, and holds
/// nothing.
pub(super) const MOST_BYTES: usize = 64 * 1024;
/// So many directives are read of them, where the time that it takes grows with their square.
pub(super) const MOST_DIRECTIVES: usize = 256;

/// Who runs a script: an element, an attribute such as `onclick`, and a worker or `eval`.
const SCRIPTS: [&str; 3] = ["script-src-elem", "script-src-attr", "script-src"];

/// What a nonce or a hash begins with.
const PROVEN: [&str; 4] = ["'nonce-", "'sha256-", "'sha384-", "'sha512-"];

// === impl Policies ===

impl Policies {
    pub(super) fn of(answer: &Answer) -> Self {
        let header = answer.text(http::header::CONTENT_SECURITY_POLICY).unwrap_or_default();
        let mut room = MOST_BYTES;
        let mut fits = |text: &str| {
            let left = room.checked_sub(text.len());
            room = left.unwrap_or(room);
            left.is_some()
        };
        let mut policies: Vec<ReadPolicy> =
            header.split(',').filter(|text| fits(text)).map(ReadPolicy::read).collect();
        let in_page = answer.page.iter().flat_map(|page| &page.policies);
        for text in in_page.filter(|text| fits(text)) {
            let mut policy = ReadPolicy::read(text);
            policy.directives.retain(|name, _| !NOT_IN_PAGES.contains(&name.as_str()));
            policies.push(policy);
        }
        policies.retain(|policy| !policy.directives.is_empty());
        Self { policies }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Whether a policy says `directive`, or what stands in for it, so that `holds`.
    pub(super) fn say(&self, directive: &str, holds: fn(&[String]) -> bool) -> bool {
        self.policies.iter().filter_map(|policy| policy.sources(directive)).any(holds)
    }

    /// Whether a policy has `directive` itself.
    pub(super) fn have(&self, directive: &str) -> bool {
        self.policies.iter().any(|policy| policy.directives.contains_key(directive))
    }

    /// Whether some sources of a directive are `such`, in each policy that says it: what an answer allows.
    pub(super) fn allow(&self, directive: &str, such: fn(&str) -> bool) -> bool {
        let mut told =
            self.policies.iter().filter_map(|policy| policy.sources(directive)).peekable();
        told.peek().is_some() && told.all(|sources| sources.iter().any(|source| such(source)))
    }

    /// Whether scripts are guarded, whoever runs them.
    pub(super) fn guard_scripts(&self) -> bool {
        SCRIPTS.into_iter().all(|directive| self.say(directive, guards_scripts))
    }
}

// === impl ReadPolicy ===

impl ReadPolicy {
    fn read(text: &str) -> Self {
        let mut directives = BTreeMap::new();
        for part in text.split(';') {
            let mut words = part.split_ascii_whitespace().map(str::to_ascii_lowercase);
            let Some(name) = words.next() else { continue };
            directives.entry(name).or_insert_with(|| words.collect());
        }
        Self { directives }
    }

    /// What `default-src` says stands in for what loads something, and `script-src` for elements and attributes
    /// (CSP 3 section 6.8.3).
    fn sources(&self, directive: &str) -> Option<&[String]> {
        let stand_in: &[&str] = match directive {
            "script-src-elem" | "script-src-attr" => &["script-src", "default-src"],
            _ if directive.ends_with("-src") => &["default-src"],
            _ => &[],
        };
        let mut names = std::iter::once(directive).chain(stand_in.iter().copied());
        names.find_map(|name| self.directives.get(name)).map(Vec::as_slice)
    }
}

/// Whether nothing is allowed.
pub(super) fn is_none(sources: &[String]) -> bool {
    sources.iter().all(|source| source == "'none'")
}

/// Whether nothing is allowed but what comes from the page's own origin.
pub(super) fn is_own(sources: &[String]) -> bool {
    sources.iter().all(|source| ["'none'", "'self'"].contains(&source.as_str()))
}

/// Whether sources are named one by one: no scheme alone, and no host `*`, whatever its scheme, port and path
/// (CSP 3 section 2.3.1).
pub(super) fn is_narrow(sources: &[String]) -> bool {
    !sources.iter().any(|source| is_broad(source))
}

fn is_broad(source: &str) -> bool {
    let is_scheme = |text: &str| {
        text.strip_suffix(':').is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        })
    };
    let place = source.split_once("://").map_or(source, |(_, place)| place);
    let host = place.split([':', '/']).next().unwrap_or_default();
    is_scheme(source) || ["*", "*.*"].contains(&host)
}

/// Whether a source is a nonce or a hash, with at least a letter of it (CSP 3 section 2.3.1).
pub(super) fn is_proven(source: &str) -> bool {
    let text = PROVEN.iter().find_map(|start| source.strip_prefix(start));
    let text = text.and_then(|text| text.strip_suffix('\'')).unwrap_or_default();
    let letters = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    !letters.is_empty() && letters.bytes().all(is_base64)
}

/// Whether scripts are let through by nonce or hash alone, or named one by one: without `'unsafe-inline'`, unless what is
/// proven puts that out of force, and without half of the web, unless `'strict-dynamic'` does.
fn guards_scripts(sources: &[String]) -> bool {
    let has = |name: &str| sources.iter().any(|source| source == name);
    let proven = sources.iter().any(|source| is_proven(source));
    let inline = has("'unsafe-inline'") && !proven;
    !inline && (is_narrow(sources) || proven && has("'strict-dynamic'"))
}
