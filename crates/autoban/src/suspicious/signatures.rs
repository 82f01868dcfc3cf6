//! A set of signatures.

use palisade_core::ConfigError;

use super::{Signature, SignatureKind, documented};

/// A set of signatures: the documented one, or one's own.
///
/// ```
/// use palisade_autoban::{AutoBan, Signature, SignatureKind, Signatures, SuspiciousPolicy};
///
/// let ours = Signature::new("scanner.our-old-shop", SignatureKind::Scanner, ["/shop/admin.php"]);
/// let signatures = Signatures::documented().without("scanner.wordpress").with(ours);
/// let policy = SuspiciousPolicy::new(AutoBan::builder().build()?, signatures)?;
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signatures {
    list: Vec<Signature>,
    mistake: Option<ConfigError>,
}

/// How often a signature was seen since the start.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SignatureHits {
    /// The id of the signature.
    pub id: String,
    /// What it gives away.
    pub kind: &'static str,
    /// How many requests it was seen in, whether they counted or not.
    pub seen: u64,
}

// === impl Signatures ===

impl Signatures {
    /// The documented set.
    ///
    /// | id | what is looked for |
    /// |---|---|
    /// | `scanner.dotfiles` | `/.env`, `/.git/`, `/.aws/`, `/.ssh/` and other files that were never meant to be served |
    /// | `scanner.wordpress` | `/wp-login.php`, `/xmlrpc.php`, `/wp-admin`, … |
    /// | `scanner.database-admin` | `/phpmyadmin`, `/pma/`, `/adminer.php`, … |
    /// | `scanner.cgi` | `/cgi-bin/` |
    /// | `scanner.actuator` | `/actuator/…` of Spring |
    /// | `scanner.php` | `/vendor/phpunit/`, `/phpinfo.php`, shells that others left behind |
    /// | `scanner.consoles` | `/manager/html`, `/solr/admin`, `/server-status`, … |
    /// | `scanner.devices` | `/boaform/`, `/hnap1`, `/gponform/` and other routers |
    /// | `scanner.dumps` | `/backup.sql`, `/dump.sql`, … |
    /// | `traversal.path` | `/../` in the path, as it is or encoded once |
    /// | `traversal.query` | `../../` in the query, as it is or encoded once |
    /// | `traversal.double-encoded` | `%252e%252e`, `..%252f`, `..%c0%af` and other ways around a check |
    /// | `traversal.files` | `file=/etc/passwd`, `url=file:///etc/`, `../proc/self/environ`, … |
    /// | `injection.null-byte` | `%00` before or behind the end of a file name: `.php%00`, `%00.png`, … |
    /// | `injection.sql` | `-1 union select`, `union select null,null`, `' or '1'='1`, `'; drop table `, … |
    /// | `injection.script` | `<script>alert`, `"><svg`, `onerror=alert(`, … |
    /// | `injection.jndi` | `${jndi:` and what hides it |
    /// | `injection.command` | `;cat /etc/passwd`, `\| wget http://1`, `cat${IFS}`, … |
    /// | `injection.php` | `file=php://filter`, `-d allow_url_include=`, `<?php system(`, … |
    /// | `injection.template` | `{{7*7}}`, `${7*7}`, … |
    /// | `injection.java` | `%{(#`, `class.module.classloader.resources.context`, … |
    #[must_use]
    pub fn documented() -> Self {
        Self { list: documented::list(), mistake: None }
    }

    /// None: for one's own alone.
    #[must_use]
    pub const fn none() -> Self {
        Self { list: Vec::new(), mistake: None }
    }

    /// Takes one out. A mistake in the id is told when the policy is made.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        let before = self.list.len();
        self.list.retain(|signature| signature.id() != id);
        if self.list.len() == before {
            let error = ConfigError::new("signature", id).expected("the id of one that is there");
            let name = id.rsplit('.').next().unwrap_or(id);
            let meant = self.list.iter().find(|own| !name.is_empty() && own.id().contains(name));
            self.mistake.get_or_insert(match meant {
                Some(meant) => error.meant(meant.id()),
                None => error,
            });
        }
        self
    }

    /// Adds one. A mistake in it is told when the policy is made.
    #[must_use]
    pub fn with(mut self, signature: Signature) -> Self {
        let known = self.list.iter().any(|own| own.id() == signature.id());
        let checked = if known {
            Err(ConfigError::new("signature", signature.id())
                .expected("an id of its own: take the one that is there out first"))
        } else {
            signature.check()
        };
        match checked {
            Ok(()) => self.list.push(signature),
            Err(mistake) => drop(self.mistake.get_or_insert(mistake)),
        }
        self
    }

    /// The signatures.
    pub fn iter(&self) -> impl Iterator<Item = &Signature> {
        self.list.iter()
    }

    pub(super) fn checked(self) -> Result<Vec<Signature>, ConfigError> {
        self.mistake.map_or(Ok(self.list), Err)
    }
}

impl SignatureHits {
    pub(super) fn new(id: &str, kind: SignatureKind, seen: u64) -> Self {
        Self { id: id.to_owned(), kind: kind.as_str(), seen }
    }
}
