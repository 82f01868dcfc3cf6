//! Content security policies, as a browser reads them: leniently (CSP 3 section 2.2.1).

use super::Answer;

/// The policies of an answer. Each of them holds: what one forbids is forbidden.
#[derive(Debug, Default)]
pub(super) struct Policies {
    policies: Vec<ReadPolicy>,
}

/// Directives by their names in lower case, the first of each name.
#[derive(Debug, Default)]
pub(super) struct ReadPolicy {
    directives: Vec<(String, Vec<String>)>,
}

/// What a policy in a page cannot say (HTML section 4.2.5.3).
const NOT_IN_PAGES: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];

/// Sources that are half of the web, or all of it.
pub(super) const BROAD: [&str; 8] =
    ["ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"];

/// What a nonce or a hash begins with.
const PROVEN: [&str; 4] = ["'nonce-", "'sha256-", "'sha384-", "'sha512-"];

// === impl Policies ===

impl Policies {
    pub(super) fn of(answer: &Answer) -> Self {
        let header = answer.text(http::header::CONTENT_SECURITY_POLICY).unwrap_or_default();
        let mut policies: Vec<ReadPolicy> = header.split(',').map(ReadPolicy::read).collect();
        for text in answer.page.iter().flat_map(|page| &page.policies) {
            let mut policy = ReadPolicy::read(text);
            policy.directives.retain(|(name, _)| !NOT_IN_PAGES.contains(&name.as_str()));
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
        self.policies.iter().any(|policy| policy.own(directive).is_some())
    }

    /// Whether some sources of a directive are `such`, in each policy that says it: what an answer allows.
    pub(super) fn allow(&self, directive: &str, such: fn(&str) -> bool) -> bool {
        let mut told =
            self.policies.iter().filter_map(|policy| policy.sources(directive)).peekable();
        told.peek().is_some() && told.all(|sources| sources.iter().any(|source| such(source)))
    }
}

// === impl ReadPolicy ===

impl ReadPolicy {
    fn read(text: &str) -> Self {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        for part in text.split(';') {
            let mut words = part.split_ascii_whitespace().map(str::to_ascii_lowercase);
            let Some(name) = words.next() else { continue };
            if !directives.iter().any(|(known, _)| *known == name) {
                directives.push((name, words.collect()));
            }
        }
        Self { directives }
    }

    fn own(&self, directive: &str) -> Option<&[String]> {
        let (_, sources) = self.directives.iter().find(|(name, _)| name == directive)?;
        Some(sources)
    }

    /// What `default-src` says stands in for what loads something.
    fn sources(&self, directive: &str) -> Option<&[String]> {
        let falls_back = directive.ends_with("-src");
        self.own(directive).or_else(|| falls_back.then(|| self.own("default-src"))?)
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

/// Whether sources are named one by one.
pub(super) fn is_narrow(sources: &[String]) -> bool {
    !sources.iter().any(|source| BROAD.contains(&source.as_str()))
}

/// Whether a source is a nonce or a hash.
pub(super) fn is_proven(source: &str) -> bool {
    PROVEN.iter().any(|start| source.starts_with(start))
}

/// Whether scripts are let through by nonce or hash alone, or named one by one: without `'unsafe-inline'`, unless what is
/// proven puts that out of force, and without half of the web, unless `'strict-dynamic'` does.
pub(super) fn guards_scripts(sources: &[String]) -> bool {
    let has = |name: &str| sources.iter().any(|source| source == name);
    let proven = sources.iter().any(|source| is_proven(source));
    let inline = has("'unsafe-inline'") && !proven;
    let broad = !is_narrow(sources) || has("data:") || has("blob:");
    !inline && (!broad || proven && has("'strict-dynamic'"))
}
