//! How many streams, and what they keep.

use super::{Part, Setting, setting};

pub(super) const STREAMS: &[Setting] = &[
    setting(
        Part::Connections,
        "STREAMS_MAX",
        "1000",
        "0 to 10000",
        "Streams of requests and log lines at once, of all users; more are answered 503. Each is a connection, or one stream of HTTP/2.",
    ),
    setting(
        Part::Connections,
        "STREAMS_PER_USER",
        "20",
        "1 to 64",
        "The same of one user; more are answered 429.",
    ),
    setting(
        Part::Connections,
        "STREAM_BACKLOG",
        "1000",
        "0 to 100000",
        "Requests, and log lines, that are kept for clients that come back to a stream.",
    ),
    setting(
        Part::Connections,
        "STREAM_PATIENCE_MS",
        "30000",
        "100 to 3600000",
        "How long a client whose stream lost events may read nothing before others get its place. Its connection ends by SEND_TIMEOUT_MS.",
    ),
];
