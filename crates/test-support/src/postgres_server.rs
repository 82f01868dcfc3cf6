//! Starts a real PostgreSQL on a free port: a cluster of this test's own, thrown away with it.
#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "without its server a test fails, here and with the reason"
)]

use std::{
    fs::{self, File},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::redis_server::{free_port, until};

/// Where Debian, Fedora and Homebrew keep the programs that are on nobody's path.
const FOLDERS: [&str; 5] = [
    "/usr/lib/postgresql/15/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/17/bin",
    "/usr/lib/postgresql/18/bin",
    "/usr/pgsql-15/bin",
];

/// A PostgreSQL of this test's own, with the roles `owner` (of the database `palisade`) and `app`. It ends with this value.
///
/// The cluster's superuser is `root`. Nobody needs a password.
#[derive(Debug)]
pub struct PostgresServer {
    child: Child,
    port: u16,
    folder: PathBuf,
}

// === impl PostgresServer ===

impl PostgresServer {
    /// Makes a cluster, starts it, and waits until it answers.
    pub fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (port, next) = (free_port(), NEXT.fetch_add(1, Ordering::Relaxed));
        let name = format!("palisade-postgres-{}-{port}-{next}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        if is_root() {
            // The server refuses to run as root.
            let given = Command::new("chown").arg("postgres").arg(&folder).status().unwrap();
            assert!(given.success(), "there is a user `postgres`");
        }
        let data = folder.join("data");
        let made = program("initdb")
            .arg("-D")
            .arg(&data)
            .args(["--no-sync", "-A", "trust", "-U", "root", "--locale=C", "-E", "UTF8"])
            .arg("--wal-segsize=1")
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let server = Self { child: spawn(&folder, port), port, folder };
        server.await_answer();
        server.sql("root", "postgres", "CREATE ROLE owner LOGIN CREATEROLE").unwrap();
        server.sql("root", "postgres", "CREATE DATABASE palisade OWNER owner").unwrap();
        server.sql("root", "palisade", "ALTER SCHEMA public OWNER TO owner").unwrap();
        server
    }

    /// `postgres://ROLE@127.0.0.1:PORT/palisade`.
    pub fn url(&self, role: &str) -> String {
        format!("postgres://{role}@{}:{}/palisade", Ipv4Addr::LOCALHOST, self.port)
    }

    /// What a server is given: the URL of a role that its rules hold for, and that of the owner, who makes the tables.
    pub fn urls_of_server(&self) -> (String, String) {
        self.run("root", "CREATE ROLE palisade_runtime NOLOGIN").unwrap();
        self.run("root", "GRANT palisade_runtime TO owner WITH ADMIN OPTION").unwrap();
        self.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
        (self.url("app"), self.url("owner"))
    }

    /// Runs statements in one session as `role`, as somebody with `psql` would. What they print, a row on a line, or why they failed.
    ///
    /// # Errors
    ///
    /// What the server says.
    pub fn run(&self, role: &str, statements: &str) -> Result<String, String> {
        self.sql(role, "palisade", statements)
    }

    /// Ends it without warning, and starts it again.
    pub fn crash(&mut self) {
        self.signal("QUIT");
        self.child.wait().unwrap();
        self.child = spawn(&self.folder, self.port);
        self.await_answer();
    }

    /// Ends it without warning.
    pub fn stop(&mut self) {
        self.signal("QUIT");
        self.child.wait().unwrap();
    }

    /// Starts it again after [`stop`](Self::stop), with what it had committed.
    pub fn restart(&mut self) {
        self.child = spawn(&self.folder, self.port);
        self.await_answer();
    }

    fn sql(&self, role: &str, database: &str, statements: &str) -> Result<String, String> {
        let output = Command::new("psql")
            .args(["-X", "-q", "-A", "-t", "-F", "|", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"])
            .args(["-p", &self.port.to_string(), "-U", role, "-d", database, "-c", statements])
            .output()
            .unwrap();
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
    }

    fn await_answer(&self) {
        until("PostgreSQL answers", || self.sql("root", "postgres", "SELECT 1").is_ok());
    }

    fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success(), "there is a process to signal");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // At once, but with its own processes ended before it.
        if matches!(self.child.try_wait(), Ok(None)) {
            let asked = Command::new("kill").arg("-QUIT").arg(self.child.id().to_string()).status();
            if !asked.is_ok_and(|status| status.success()) {
                let _ended = self.child.kill();
            }
        }
        let _ended = self.child.wait();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

fn spawn(folder: &Path, port: u16) -> Child {
    let log = File::create(folder.join("log")).or_else(|_| File::open("/dev/null")).unwrap();
    program("postgres")
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""])
        .args(["-c", "shared_buffers=16MB", "-c", "fsync=off", "-c", "max_connections=60"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|error| panic!("PostgreSQL 15 is installed: {error}"))
}

/// A program of the server, as a user it agrees to run as.
fn program(name: &str) -> Command {
    let found =
        FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
    let path = found.unwrap_or_else(|| PathBuf::from(name));
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path);
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
