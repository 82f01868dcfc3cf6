//! What is kept of requests.

use super::{Part, Setting, setting};

pub(super) const ANALYTICS: &[Setting] = &[
    setting(
        Part::Analytics,
        "ANALYTICS",
        "on",
        "`on` or `off`",
        "Records requests: who asked what, from where, with which answer. Off, no session cookie is set either, and a database that is there stays as it is.",
    ),
    setting(
        Part::Analytics,
        "ANALYTICS_DB",
        "",
        "a file, or `memory`",
        "Where records are kept. Unset: analytics.db in DATA_DIR. In memory: the latest 100 000, until the end.",
    ),
    setting(
        Part::Analytics,
        "ANALYTICS_RETENTION_DAYS",
        "90",
        "1 to 3650",
        "How many days a record is kept in the database.",
    ),
    setting(
        Part::Analytics,
        "ANALYTICS_MAX_SIZE",
        "256MB",
        "a number of bytes, or one with KB, MB or GB (powers of 1024), 1MB at least",
        "How large the database may be. Beyond, the oldest records go. Numbers of more than a gigabyte may not be answered in time.",
    ),
    setting(
        Part::Analytics,
        "ANALYTICS_ADDRESSES",
        "whole",
        "`whole`, `network` or `daily-hash`",
        "How much of an address is kept: all of it, its network (/24 and /48), or a hash by a key that is forgotten at midnight UTC. Unless it is all, what GEOIP_URL answered is in memory alone.",
    ),
    setting(
        Part::Analytics,
        "ANALYTICS_EXCLUDE",
        "default",
        "rules separated by commas: `default`, `*.pdf`, `/healthz`, `/internal/**`; or `none`",
        "What is not recorded. `default` are static files, documentation and widgets; without it these are recorded.",
    ),
];
