//! Where Redis is: one server, a cluster, or whichever server its sentinels say.

use std::fmt;

use palisade_core::ConfigError;
use redis::{ConnectionInfo, IntoConnectionInfo};

/// What a URL looks like.
const FORMS: &str = "`redis://[user:password@]host[:port][/database]`, `redis-cluster://host:port,host:port`, \
    `redis-sentinel://host:port,host:port/master-name`, `redis+unix:///path`, or `rediss…` of these for TLS";

/// Where Redis or Valkey is. Shown without the password.
///
/// | form | what |
/// |---|---|
/// | `redis://[user:password@]host[:port][/database]` | one server; port 6379 and database 0 if none is named |
/// | `redis-cluster://[user:password@]host[:port],host[:port]` | a cluster, which any of these nodes knows |
/// | `redis-sentinel://[user:password@]host[:port],host[:port]/master-name[/database]` | the master that these sentinels (port 26379) name, and after a failover the next one; user and password are the master's |
/// | `redis+unix:///path` | one server behind a Unix socket |
///
/// With `rediss` in place of `redis` it is TLS (feature `tls`). `valkey` is another name for `redis`. In a user or a password,
/// what is no letter, digit or one of `-._~` stands as `%` and two hexadecimal digits.
///
/// ```
/// use palisade_redis::RedisUrl;
///
/// let url: RedisUrl = "redis://app:secret@cache.internal/1".parse()?;
/// assert_eq!(url.to_string(), "redis://…@cache.internal:6379/1");
/// let mistake = "localhost:6379".parse::<RedisUrl>().unwrap_err().to_string();
/// assert!(mistake.ends_with("did you mean `redis://localhost:6379`?"));
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct RedisUrl {
    pub(crate) topology: Topology,
    /// With the credentials, but for sentinels.
    pub(crate) nodes: Vec<ConnectionInfo>,
    shown: String,
}

/// Who answers.
#[derive(Clone)]
pub(crate) enum Topology {
    One,
    Cluster,
    /// Whichever server the sentinels name as this master; `login` is an address of which the credentials and the database count.
    Sentinel {
        master: String,
        login: Box<ConnectionInfo>,
    },
}

/// A URL in pieces.
struct Parts<'a> {
    scheme: &'a str,
    /// With the `@`, or nothing.
    user: &'a str,
    hosts: Vec<String>,
    path: &'a str,
    tls: Tls,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Tls {
    Off,
    On,
}

// === impl RedisUrl ===

impl std::str::FromStr for RedisUrl {
    type Err = ConfigError;

    /// Reads a URL. The error never holds more of it than its scheme, because anything else may be a password in the wrong place.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(without_scheme(text));
        };
        let tls = match scheme {
            "unix" | "redis+unix" | "valkey+unix" => return socket(rest),
            _ if scheme.starts_with("rediss") || scheme.starts_with("valkeys") => Tls::On,
            _ => Tls::Off,
        };
        if tls == Tls::On && !cfg!(feature = "tls") {
            return Err(wrong(scheme, "`redis…`, or a build with the feature `tls`"));
        }
        let kind = ["redis", "valkey"].iter().find_map(|name| scheme.strip_prefix(name));
        let kind =
            kind.map(|kind| if tls == Tls::On { kind.get(1..).unwrap_or("?") } else { kind });
        let port = if kind == Some("-sentinel") { 26379 } else { 6379 };
        let parts = Parts::read(scheme, rest, tls, port)?;
        match kind {
            Some("") => parts.one(),
            Some("-cluster") => parts.cluster(),
            Some("-sentinel") => parts.sentinel(),
            _ => Err(wrong(scheme, FORMS)),
        }
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisUrl").field(&self.shown).finish()
    }
}

// === impl Parts ===

