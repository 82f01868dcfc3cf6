//! How the server is set up, validated: what stands here can be built.

mod analytics;
mod audit;
mod auto_bans;
mod client_address;
mod connections;
mod content_cache;
mod cors;
mod database;
mod files;
mod geo;
mod headers;
mod instances;
mod issuers;
mod logs;
mod metrics;
mod mistake;
mod names;
mod page;
mod rate_limits;
mod reader;
mod secret;
mod security_log;
mod streams;
mod tls;
mod traces;
mod values;
mod vault;

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use palisade::{
    Compression, Cors, RequestCodings,
    authn_jwt::ProtectedRoutes,
    client_ip::{ClientIpPolicy, TrustedNetworks},
    core::RouteTag,
};

use self::issuers::ANYONE;
use self::reader::{Reader, is_same};
pub use self::{
    analytics::AnalyticsSettings,
    audit::CheckpointSettings,
    auto_bans::{AutoBanSettings, SuspiciousRequests, ThisMachine},
    connections::ConnectionSettings,
    content_cache::ContentCacheSettings,
    database::DatabaseSettings,
    files::{FileSettings, FileStorage},
    geo::GeoSettings,
    headers::{CspReports, HeaderPreset, HeaderSettings},
    instances::{RedisSettings, WithoutRedis},
    issuers::TrustedIssuer,
    logs::{LogFormat, LogStream},
    metrics::MetricsSettings,
    mistake::{Mistake, Mistakes},
    names::{Part, Setting, settings},
    page::{command, page, without_settings},
    rate_limits::{PlanQuota, RateLimitSettings},
    secret::Secret,
    security_log::SecurityLogFile,
    streams::StreamSettings,
    tls::{
        CertificateSource, ClientAuth, ClientCertificateNeed, PlainHttp, TlsSettings, TlsVersion,
    },
    traces::TraceSettings,
    values::Values,
    vault::VaultKeys,
};

/// Where the server runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum Environment {
    /// On somebody's machine: a development issuer, any origin.
    Development,
    /// In front of real traffic.
    Production,
}

/// How the server is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it runs.
    pub environment: Environment,
    /// Where to listen.
    pub listen_addr: SocketAddr,
    /// Whether and how TLS is spoken.
    pub tls: Option<TlsSettings>,
    /// How the outside reaches this server.
    pub public_url: Option<String>,
    /// How many connections there are, and how long they may take.
    pub connections: ConnectionSettings,
    /// How many streams there are, and what they keep.
    pub streams: StreamSettings,
    /// What is kept of rendered content.
    pub content_cache: ContentCacheSettings,
    /// How long running requests may take at the end.
    pub shutdown_grace: Duration,
    /// The blocklist's file.
    pub blocklist_file: PathBuf,
    /// The bans' file.
    pub ban_file: PathBuf,
    /// The API keys' file.
    pub api_keys_file: PathBuf,
    /// Where data is.
    pub data_dir: PathBuf,
    /// Which sites' pages may call.
    pub cors: Cors,
    /// These sites by name; none where any may call.
    pub cors_origins: Vec<String>,
    /// The security headers of answers.
    pub headers: HeaderSettings,
    /// Whether answers are compressed.
    pub compression: Compression,
    /// What the API's page sends as the caller's token.
    pub scalar_auth_token: Option<Secret>,
    /// The largest body.
    pub max_upload_size: usize,
    /// What becomes of bodies that clients compressed.
    pub request_codings: RequestCodings,
    /// Whose tokens count; none: the development issuer's.
    pub issuers: Vec<TrustedIssuer>,
    /// The shared secret, if that is what tokens are signed with.
    pub jwt_secret: Option<Secret>,
    /// The `iss` of tokens.
    pub jwt_issuer: Option<String>,
    /// The `aud` of tokens.
    pub jwt_audience: Option<String>,
    /// Who is an admin.
    pub admin_users: Vec<String>,
    /// What becomes of users that this server does not know.
    pub unknown_users: UnknownUsers,
    /// What an anonymous client may ask.
    pub protected_routes: ProtectedRoutes,
    /// How many tokens with a wrong signature a client may bring; none: as many as it likes.
    pub invalid_tokens: Option<InvalidTokens>,
    /// The tags that streams carry: they say whether `?token=` is taken.
    pub stream_tags: &'static [RouteTag],
    /// Whose word about the client's address is taken; never banned.
    pub trusted_proxies: Option<TrustedNetworks>,
    /// How the client's address is found.
    pub client_ip: ClientIpPolicy,
    /// How often one may ask, if that is limited.
    pub rate_limit: Option<RateLimitSettings>,
    /// How many requests of one client are answered at the same time; none: as many as it likes.
    pub concurrent_requests: Option<NonZeroU32>,
    /// How bans come about, if they do.
    pub auto_ban: Option<AutoBanSettings>,
    /// Where instances share limits and bans, if they do.
    pub redis: Option<RedisSettings>,
    /// Where users' data is, and what seals and signs it.
    pub database: DatabaseSettings,
    /// Where the content of files is, and how large they may be.
    pub files: FileSettings,
    /// What is kept of requests, if that is.
    pub analytics: Option<AnalyticsSettings>,
    /// Whether there are figures, and who may read them.
    pub metrics: MetricsSettings,
    /// Where traces go, if they go anywhere.
    pub traces: Option<TraceSettings>,
    /// Who knows where clients are, if anybody.
    pub geo: Option<GeoSettings>,
    /// Where what they answered is kept, and a copy of their database without a name.
    pub cache_dir: PathBuf,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Where they go.
    pub log_stream: LogStream,
    /// What is logged.
    pub log_level: String,
    /// The file that takes the security log, if there is one.
    pub security_log: Option<SecurityLogFile>,
}

