//! What is kept of rendered content.

use super::{Part, Setting, setting};

pub(super) const CONTENT: &[Setting] = &[
    setting(
        Part::Content,
        "CONTENT_CACHE_TTL_MS",
        "60000",
        "0 to 86400000, and other times for `feed`, `list`, `page`, `pdf` or `post` behind it, such as `60000,feed=10000,pdf=600000`; 0 keeps none",
        "How long rendered content is kept in memory, for requests without a credential; pages with a nonce never are. `/api/cache/invalidate` drops it sooner.",
    ),
    setting(
        Part::Content,
        "CONTENT_CACHE_MAX_SIZE",
        "16MB",
        "a number of bytes, or one with KB, MB or GB (powers of 1024): at least 64KB",
        "How much of it. Beyond, what is asked for least goes.",
    ),
];
