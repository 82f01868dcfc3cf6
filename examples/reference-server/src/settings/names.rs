//! Every setting: its name, its default, what is allowed. Flags, `--help` and `docs/configuration.md` are made of it.

mod analytics;
mod authentication;
mod connections;
mod content;
mod database;
mod files;
mod geo;
mod headers;
mod limits;
mod observation;
mod server;
mod streams;
mod tls;

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
    /// How many connections, and how slow.
    Connections,
    /// What is kept of rendered content.
    Content,
    /// Certificates and what speaks TLS.
    Tls,
    /// What browsers are told about pages.
    Headers,
    /// Who is asking.
    Authentication,
    /// Which address asks.
    ClientAddress,
    /// How often one may ask.
    RateLimiting,
    /// Who may not ask any more.
    AutoBan,
    /// What several instances share.
    Instances,
    /// Where users' data is, and what seals it.
    Database,
    /// Where files are, and how large.
    Files,
    /// What is kept of requests.
    Analytics,
    /// Figures and traces.
    Observation,
    /// Where clients are.
    Geo,
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

/// All settings, part by part.
const PARTS: [&[Setting]; 17] = [
    server::SERVER,
    connections::CONNECTIONS,
    streams::STREAMS,
    content::CONTENT,
    tls::TLS,
    headers::HEADERS,
    authentication::AUTHENTICATION,
    authentication::CLIENT_ADDRESS,
    limits::RATE_LIMITING,
    limits::AUTO_BAN,
    limits::INSTANCES,
    database::DATABASE,
    files::FILES,
    analytics::ANALYTICS,
    observation::OBSERVATION,
    geo::GEO,
    server::LOG,
];

/// All settings, in the order of `--help`.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    PARTS.into_iter().flatten()
}

impl Setting {
    /// The flag: `--rate-limit-max` of `RATE_LIMIT_MAX`.
    pub fn flag(&self) -> String {
        self.name.to_ascii_lowercase().replace('_', "-")
    }

    /// Whether the flag alone means `true`.
    pub fn is_switch(&self) -> bool {
        self.name == "TLS_SELF_SIGNED"
    }

    /// Whether its value must not be shown: what is wrong with the address of a Redis may be its password.
    pub fn is_secret(&self) -> bool {
        ["JWT_SECRET", "SUPABASE_JWT_SECRET", "SUPABASE_ANON_KEY", "REDIS_SALT", "REDIS_URL"]
            .contains(&self.name)
            || ["GEOIP_KEY", "GEOIP_URL", "SCALAR_AUTH_TOKEN"].contains(&self.name)
            || ["DATABASE_URL", "DATABASE_MIGRATE_URL", "VAULT_KEYS", "VFS_STORAGE_OPTIONS"]
                .contains(&self.name)
    }
}
