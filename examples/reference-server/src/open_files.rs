//! How many files this process may have open: a connection is one.

use std::fs;

/// Files that are no connections: what listens, what is written, what is asked of others.
const OTHERS: usize = 64;

/// How many of `connections` there is room for. Warns where that is fewer: a place that cannot be filled would let nobody in,
/// and nobody would be asked to leave for it.
pub(crate) fn places(connections: usize) -> usize {
    let room = allowed().map_or(connections, |allowed| allowed.saturating_sub(OTHERS).max(1));
    if room < connections {
        tracing::warn!(
            places = room,
            connections,
            "MAX_CONNECTIONS is more than this process may have files open, so there are fewer places: raise the limit (`ulimit -n`, `LimitNOFILE=`), or set MAX_CONNECTIONS lower"
        );
    }
    room.min(connections)
}

/// The soft limit, as Linux tells it; elsewhere nobody asks.
fn allowed() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
