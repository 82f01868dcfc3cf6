//! Where to listen, where files are, what is written down.

use super::{Part, Setting, setting};

pub(super) const SERVER: &[Setting] = &[
    setting(
        Part::Server,
        "LISTEN_ADDR",
        "127.0.0.1:3000",
        "an address and a port, such as `0.0.0.0:3000`; port 0 takes a free one",
        "Where to listen for HTTP.",
    ),
    setting(
        Part::Server,
        "PUBLIC_URL",
        "",
        "`http://host` or `https://host`, with a port where one is needed",
        "How the outside reaches this server; feeds and the sitemap say it. One of https:// where HTTP_REDIRECT is on. Unset: https:// and TLS_LISTEN_ADDR where there is a certificate, else http:// and LISTEN_ADDR.",
    ),
    setting(
        Part::Server,
        "APP_ENV",
        "",
        "`development` or `production`",
        "Production refuses to start with the development issuer or with `CORS_ORIGINS=*`. Unset: NODE_ENV, else development.",
    ),
    setting(
        Part::Server,
        "NODE_ENV",
        "",
        "`development` or `production`",
        "The older name of APP_ENV.",
    ),
    setting(
        Part::Server,
        "CONFIG_DIR",
        "config",
        "a folder",
        "Where blocklist.json, ban.json and api-keys.json are.",
    ),
    setting(
        Part::Server,
        "DATA_DIR",
        "data",
        "a folder",
        "Where records of requests are kept; where the development issuer keeps its secret, and the server the certificate that it made.",
    ),
    setting(
        Part::Server,
        "BLOCKLIST_FILE",
        "",
        "a file",
        "The manual blocklist. Unset: blocklist.json in CONFIG_DIR.",
    ),
    setting(
        Part::Server,
        "API_KEYS_FILE",
        "",
        "a file",
        "The API keys, as digests. Unset: api-keys.json in CONFIG_DIR.",
    ),
    setting(
        Part::Server,
        "CORS_ORIGINS",
        "*",
        "`*`, `none`, or origins separated by commas, such as `https://app.example`",
        "Which other sites' pages may call: all, none, or these; credentials with a list alone. Production does not take `*`.",
    ),
    setting(
        Part::Server,
        "CORS_HEADERS",
        "",
        "names of headers, separated by commas",
        "What pages of other sites may send beside the documented headers.",
    ),
    setting(
        Part::Server,
        "CORS_EXPOSED_HEADERS",
        "",
        "names of headers, separated by commas",
        "What pages of other sites may read beside the documented headers.",
    ),
    setting(
        Part::Server,
        "MAX_UPLOAD_SIZE",
        "10MB",
        "a number of bytes, or one with KB, MB or GB (powers of 1024)",
        "The largest body that is accepted.",
    ),
    setting(
        Part::Server,
        "BODY_DECOMPRESSION",
        "off",
        "`off` or `gzip`",
        "What becomes of bodies that clients compressed: `off` refuses them, 415; `gzip` unpacks those, MAX_UPLOAD_SIZE then counts what comes in, and what comes out.",
    ),
    setting(
        Part::Server,
        "BODY_MAX_RATIO",
        "100",
        "2 to 1000",
        "How many bytes of a body one byte of gzip may become, with `BODY_DECOMPRESSION=gzip`.",
    ),
    setting(
        Part::Server,
        "COMPRESSION",
        "on",
        "`on` or `off`",
        "Compresses answers by brotli, zstd or gzip, as the client prefers.",
    ),
    setting(
        Part::Server,
        "SHUTDOWN_GRACE_MS",
        "10000",
        "0 to 600000",
        "How long running requests may take after the server was told to stop.",
    ),
];

pub(super) const LOG: &[Setting] = &[
    setting(Part::Log, "LOG_FORMAT", "pretty", "`pretty` or `json`", "How log lines look."),
    setting(
        Part::Log,
        "LOG_LEVEL",
        "info",
        "`error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,palisade=debug`",
        "What is logged.",
    ),
];
