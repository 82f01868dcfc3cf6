//! Cookies, as a browser reads them (RFC 6265 section 5.2).

/// A cookie that an answer sets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) domain: Option<String>,
    pub(super) path: Option<String>,
    pub(super) same_site: Option<SameSite>,
    pub(super) is_secure: bool,
    pub(super) is_http_only: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SameSite {
    Strict,
    Lax,
    None,
}

/// What names of sessions have within.
const SESSION_WORDS: [&str; 9] =
    ["sess", "login", "logged", "signin", "token", "jwt", "oauth", "authentic", "remember"];
/// What a part of such a name ends with.
const SESSION_ENDS: [&str; 2] = ["sid", "auth"];

// === impl Cookie ===

impl Cookie {
    /// Reads a `Set-Cookie`. None, if it has no name.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut parts = line.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if name.is_empty() || name.contains(|letter: char| letter.is_control()) {
            return None;
        }
        let mut cookie = Self {
            name,
            value,
            domain: None,
            path: None,
            same_site: None,
            is_secure: false,
            is_http_only: false,
        };
        parts.for_each(|part| cookie.attribute(part));
        Some(cookie)
    }

    /// Of several values of an attribute the last one counts.
    fn attribute(&mut self, part: &str) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "secure" => self.is_secure = true,
            "httponly" => self.is_http_only = true,
            "samesite" => self.same_site = SameSite::read(value),
            "path" => self.path = value.starts_with('/').then(|| value.to_owned()),
            "domain" if !value.is_empty() => {
                self.domain = Some(value.trim_start_matches('.').to_ascii_lowercase());
            }
            _ => {}
        }
    }

    /// Those that are kept: not those for other hosts, nor those that do not `fit`. A later one takes the place of an earlier
    /// one.
    pub(super) fn kept(
        cookies: impl Iterator<Item = Self>,
        host: &str,
        fit: fn(&Self) -> bool,
    ) -> Vec<Self> {
        let mut kept: Vec<Self> = Vec::new();
        for cookie in cookies.filter(|cookie| cookie.is_for(host) && fit(cookie)) {
            kept.retain(|other| !cookie.replaces(other));
            kept.push(cookie);
        }
        kept
    }

    fn is_for(&self, host: &str) -> bool {
        let Some(domain) = &self.domain else { return true };
        // Nobody may set cookies for all of `com`.
        let is_shared = !domain.contains('.');
        let under = || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
        host == domain || !is_shared && (host.is_empty() || under())
    }

    /// Whether a browser finds its attributes to be those that its prefix says (RFC 6265bis section 4.1.3): `__Host-` needs a
    /// `Path=/` that stands there, and prefixes are read in either case.
    pub(super) fn keeps_its_prefix(&self) -> bool {
        if self.begins("__Host-") {
            let is_whole = self.path.as_deref() == Some("/");
            return self.is_secure && self.domain.is_none() && is_whole;
        }
        !self.begins("__Secure-") || self.is_secure
    }

    /// The same as the Observatory's program finds it.
    pub(super) fn keeps_its_prefix_there(&self) -> bool {
        if self.name.starts_with("__Host-") {
            let path = self.path.as_deref().unwrap_or("/");
            return self.is_secure && self.domain.is_none() && path == "/";
        }
        !self.name.starts_with("__Secure-") || self.is_secure
    }

    /// Whether its name begins so, in either case.
    pub(super) fn begins(&self, prefix: &str) -> bool {
        let start = self.name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    fn replaces(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    /// Whether its name says that it signs somebody in: `sid`, `PHPSESSID`, `accessToken`, `.ASPXAUTH`. What guards against
    /// forged requests must be read by scripts, and is none.
    pub(super) fn says_session(&self) -> bool {
        let name = self.name.to_lowercase();
        if ["csrf", "xsrf"].iter().any(|word| name.contains(word)) {
            return false;
        }
        let says = |part: &str| {
            let is_auth = part.starts_with("auth") && !part.starts_with("author");
            is_auth || SESSION_ENDS.iter().any(|end| part.ends_with(end))
        };
        SESSION_WORDS.iter().any(|word| name.contains(word))
            || name.split(|letter: char| !letter.is_alphanumeric()).any(says)
    }

    /// The same as the Observatory finds it.
    pub(super) fn is_session(&self) -> bool {
        let name = self.name.to_lowercase();
        ["login", "sess"].iter().any(|word| name.contains(word))
    }

    /// Whether its name says that it guards against forged requests.
    pub(super) fn is_against_forgery(&self) -> bool {
        self.name.to_lowercase().contains("csrf")
    }
}

// === impl SameSite ===

impl SameSite {
    pub(super) fn read(value: &str) -> Option<Self> {
        match value.to_ascii_lowercase().as_str() {
            "strict" => Some(Self::Strict),
            "lax" => Some(Self::Lax),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}
