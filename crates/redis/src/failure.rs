//! What went wrong, in a word that may be logged and counted.

use palisade_ratelimit::Outage;
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Nothing came in time.
pub(crate) const DEADLINE: Outage = Outage::new("deadline");
/// Redis was not there yet since the start.
pub(crate) const CONNECTING: Outage = Outage::new("connecting");
/// The last calls failed, so this one was not sent.
pub(crate) const CIRCUIT_OPEN: Outage = Outage::new("circuit-open");
/// Too many calls wait already.
pub(crate) const BUSY: Outage = Outage::new("too-many-calls");
/// What came makes no sense.
pub(crate) const NONSENSE: Outage = Outage::new("unexpected-answer");
/// A key of ours holds what we did not write.
const WRONG_TYPE: Outage = Outage::new("wrong-type");
/// A call's keys are on several nodes of a cluster.
const CROSS_SLOT: Outage = Outage::new("cross-slot");

/// Names an error. Its text is not used: it may quote what was sent.
pub(crate) fn outage(error: &RedisError) -> Outage {
    let reason = match error.kind() {
        ErrorKind::Io if error.is_timeout() => return DEADLINE,
        ErrorKind::Io if error.is_connection_refusal() => "connection-refused",
        ErrorKind::Io => "connection-lost",
        ErrorKind::AuthenticationFailed => "authentication-failed",
        ErrorKind::MasterNameNotFoundBySentinel => "no-such-master",
        ErrorKind::EmptySentinelList | ErrorKind::ClusterConnectionNotFound => "no-node-answers",
        ErrorKind::Server(kind) => return server(kind, error.detail().unwrap_or_default()),
        ErrorKind::Extension => by_code(error.code().unwrap_or_default()),
        ErrorKind::UnexpectedReturnType | ErrorKind::Parse => return NONSENSE,
        _ => "client-error",
    };
    Outage::new(reason)
}

fn server(kind: ServerErrorKind, detail: &str) -> Outage {
    Outage::new(match kind {
        ServerErrorKind::ReadOnly => "read-only",
        ServerErrorKind::BusyLoading => "loading",
        ServerErrorKind::MasterDown => "master-down",
        ServerErrorKind::ClusterDown => "cluster-down",
        ServerErrorKind::CrossSlot => return CROSS_SLOT,
        ServerErrorKind::Moved | ServerErrorKind::Ask | ServerErrorKind::TryAgain => "moved",
        ServerErrorKind::NoPerm => "no-permission",
        ServerErrorKind::NoScript => "no-script",
        // What a script ran into is told inside of its own error by some versions.
        ServerErrorKind::ResponseError => ["WRONGTYPE", "READONLY", "OOM"]
            .into_iter()
            .find(|code| detail.contains(code))
            .map_or("server-error", by_code),
        _ => "server-error",
    })
}

fn by_code(code: &str) -> &'static str {
    match code {
        "WRONGTYPE" | "NOTANUMBER" => WRONG_TYPE.reason(),
        "READONLY" => "read-only",
        "OOM" => "out-of-memory",
        "NOAUTH" | "WRONGPASS" => "authentication-failed",
        "MISCONF" => "cannot-save",
        "NOREPLICAS" => "no-replicas",
        "BUSY" => "busy-with-a-script",
        _ => "server-error",
    }
}

/// Whether it says something about one key, not about Redis: then others may still ask.
pub(crate) fn is_of_one_key(outage: Outage) -> bool {
    [WRONG_TYPE, CROSS_SLOT].contains(&outage)
}
