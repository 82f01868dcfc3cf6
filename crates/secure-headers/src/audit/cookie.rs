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

    /// Those that a browser keeps: not those for other hosts, nor those whose prefix says what their attributes do not
    /// (RFC 6265bis section 4.1.3). A later one takes the place of an earlier one.
    pub(super) fn kept(cookies: impl Iterator<Item = Self>, host: &str) -> Vec<Self> {
        let mut kept: Vec<Self> = Vec::new();
        for cookie in cookies.filter(|cookie| cookie.is_for(host) && cookie.keeps_its_prefix()) {
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

    fn keeps_its_prefix(&self) -> bool {
        if self.name.starts_with("__Host-") {
            let path = self.path.as_deref().unwrap_or("/");
            return self.is_secure && self.domain.is_none() && path == "/";
        }
        !self.name.starts_with("__Secure-") || self.is_secure
    }

    fn replaces(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    /// Whether its name says that it signs somebody in: what the Observatory looks for.
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
