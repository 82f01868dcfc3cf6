//! How often one may ask, who may not ask any more, and what several instances share of that.

use super::{Part, Setting, setting};

pub(super) const RATE_LIMITING: &[Setting] = &[
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_ENABLED",
        "true",
        "`true` or `false`",
        "Limits how often one may ask.",
    ),
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_MAX",
        "1",
        "0 to 1000000",
        "Requests per window on /api/*, per user, else per address.",
    ),
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_WINDOW_MS",
        "50",
        "1 to 86400000",
        "The window in milliseconds.",
    ),
    setting(
        Part::RateLimiting,
        "ADMIN_RATE_LIMIT_MAX",
        "10",
        "0 to 1000000",
        "Changes per window that one admin makes on admin routes, beside the limit on /api/*.",
    ),
    setting(
        Part::RateLimiting,
        "ADMIN_RATE_LIMIT_WINDOW_MS",
        "10000",
        "1 to 86400000",
        "That window in milliseconds.",
    ),
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_HEADERS",
        "draft-6",
        "`draft-6`, `draft-7`, `draft-10`, several separated by commas, or `off`",
        "Which RateLimit headers answers carry.",
    ),
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_PLANS",
        "",
        "plans and their RATE_LIMIT_MAX, such as `pro=100,team=1000`",
        "What users of a plan have in place of RATE_LIMIT_MAX. Their token names it in its claim `plan`, an API key as it was made.",
    ),
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_CONCURRENT",
        "0",
        "0 to 1000000; 0 is as many as it likes",
        "Requests of one client that are answered at the same time.",
    ),
];

pub(super) const AUTO_BAN: &[Setting] = &[
    setting(Part::AutoBan, "AUTO_BAN_ENABLED", "true", "`true` or `false`", "Bans who misbehaves."),
    setting(
        Part::AutoBan,
        "AUTO_BAN_THRESHOLD",
        "5",
        "1 to 1000000",
        "Violations that are tolerated within the window; one more bans.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_WINDOW_MS",
        "10000",
        "1 to 86400000",
        "The window in milliseconds.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_CLEANUP_INTERVAL_MS",
        "60000",
        "100 to 86400000",
        "How often old violations are forgotten.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_DURATION_MS",
        "",
        "1 to 31536000000",
        "How long a ban lasts. Unset: until it is lifted.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_ESCALATION_MAX_MS",
        "",
        "1 to 31536000000, and at least AUTO_BAN_DURATION_MS",
        "Each further ban lasts twice as long, up to this; needs AUTO_BAN_DURATION_MS. Unset: all bans last as long.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_WEIGHTS",
        "rate-limit=1,auth-failure=1,suspicious=1",
        "kinds of violations and 0 to 1000; a kind that is left out counts 1",
        "What a violation of each kind counts; 0 is nothing.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_SUSPICIOUS",
        "count",
        "`count`, `refuse` or `off`",
        "What becomes of probes for holes: they count as violations, are refused at once as well, or nobody looks for them.",
    ),
    setting(
        Part::AutoBan,
        "AUTO_BAN_PROTECT",
        "",
        "addresses and networks separated by commas, such as `192.0.2.0/24`; `loopback` for who asks from this machine and through no proxy; `none`",
        "Who is never banned, beside TRUSTED_PROXIES and the blocklist's `safeIPs`. Unset: `loopback` in development, `none` in production.",
    ),
];

pub(super) const INSTANCES: &[Setting] = &[
    setting(
        Part::Instances,
        "REDIS_URL",
        "",
        "`redis://`, `rediss://`, `redis-cluster://host,host` or `redis-sentinel://host,host/master`",
        "Where instances share limits, violations and bans (Redis 7 or Valkey). Unset: each has its own.",
    ),
    setting(
        Part::Instances,
        "REDIS_TIMEOUT_MS",
        "50",
        "1 to 10000",
        "How long a request waits for Redis.",
    ),
    setting(
        Part::Instances,
        "REDIS_PREFIX",
        "palisade",
        "1 to 64 letters, digits, `.`, `_` and `-`",
        "What the names of all keys in Redis begin with: services that share a Redis and not their limits need their own.",
    ),
    setting(
        Part::Instances,
        "REDIS_SALT",
        "",
        "a text, the same on all instances",
        "A secret that goes into the digests that keys are named by: who reads Redis cannot find out whose they are.",
    ),
    setting(
        Part::Instances,
        "RATE_LIMIT_WITHOUT_REDIS",
        "local",
        "`local`, `open` or `closed`",
        "While Redis does not answer: each instance counts its share of the quota, nobody is limited, or everybody is told 503.",
    ),
    setting(
        Part::Instances,
        "RATE_LIMIT_INSTANCES",
        "1",
        "1 to 10000",
        "How many instances share the quota, for `local`.",
    ),
    setting(
        Part::Instances,
        "RATE_LIMIT_LEASE",
        "0",
        "4 to 1000000; 0 asks Redis about each request",
        "Requests of a client that an instance takes from the quota in advance, and admits without asking. Up to this many for each instance are admitted beyond the quota.",
    ),
];
