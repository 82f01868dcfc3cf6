//! How many files this process may have open: a connection is one.

use std::fs;

/// Files that are no connections: what listens, what is written, what is asked of others.
const OTHERS: usize = 64;

/// Warns where the system will not let as many connections in as the settings do.
pub(crate) fn check(connections: usize) {
    let Some(allowed) = allowed() else { return };
    if allowed < connections.saturating_add(OTHERS) {
        tracing::warn!(
            allowed,
            connections,
            "MAX_CONNECTIONS is more than this process may have files open: raise the limit (`ulimit -n`, `LimitNOFILE=`), or set MAX_CONNECTIONS lower"
        );
    }
}

/// The soft limit, as Linux tells it; elsewhere nobody asks.
fn allowed() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
