//! How many connections, how long, how slow.

use super::{Part, Setting, setting};

pub(super) const CONNECTIONS: &[Setting] = &[
    setting(
        Part::Connections,
        "MAX_CONNECTIONS",
        "10000",
        "1 to 1000000",
        "Connections at once. Where all are taken, the one that waits longest for a request makes room for a new one.",
    ),
    setting(
        Part::Connections,
        "MAX_CONNECTIONS_PER_IP",
        "256",
        "1 to 1000000",
        "Connections of one IPv4 address, or of one IPv6 /64, at once; more are closed unless one of its own waits for a request. Proxies in TRUSTED_PROXIES may have all.",
    ),
    setting(
        Part::Connections,
        "HEADER_TIMEOUT_MS",
        "10000",
        "100 to 600000",
        "How long a client may take to send the head of a request, from its first byte; and to send the first byte of a connection.",
    ),
    setting(
        Part::Connections,
        "HEADER_MAX_SIZE",
        "64KB",
        "8KB to 1MB",
        "The largest head of a request; a larger one is answered 431.",
    ),
    setting(
        Part::Connections,
        "KEEP_ALIVE_TIMEOUT_MS",
        "60000",
        "100 to 3600000",
        "How long a connection stays open between two requests.",
    ),
    setting(
        Part::Connections,
        "BODY_TIMEOUT_MS",
        "30000",
        "100 to 600000",
        "How long a client may let this server wait for the body it began, all waits together; MIN_BYTES_PER_SECOND earns it more. Then 408.",
    ),
    setting(
        Part::Connections,
        "SEND_TIMEOUT_MS",
        "60000",
        "100 to 600000",
        "The same for a client that does not read its answer; then the connection is closed. Streams that have nothing to say do not count.",
    ),
    setting(
        Part::Connections,
        "MIN_BYTES_PER_SECOND",
        "500",
        "0 to 1000000",
        "Who sends or reads this much is not slow. 0: any byte will do.",
    ),
    setting(
        Part::Connections,
        "HTTP2_MAX_STREAMS",
        "100",
        "1 to 10000",
        "Requests at once on one connection of HTTP/2.",
    ),
];