/// What becomes of users that this server does not know, though somebody vouches for them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum UnknownUsers {
    /// They come in, with the roles that their tokens name.
    Admit,
    /// They are refused.
    Refuse,
}

/// How many tokens with a wrong signature a client may bring.
#[derive(Clone, Copy, Debug)]
pub struct InvalidTokens {
    /// So many at once.
    pub at_once: u32,
    /// So many more each second.
    pub per_second: u32,
}

/// Streams take `?token=`, and tickets.
const STREAMS: &[RouteTag] = &[RouteTag::STREAM];
/// Streams take tickets.
const STREAMS_BY_TICKET: &[RouteTag] = &[RouteTag::STREAM, RouteTag::TICKET_ONLY];

// === impl Settings ===

impl Settings {
    /// Reads all settings.
    ///
    /// # Errors
    ///
    /// Every mistake in them, not just the first.
    pub fn read(values: &Values) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(values);
        let environment = environment(&mut reader);
        let config_dir = reader.path("CONFIG_DIR").unwrap_or_default();
        let data_dir = reader.path("DATA_DIR").unwrap_or_default();
        let issuers = issuers::issuers(&mut reader);
        let trusted_proxies = client_address::trusted_proxies(&mut reader);
        let settings = Self {
            environment,
            listen_addr: reader
                .parse("LISTEN_ADDR", ([127, 0, 0, 1], 3000).into(), |text| text.parse().ok()),
            tls: tls::tls(&mut reader, environment),
            public_url: reader.parse("PUBLIC_URL", None, |text| public_url(text).map(Some)),
            connections: connections::connections(&mut reader),
            streams: streams::streams(&mut reader),
            content_cache: content_cache::content_cache(&mut reader),
            shutdown_grace: reader.milliseconds("SHUTDOWN_GRACE_MS", 0..=600_000),
            blocklist_file: file(&reader, "BLOCKLIST_FILE", &config_dir, "blocklist.json"),
            ban_file: config_dir.join("ban.json"),
            api_keys_file: file(&reader, "API_KEYS_FILE", &config_dir, "api-keys.json"),
            cors: cors::cors(&mut reader, environment),
            cors_origins: cors::named_origins(&reader),
            headers: headers::headers(&mut reader),
            compression: compression(&mut reader),
            scalar_auth_token: reader.text("SCALAR_AUTH_TOKEN").map(Secret::new),
            max_upload_size: as_size(reader.parse("MAX_UPLOAD_SIZE", 0, bytes)),
            request_codings: request_codings(&mut reader),
            issuers,
            jwt_secret: reader.text("JWT_SECRET").map(Secret::new),
            jwt_issuer: reader.text("JWT_ISSUER").map(str::to_owned),
            jwt_audience: audience(&reader),
            admin_users: reader.list("ADMIN_USERS").into_iter().map(str::to_owned).collect(),
            unknown_users: unknown_users(&mut reader, environment),
            protected_routes: protected_routes(&mut reader),
            invalid_tokens: invalid_tokens(&mut reader),
            stream_tags: reader.either(
                "QUERY_TOKEN",
                ("streams", STREAMS),
                ("off", STREAMS_BY_TICKET),
            ),
            client_ip: client_address::client_ip(&mut reader, trusted_proxies.as_ref()),
            trusted_proxies,
            rate_limit: rate_limits::rate_limit(&mut reader),
            concurrent_requests: rate_limits::concurrent_requests(&mut reader),
            auto_ban: auto_bans::auto_ban(&mut reader, environment),
            redis: instances::redis(&mut reader),
            database: database::database(&mut reader, environment, &data_dir),
            files: files::files(&mut reader, &data_dir),
            analytics: analytics::analytics(&mut reader),
            data_dir,
            metrics: metrics::metrics(&mut reader),
            traces: traces::traces(&mut reader),
            geo: geo::geo(&mut reader),
            cache_dir: reader.path("CACHE_DIR").unwrap_or_default(),
            log_format: logs::format(&mut reader),
            log_stream: logs::stream(&mut reader),
            log_level: reader.parse("LOG_LEVEL", "info".to_owned(), logs::level),
            security_log: security_log::file(&mut reader),
        };
        contradictions(&mut reader, &settings);
        reader.finish(settings)
    }
}

