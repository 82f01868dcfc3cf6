//! What a page declares and loads.

/// What a page declares and loads, as far as the rules ask.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Page {
    /// The policies in `<meta http-equiv="content-security-policy">`.
    pub policies: Vec<String>,
    /// What `<meta name="referrer">` says; of several the last.
    pub referrer: Option<String>,
    /// Its scripts, also those without a source.
    pub scripts: Vec<Script>,
}

/// A script of a page.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Script {
    /// Where it is loaded from; none, if it stands in the page.
    pub src: Option<String>,
    /// The hashes it must have.
    pub integrity: Option<String>,
}

/// Whose content is text, whatever it looks like (HTML section 13.1.2).
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// Enough for any page: what comes after is not looked at.
const MOST_TAGS: usize = 100_000;
const MOST_ATTRIBUTES: usize = 64;

// === impl Page ===

impl Page {
    /// Looks for tags in HTML. It is no parser: comments and the text of scripts are skipped, whatever is broken is passed
    /// over.
    #[must_use]
    pub fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut rest = html;
        for _ in 0..MOST_TAGS {
            let Some((_, tail)) = rest.split_once('<') else { break };
            rest = page.tag(tail);
        }
        page
    }

    /// Takes in what begins behind a `<`; the rest.
    fn tag<'a>(&mut self, tail: &'a str) -> &'a str {
        if let Some(comment) = tail.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        if !tail.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            return tail;
        }
        let ends = |letter: char| letter.is_ascii_whitespace() || matches!(letter, '/' | '>');
        let (name, rest) = tail.split_at(tail.find(ends).unwrap_or(tail.len()));
        let name = name.to_ascii_lowercase();
        // A tag that never ends is none (HTML section 13.2.5.36).
        let Some((attributes, rest)) = attributes(rest) else { return "" };
        let value = |wanted: &str| {
            attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        };
        match name.as_str() {
            "script" => {
                let src = value("src").filter(|src| !src.is_empty());
                self.scripts.push(Script { src, integrity: value("integrity") });
            }
            "meta" => self.meta(value),
            _ => {}
        }
        if RAW.contains(&name.as_str()) { behind(rest, &name) } else { rest }
    }

    fn meta(&mut self, value: impl Fn(&str) -> Option<String>) {
        let is = |found: Option<String>, wanted| {
            found.is_some_and(|found| found.trim().eq_ignore_ascii_case(wanted))
        };
        let Some(content) = value("content").filter(|content| !content.is_empty()) else { return };
        if value("http-equiv").is_some() {
            if is(value("http-equiv"), "content-security-policy") {
                self.policies.push(content);
            }
        } else if is(value("name"), "referrer") {
            self.referrer = Some(content);
        }
    }
}

/// The attributes up to the `>`, and what stands behind it. Of two with one name the first counts.
fn attributes(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    loop {
        rest =
            rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '/');
        if let Some(rest) = rest.strip_prefix('>') {
            return Some((found, rest));
        }
        if rest.is_empty() {
            return None;
        }
        let ends = |letter: char| letter.is_ascii_whitespace() || matches!(letter, '/' | '>' | '=');
        // An `=` that nothing stands before begins a name.
        let skipped = rest.chars().next().filter(|letter| *letter == '=').map_or(0, char::len_utf8);
        let end = rest.get(skipped..).and_then(|tail| tail.find(ends));
        let end = end.map_or(rest.len(), |end| end.saturating_add(skipped));
        let (name, tail) = rest.split_at(end);
        let (value, tail) = attribute_value(tail);
        rest = tail;
        let name = name.to_ascii_lowercase();
        if found.len() < MOST_ATTRIBUTES && !found.iter().any(|(known, _)| *known == name) {
            found.push((name, unescaped(value)));
        }
    }
}

/// What stands behind an `=`, if there is one.
fn attribute_value(text: &str) -> (&str, &str) {
    let Some(text) = text.trim_start().strip_prefix('=').map(str::trim_start) else {
        return ("", text);
    };
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let ends = |letter: char| letter.is_ascii_whitespace() || letter == '>';
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// The references that stand in attributes of real pages.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (reference, letter) in [
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&amp;", "&"),
    ] {
        if text.contains(reference) {
            text = text.replace(reference, letter);
        }
    }
    text
}

/// What stands behind the end of an element whose content is text.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once("</") {
        if tail.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return tail;
        }
        rest = tail;
    }
    ""
}
