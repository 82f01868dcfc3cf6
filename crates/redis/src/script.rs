//! A script of Redis, sent by its digest.

use std::{fmt::Write, sync::LazyLock};

use redis::Cmd;

/// A script of Redis, sent by its digest.
pub(crate) struct Script {
    source: &'static str,
    digest: LazyLock<String>,
}

// === impl Script ===

impl Script {
    /// `digest` is [`digest_of`] the source; a constant has no room for more than a function.
    pub(crate) const fn new(source: &'static str, digest: fn() -> String) -> Self {
        Self { source, digest: LazyLock::new(digest) }
    }

    pub(crate) fn by_digest(&self, keys: &[String], arguments: &[String]) -> Cmd {
        command("EVALSHA", &self.digest, keys, arguments)
    }

    pub(crate) fn in_full(&self, keys: &[String], arguments: &[String]) -> Cmd {
        command("EVAL", self.source, keys, arguments)
    }
}

/// What Redis calls a script: the SHA-1 of its source.
pub(crate) fn digest_of(source: &str) -> String {
    redis::Script::new(source).get_hash().to_owned()
}

fn command(name: &str, script: &str, keys: &[String], arguments: &[String]) -> Cmd {
    redis::cmd(name).arg(script).arg(keys.len()).arg(keys).arg(arguments).to_owned()
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}