fn audience(reader: &Reader<'_>) -> Option<String> {
    let audience = reader.text("JWT_AUDIENCE").filter(|audience| *audience != ANYONE);
    audience.map(str::to_owned)
}

/// What is fine by itself, and not beside the rest.
fn contradictions(reader: &mut Reader<'_>, settings: &Settings) {
    if settings.environment == Environment::Production && settings.issuers.is_empty() {
        let fix = "production has no development issuer: set JWT_SECRET, JWT_PUBLIC_KEY_FILE, JWKS_FILE, JWKS_URL, OIDC_ISSUER or SUPABASE_URL";
        reader.wrong("APP_ENV", fix);
    }
    if settings.environment == Environment::Production && settings.scalar_auth_token.is_some() {
        reader.wrong("SCALAR_AUTH_TOKEN", "nothing in production: its page fills in no token");
    }
    let are_off = reader.text("RATE_LIMIT_ENABLED").is_some_and(|text| is_same(text, "false"));
    if are_off && reader.is_changed("RATE_LIMIT_WITHOUT_REDIS") {
        reader.wrong("RATE_LIMIT_WITHOUT_REDIS", "limits are off: leave one of the two out");
    }
    let redirects = settings.tls.as_ref().is_some_and(|tls| tls.plain_http == PlainHttp::Redirect);
    if redirects && settings.public_url.as_ref().is_some_and(|url| url.starts_with("http://")) {
        // Pages come from https:// then, and what they change would be refused as another site's.
        let fix = "plain HTTP is sent to https:// here: say `https://…`, or set HTTP_REDIRECT=off";
        reader.wrong("PUBLIC_URL", fix);
    }
    let unpacks_none = !reader.is_mistaken("BODY_DECOMPRESSION")
        && settings.request_codings == RequestCodings::refused();
    if reader.is_given("BODY_MAX_RATIO") && unpacks_none {
        reader.wrong("BODY_MAX_RATIO", "needs BODY_DECOMPRESSION=gzip: no body is unpacked");
    }
}

fn environment(reader: &mut Reader<'_>) -> Environment {
    let name = if reader.text("APP_ENV").is_some() { "APP_ENV" } else { "NODE_ENV" };
    reader.either(
        name,
        ("development", Environment::Development),
        ("production", Environment::Production),
    )
}

/// The file that `setting` names, else the one called `name` in `folder`.
fn file(reader: &Reader<'_>, setting: &str, folder: &Path, name: &str) -> PathBuf {
    reader.path(setting).unwrap_or_else(|| folder.join(name))
}

/// In production nobody comes in on somebody else's word alone, unless that was said.
fn unknown_users(reader: &mut Reader<'_>, environment: Environment) -> UnknownUsers {
    let (admit, refuse) = (("admit", UnknownUsers::Admit), ("refuse", UnknownUsers::Refuse));
    match environment {
        Environment::Development => reader.either("UNKNOWN_USERS", admit, refuse),
        Environment::Production => reader.either("UNKNOWN_USERS", refuse, admit),
    }
}

fn protected_routes(reader: &mut Reader<'_>) -> ProtectedRoutes {
    reader.either(
        "REQUIRE_AUTH",
        ("false", ProtectedRoutes::LetAnonymousIn),
        ("true", ProtectedRoutes::RequireIdentity),
    )
}

fn invalid_tokens(reader: &mut Reader<'_>) -> Option<InvalidTokens> {
    let at_once = u32::try_from(reader.number("INVALID_TOKENS_MAX", 0..=1_000_000)).ok()?;
    let per_second = u32::try_from(reader.number("INVALID_TOKENS_PER_SECOND", 1..=1000)).ok()?;
    (at_once > 0).then_some(InvalidTokens { at_once, per_second })
}

fn compression(reader: &mut Reader<'_>) -> Compression {
    reader.either("COMPRESSION", ("on", Compression::ClientsChoice), ("off", Compression::Never))
}

fn request_codings(reader: &mut Reader<'_>) -> RequestCodings {
    let ratio = u32::try_from(reader.number("BODY_MAX_RATIO", 2..=1000)).unwrap_or(2);
    reader.either(
        "BODY_DECOMPRESSION",
        ("off", RequestCodings::refused()),
        ("gzip", RequestCodings::gzip(ratio)),
    )
}

/// A scheme and an authority, and nothing behind them: an origin as browsers write it (RFC 6454 section 6.2), in small letters
/// and without the port that the scheme has anyway.
fn public_url(text: &str) -> Option<String> {
    let uri: http::Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let usual = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let bare = uri.path_and_query().is_none_or(|rest| rest == "/");
    if !bare || authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    let port = authority.port_u16().filter(|port| *port != usual);
    Some(
        port.map_or_else(
            || format!("{scheme}://{host}"),
            |port| format!("{scheme}://{host}:{port}"),
        ),
    )
}

/// `10MB` is 10 · 1024 · 1024 bytes.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let unit: u64 = match text.get(digits.len()..)?.trim().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size > 0)
}

fn as_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
