//! Every setting: its name, its default, what is allowed. Flags, `--help` and `docs/configuration.md` are made of it.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The environment variable. The flag is the same in kebab-case.
    pub name: &'static str,
    /// The value if nothing is said; empty if there is none.
    pub default: &'static str,
    /// What is allowed.
    pub allowed: &'static str,
    /// What it does.
    pub about: &'static str,
    /// The part of the page it stands in.
    pub part: Part,
}

/// A part of the settings' page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum Part {
    /// Where to listen, where files are.
    Server,
    /// Who is asking.
    Authentication,
    /// Which address asks.
    ClientAddress,
    /// How often one may ask.
    RateLimiting,
    /// Who may not ask any more.
    AutoBan,
    /// What is written down.
    Log,
}

const fn setting(
    part: Part,
    name: &'static str,
    default: &'static str,
    allowed: &'static str,
    about: &'static str,
) -> Setting {
    Setting { name, default, allowed, about, part }
}

/// All settings, in the order of `--help`.
pub const SETTINGS: &[Setting] = &[
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
        "How the outside reaches this server; feeds and the sitemap say it. Unset: http:// and LISTEN_ADDR.",
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
        "Where the development issuer keeps its secret.",
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
        "`*`, or origins separated by commas, such as `https://app.example`",
        "Which other sites' pages may call; credentials with a list alone. Production needs a list.",
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
        "COMPRESSION",
        "on",
        "`on` or `off`",
        "Compresses answers by brotli, zstd or gzip, as the client prefers.",
    ),
    setting(
        Part::Server,
        "MAX_CONNECTIONS",
        "10000",
        "1 to 1000000",
        "Connections served at once; more wait to be accepted.",
    ),
    setting(
        Part::Server,
        "HEADER_TIMEOUT_MS",
        "10000",
        "100 to 600000",
        "How long a client may take to send the head of a request.",
    ),
    setting(
        Part::Server,
        "SHUTDOWN_GRACE_MS",
        "10000",
        "0 to 600000",
        "How long running requests may take after the server was told to stop.",
    ),
    setting(
        Part::Authentication,
        "REQUIRE_AUTH",
        "false",
        "`true` or `false`",
        "Routes that are not public need an identity.",
    ),
    setting(
        Part::Authentication,
        "JWT_SECRET",
        "",
        "at least 32 bytes",
        "The shared secret of HS256 tokens.",
    ),
    setting(
        Part::Authentication,
        "JWT_PUBLIC_KEY_FILE",
        "",
        "a PEM file with an RSA, EC or Ed25519 public key",
        "The key of tokens with a public-key signature. Needs JWT_AUDIENCE.",
    ),
    setting(
        Part::Authentication,
        "JWKS_FILE",
        "",
        "a JSON file with a JWK set",
        "The keys of tokens with a public-key signature, by key id. Needs JWT_AUDIENCE.",
    ),
    setting(
        Part::Authentication,
        "JWKS_URL",
        "",
        "an https:// address; http:// on this machine alone",
        "Where a JWK set is fetched, and fetched again when it is old. Needs JWT_AUDIENCE. One of these four may be set.",
    ),
    setting(
        Part::Authentication,
        "JWT_ISSUER",
        "",
        "a text",
        "The `iss` tokens must have. Unset: any, since the key decides; the development issuer's own, where nothing else is configured. Needed beside OIDC_ISSUER and SUPABASE_URL.",
    ),
    setting(
        Part::Authentication,
        "JWT_AUDIENCE",
        "",
        "a text; `*` is any",
        "The `aud` tokens must have; Supabase's have their own. Public keys and OIDC_ISSUER need it. Unset: any, with JWT_SECRET; the development issuer's own, where nothing else is configured.",
    ),
    setting(
        Part::Authentication,
        "OIDC_ISSUER",
        "",
        "an https:// address; http:// on this machine alone",
        "An issuer that says where its keys are (OpenID Connect Discovery). Needs JWT_AUDIENCE.",
    ),
    setting(
        Part::Authentication,
        "SUPABASE_URL",
        "",
        "an https:// address, such as `https://project.supabase.co`; http:// on this machine alone",
        "A Supabase project whose tokens count, checked by the keys it publishes.",
    ),
    setting(
        Part::Authentication,
        "SUPABASE_ANON_KEY",
        "",
        "a key of the project",
        "Asks the project about each token instead, as `auth.getUser()` does; answers count for 30 s.",
    ),
    setting(
        Part::Authentication,
        "SUPABASE_JWT_SECRET",
        "",
        "at least 32 bytes",
        "The secret of a project that still signs by HS256, beside its keys.",
    ),
    setting(
        Part::Authentication,
        "ADMIN_USERS",
        "",
        "user ids, separated by commas",
        "Who is an admin from the start, whichever issuer vouches for it.",
    ),
    setting(
        Part::Authentication,
        "UNKNOWN_USERS",
        "",
        "`admit` or `refuse`",
        "Whether users come in whom this server does not know, with the roles their tokens name. Known are ADMIN_USERS, whom /api/admin/users names, and with the development issuer alice and bob. Unset: `admit` in development, `refuse` in production.",
    ),
    setting(
        Part::Authentication,
        "QUERY_TOKEN",
        "streams",
        "`streams` or `off`",
        "Whether streams take a token from `?token=`. One-time tickets, which browsers' EventSource can use too, are always taken.",
    ),
    setting(
        Part::Authentication,
        "INVALID_TOKENS_MAX",
        "100",
        "0 to 1000000; 0 is as many as it likes",
        "Tokens with a wrong signature that a client may bring at once. What it brings beyond is 429, but for tokens that are remembered.",
    ),
    setting(
        Part::Authentication,
        "INVALID_TOKENS_PER_SECOND",
        "10",
        "1 to 1000",
        "How many more of them each second.",
    ),
    setting(
        Part::ClientAddress,
        "TRUSTED_PROXIES",
        "",
        "networks separated by commas, such as `10.0.0.0/8,loopback`",
        "Whose word about the client's address is taken.",
    ),
    setting(
        Part::ClientAddress,
        "CLIENT_IP_HEADER",
        "x-forwarded-for",
        "`x-forwarded-for`, `forwarded`, or a header that holds one address",
        "The one header trusted proxies write.",
    ),
    setting(
        Part::ClientAddress,
        "IPV6_PREFIX",
        "64",
        "48 to 128",
        "How many bits of an IPv6 address count as one client.",
    ),
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
        "Its window in milliseconds.",
    ),
    setting(
        Part::RateLimiting,
        "RATE_LIMIT_HEADERS",
        "draft-6",
        "`draft-6`, `draft-7`, `draft-10`, several separated by commas, or `off`",
        "Which RateLimit headers answers carry.",
    ),
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
    setting(Part::Log, "LOG_FORMAT", "pretty", "`pretty` or `json`", "How log lines look."),
    setting(
        Part::Log,
        "LOG_LEVEL",
        "info",
        "`error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,palisade=debug`",
        "What is logged.",
    ),
];

/// Settings of the contract that this version does not act on yet: setting one stops the start, so that nobody believes
/// in a protection that is not there.
pub const NOT_YET: &[&str] = &[
    "TLS_LISTEN_ADDR",
    "TLS_CERT",
    "TLS_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "GEOIP_DB",
    "GEOIP_URL",
    "SCALAR_AUTH_TOKEN",
    "CACHE_DIR",
];

impl Setting {
    /// The flag: `--rate-limit-max` of `RATE_LIMIT_MAX`.
    pub fn flag(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }

    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        ["JWT_SECRET", "SUPABASE_JWT_SECRET", "SUPABASE_ANON_KEY"].contains(&self.name)
    }
}
