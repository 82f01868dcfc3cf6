//! Whether the server can do its work, part by part.

use palisade::{
    authn_jwt::KeysStatus,
    autoban::{AutoBan, AutoBanStatus},
    blocklist::LoadFailure,
};
use serde_json::{Map, Value, json};

use crate::{app::Shared, instances::Instances, tls::Certificates};

/// Whether the server can do its work, and what is wrong in files, as far as strangers may know.
pub(super) struct Readiness {
    parts: Vec<Part>,
    mistakes: Map<String, Value>,
}

/// A part that is there.
struct Part {
    name: &'static str,
    is_fine: bool,
    without: Without,
}

/// What becomes of requests where a part does less than it should.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Without {
    /// They are answered as they should be.
    GoOn,
    /// They are not.
    Stop,
}

// === impl Readiness ===

impl Readiness {
    /// Looks at flags alone: anybody may ask.
    pub(super) fn of(shared: &Shared) -> Self {
        let blocklist = shared.blocklist.shared().failure();
        let auto_ban = shared.auto_ban.as_ref().map(AutoBan::status);
        let bans = auto_ban.as_ref().is_none_or(AutoBanStatus::is_healthy);
        // Keys that are old and cannot be fetched anew still do their work.
        let token_keys = shared.verifier.remote_keys().iter().all(KeysStatus::is_ready);
        let needed = [
            ("blocklist", blocklist.is_none()),
            ("autoBan", bans),
            ("tokenKeys", token_keys),
            ("apiKeys", shared.api_keys.is_current()),
            ("database", shared.database_health.is_fine()),
        ];
        let needed = needed.map(|(name, is_fine)| Part { name, is_fine, without: Without::Stop });
        let mut parts = Vec::from(needed);
        parts.extend(shared.instances.as_ref().map(redis));
        parts.extend(shared.certificates.as_ref().map(tls));
        parts.extend(watchers(shared));
        let mistakes = mistakes(blocklist.as_ref(), auto_ban.as_ref(), shared);
        Self { parts, mistakes }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.parts.iter().all(|part| part.is_fine || part.without == Without::GoOn)
    }

    pub(super) fn into_json(self) -> Value {
        let word = |fine: bool| if fine { "ok" } else { "degraded" };
        let fine = self.parts.iter().all(|part| part.is_fine);
        let parts = self.parts.iter();
        let parts = parts.map(|part| (part.name.into(), word(part.is_fine).into()));
        let parts: Map<String, Value> = parts.collect();
        let mut answer = json!({ "status": word(fine), "parts": parts });
        if let (Some(members), false) = (answer.as_object_mut(), self.mistakes.is_empty()) {
            members.insert("mistakes".into(), self.mistakes.into());
        }
        answer
    }
}

fn redis(redis: &Instances) -> Part {
    let without = if redis.is_ready() { Without::GoOn } else { Without::Stop };
    Part { name: "redis", is_fine: redis.is_up(), without }
}

/// A certificate that could not be replaced still does its work, until it ends.
fn tls(certificates: &Certificates) -> Part {
    let status = certificates.status();
    let without = if status.counts { Without::GoOn } else { Without::Stop };
    Part { name: "tls", is_fine: status.counts && status.failure.is_none(), without }
}

/// What looks on, and refuses nobody: but for country rules of an admin who wants unknown countries refused.
fn watchers(shared: &Shared) -> impl Iterator<Item = Part> {
    let geo = shared.locations.as_ref().map(|locations| locations.geo().is_degraded());
    let log = shared.sources.log().map(|log| log.fails);
    let parts = [
        geo.map(|degraded| ("geo", !degraded)),
        Some(("analytics", shared.analytics.status().healthy)),
        log.map(|fails| ("log", !fails)),
    ];
    let beside = |(name, is_fine)| Part { name, is_fine, without: Without::GoOn };
    parts.into_iter().flatten().map(beside)
}

fn mistakes(
    blocklist: Option<&LoadFailure>,
    auto_ban: Option<&AutoBanStatus>,
    shared: &Shared,
) -> Map<String, Value> {
    let mut mistakes = Map::new();
    if let Some(error) = blocklist {
        let place = json!({ "line": error.line, "column": error.column });
        mistakes.insert("blocklist".into(), place);
    }
    if shared.blocklist.shared().has_vain_countries(shared.clock.now().wall()) {
        // The rest of the list counts.
        mistakes.insert("countries".into(), json!({ "setting": "GEOIP_DB" }));
    }
    let file = auto_ban.and_then(|auto_ban| auto_ban.file.as_ref());
    if file.is_some_and(|file| file.safe_mode.is_some()) {
        mistakes.insert("autoBan".into(), json!({ "safeMode": true }));
    }
    let tls = shared.certificates.as_ref().map(Certificates::status);
    if let Some(mistake) = tls.and_then(|tls| tls.failure) {
        mistakes.insert("tls".into(), json!({ "setting": mistake.setting() }));
    }
    mistakes
}
