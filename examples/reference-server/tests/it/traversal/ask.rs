//! One request, whose target is sent byte for byte.

/// One request.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) target: Vec<u8>,
    /// A header more, or nothing.
    header: &'static str,
}

// === impl Ask ===

impl Ask {
    /// What stands in front of the target and behind it is sent as it is.
    pub(crate) fn new(method: &'static str, target: &[&[u8]]) -> Self {
        Self { method, target: target.concat(), header: "" }
    }

    /// Asks for a part.
    pub(crate) fn of_range(self) -> Self {
        Self { header: "Range: bytes=0-999\r\n", ..self }
    }

    pub(crate) fn bytes(&self, token: &str) -> Vec<u8> {
        let body = if self.method == "PUT" { "x" } else { "" };
        let rest = format!(
            " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{}Content-Length: {}\r\n\r\n{body}",
            self.header,
            body.len()
        );
        [self.method.as_bytes(), b" ", &self.target, rest.as_bytes()].concat()
    }

    /// What kind of a request it is, to count it.
    pub(crate) fn kind(&self) -> &'static str {
        let has_query = |name: &[u8]| self.target.windows(name.len()).any(|some| some == name);
        match self.method {
            "GET" if has_query(b"?glob=") => "listing",
            "GET" if !self.header.is_empty() => "range",
            method => method,
        }
    }
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind(), self.target.escape_ascii())
    }
}