impl<'a> Parts<'a> {
    fn read(scheme: &'a str, rest: &'a str, tls: Tls, port: u16) -> Result<Self, ConfigError> {
        if rest.contains(['?', '#']) {
            return Err(wrong(scheme, "no `?` or `#`; in a password they are `%3F` and `%23`"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rfind('@') {
            Some(at) => authority.split_at_checked(at.saturating_add(1)).unwrap_or_default(),
            None => ("", authority),
        };
        if user.matches('@').count() > 1 {
            return Err(wrong(scheme, "one `@`; in a password it is `%40`"));
        }
        let hosts = hosts.split(',').map(|host| with_port(host, port)).collect::<Option<_>>();
        let expected = "hosts with a port from 1 to 65535 or none, as in `redis://host:6379`";
        let hosts = hosts.ok_or_else(|| wrong(scheme, expected))?;
        Ok(Self { scheme, user, hosts, path, tls })
    }

    fn one(self) -> Result<RedisUrl, ConfigError> {
        let [_] = self.hosts.as_slice() else {
            let meant = "`redis-cluster://` or `redis-sentinel://`";
            return Err(wrong(self.scheme, "one host").meant(meant.trim_matches('`')));
        };
        let database = self.database(self.path)?;
        self.url(Topology::One, &format!("/{database}"), self.user)
    }

    fn cluster(self) -> Result<RedisUrl, ConfigError> {
        if !matches!(self.path, "" | "0") {
            return Err(wrong(self.scheme, "no database: a cluster has number 0 alone"));
        }
        self.url(Topology::Cluster, "", self.user)
    }

    fn sentinel(self) -> Result<RedisUrl, ConfigError> {
        let (master, database) = self.path.split_once('/').unwrap_or((self.path, ""));
        if master.is_empty() {
            let expected = "the name of the master, as in `redis-sentinel://host:26379/mymaster`";
            return Err(wrong(self.scheme, expected));
        }
        let database = self.database(database)?;
        let login = self.node("sentinel.invalid:1", &format!("/{database}"), self.user)?;
        let master = master.to_owned();
        let path = format!("/{master}/{database}");
        let topology = Topology::Sentinel { master, login: Box::new(login) };
        // The sentinels have passwords of their own, or none.
        let mut url = self.url(topology, "", "")?;
        url.shown = self.shown(&path);
        Ok(url)
    }

    fn database(&self, path: &str) -> Result<u32, ConfigError> {
        let number = if path.is_empty() { Ok(0) } else { path.parse() };
        number
            .map_err(|_| wrong(self.scheme, "the number of a database behind the `/`, or nothing"))
    }

    fn url(&self, topology: Topology, path: &str, user: &str) -> Result<RedisUrl, ConfigError> {
        let nodes = self.hosts.iter().map(|host| self.node(host, path, user));
        let nodes = nodes.collect::<Result<_, _>>()?;
        Ok(RedisUrl { topology, nodes, shown: self.shown(path) })
    }

    fn node(&self, host: &str, path: &str, user: &str) -> Result<ConnectionInfo, ConfigError> {
        let scheme = if self.tls == Tls::On { "rediss" } else { "redis" };
        let info = format!("{scheme}://{user}{host}{path}").into_connection_info();
        info.map_err(|_| wrong(self.scheme, FORMS))
    }

    fn shown(&self, path: &str) -> String {
        let user = if self.user.is_empty() { "" } else { "…@" };
        format!("{}://{user}{}{path}", self.scheme, self.hosts.join(","))
    }
}

/// `host:port`, if the text can be one.
fn with_port(host: &str, port: u16) -> Option<String> {
    let (name, port) = match host.rsplit_once(':') {
        // An IPv6 address without a port ends in a bracket.
        Some(_) if host.ends_with(']') => (host, port),
        Some((name, digits)) => (name, digits.parse().ok().filter(|port| *port > 0)?),
        None => (host, port),
    };
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let valid = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        }
    };
    valid.then(|| format!("{name}:{port}"))
}

fn socket(path: &str) -> Result<RedisUrl, ConfigError> {
    if !path.starts_with('/') {
        return Err(wrong("redis+unix", "an absolute path, as in `redis+unix:///run/redis.sock`"));
    }
    let info = format!("redis+unix://{path}").into_connection_info();
    let info = info.map_err(|_| wrong("redis+unix", FORMS))?;
    let shown = format!("redis+unix://{}", path.split('?').next().unwrap_or_default());
    Ok(RedisUrl { topology: Topology::One, nodes: vec![info], shown })
}

/// Only what is a host and a port is shown again.
fn without_scheme(text: &str) -> ConfigError {
    match with_port(text, 6379) {
        Some(host) if !text.is_empty() => {
            let wrong = ConfigError::new("URL of Redis", text).expected(FORMS);
            wrong.meant(format!("redis://{host}"))
        }
        _ => ConfigError::new("URL of Redis", "…").expected(FORMS),
    }
}

fn wrong(scheme: &str, expected: &str) -> ConfigError {
    // A scheme is short and has no secret, but what stands in its place may.
    let scheme = if scheme.len() <= 20 && !scheme.contains(['@', ':']) { scheme } else { "…" };
    ConfigError::new("URL of Redis", format!("{scheme}://…")).expected(expected)
}
