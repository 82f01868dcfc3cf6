//! What judges are asked about: keys, and all that one that is broken may know of them.

use std::{cell::RefCell, collections::HashMap, fs, path::PathBuf};

use http::request;
use palisade_authn_api_key::{Issued, NewKey};
use palisade_core::{Identity, SecurityContext, TokenDigest, Verdict};
use palisade_test_support::{Ask, head_of};
use serde_json::json;
use tempfile::TempDir;

use crate::{Bench, CHECKSUM, HOUR, TAIL, signed};

/// What becomes of a request.
pub(crate) type Judge = fn(&Desk, &mut request::Parts, &SecurityContext) -> Verdict;

/// A secret of which no four digits stand anywhere by chance.
pub(crate) const SECRET: &str = "qzxk7mvtw9yqzhn5jrxwkqzvmtygzxwk";

/// Keys in a file.
pub(crate) struct Desk {
    pub(crate) bench: Bench,
    pub(crate) path: PathBuf,
    /// What owners were shown. Ours keeps none of it.
    pub(crate) texts: RefCell<Vec<(&'static str, String)>>,
    /// Who was let in by what. Ours keeps none of it.
    pub(crate) remembered: RefCell<HashMap<String, Identity>>,
    _folder: TempDir,
}

/// A request that was judged.
pub(crate) struct Judged {
    head: request::Parts,
    context: SecurityContext,
    verdict: Verdict,
}

// === impl Desk ===

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("api-keys.json");
        let (texts, remembered) = (RefCell::default(), RefCell::default());
        Self { bench: Bench::on(&path), path, texts, remembered, _folder: folder }
    }

    /// A key of `owner`, for an hour.
    pub(crate) fn issue(&self, owner: &'static str) -> Issued {
        let issued = self.bench.keys.create(NewKey::owned_by(owner).lasting(HOUR)).unwrap();
        self.texts.borrow_mut().push((owner, issued.text.expose().to_owned()));
        issued
    }

    /// The one key there is then: its secret is [`SECRET`].
    pub(crate) fn hold_secret(&self) -> String {
        let id = "4kq0v7m2x9rt";
        let text = signed(&format!("acme_live_{id}_{SECRET}"));
        let digest = format!("sha256:{}", TokenDigest::of(&text));
        let key = json!({"id": id, "owner": "exporter", "created": "2026-01-01T00:00:00Z"});
        let keys = json!([{"key": key, "secrets": {"current": digest}}]);
        fs::write(&self.path, json!({"version": 1, "keys": keys}).to_string()).unwrap();
        assert!(self.bench.keys.reload().unwrap());
        text
    }

    pub(crate) fn ask(&self, judge: Judge, ask: Ask) -> Judged {
        self.ask_in(judge, ask, self.bench.context())
    }

    pub(crate) fn ask_in(&self, judge: Judge, ask: Ask, context: SecurityContext) -> Judged {
        let mut head = head_of(ask);
        let verdict = judge(self, &mut head, &context);
        Judged { head, context, verdict }
    }
}

// === impl Judged ===

impl Judged {
    /// Who was let in.
    pub(crate) fn who(&self) -> Option<&str> {
        match self.verdict {
            Verdict::Pass => self.context.identity().map(Identity::subject),
            _ => None,
        }
    }

    /// What a client can tell of a refusal, its ban for too many of them included.
    pub(crate) fn looks(&self) -> Option<String> {
        let Verdict::Refuse(rejection) = &self.verdict else { return None };
        Some(format!(
            "{} {:?} {:?} {:?} {:?} {:?}",
            rejection.status(),
            rejection.headers(),
            rejection.code(),
            rejection.public_detail(),
            rejection.retry_time(),
            rejection.violation_kind(),
        ))
    }

    /// All that is printed of it anywhere.
    pub(crate) fn prints(&self) -> String {
        let (looks, verdict) = (self.looks(), &self.verdict);
        format!("{looks:?} {verdict:?} {:?} {:?}", self.context, self.head.headers)
    }
}

/// The secret of a key, without id and checksum.
pub(crate) fn secret(text: &str) -> &str {
    &text[text.len() - TAIL..text.len() - CHECKSUM]
}
