//! Starts the server as a process of its own on a free port, and stops it by its process id.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::blocking::{Client, RequestBuilder, Response};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

/// A running server; its files are in a folder of its own.
pub(crate) struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) folder: TempDir,
    pub(crate) base: String,
    client: Client,
}

/// The binary: the release build where the one test command made one, else the one built for these tests.
pub(crate) fn binary() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("PALISADE_SERVER_BIN").map(|path| root.join(path));
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_palisade-server").into())
}

/// The command, with nothing of this process's environment, in `folder`.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    // Tests ask from this machine, and want to see it banned.
    command.env("LISTEN_ADDR", "127.0.0.1:0").env("AUTO_BAN_PROTECT", "none");
    command
}

/// Runs a command that ends by itself: whether it succeeded, its output, its errors.
pub(crate) fn run(
    folder: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (bool, String, String) {
    let mut command = command(folder);
    command.args(arguments).envs(settings.iter().copied());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = ended(&mut child, PATIENCE);
    if !ended {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, errors) = (text(output.stdout), text(output.stderr));
    assert!(ended, "it did not end: {out}{errors}");
    (output.status.success(), out, errors)
}

/// Asks until it is so: what is waited for happens in the background.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "it never came: {what}");
        std::thread::yield_now();
    }
}

/// How long a command may take that ends by itself.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whether the process ends within `time`.
fn ended(child: &mut Child, time: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    false
}

impl Server {
    /// Starts with these settings.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), settings)
    }

    /// Starts with limits and bans out of the way.
    pub(crate) fn unlimited(settings: &[(&str, &str)]) -> Self {
        let off = [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")];
        Self::start(&[&off, settings].concat())
    }

    /// Starts in a folder that exists already.
    pub(crate) fn start_in(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let command = command(folder.path());
        Self::start_command(folder, command, settings)
    }

    /// Starts by another program, which is given the path of the server's as its last argument and becomes it.
    pub(crate) fn start_by(program: &[&str], settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let usual = command(folder.path());
        let mut other = Command::new(program[0]);
        other.args(&program[1..]).arg(usual.get_program());
        other.env_clear().current_dir(folder.path()).stdin(Stdio::null());
        for (name, value) in usual.get_envs() {
            other.env(name, value.unwrap());
        }
        Self::start_command(folder, other, settings)
    }

    fn start_command(folder: TempDir, mut command: Command, settings: &[(&str, &str)]) -> Self {
        let errors = File::options()
            .create(true)
            .append(true)
            .open(folder.path().join("stderr.log"))
            .unwrap();
        let mut child = command
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let log = || std::fs::read_to_string(folder.path().join("stderr.log")).unwrap();
        let base = line
            .trim()
            .rsplit_once(' ')
            .unwrap_or_else(|| panic!("it did not start: {}", log()))
            .1
            .to_owned();
        Self { child, output, folder, base, client: Client::new() }
    }

    /// Stops it as an operator does, and gives the folder back.
    pub(crate) fn stop(mut self) -> TempDir {
        self.terminate();
        assert!(self.wait(), "{}", self.log());
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Stops it without warning, and gives the folder back.
    pub(crate) fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }

    /// Waits until it ended by itself.
    pub(crate) fn wait(&mut self) -> bool {
        ended(&mut self.child, PATIENCE) && self.child.wait().unwrap().success()
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Its database, which nobody else may write to until this is rolled back or committed.
    pub(crate) fn hold_database(&self) -> Connection {
        let database = Connection::open(self.folder.path().join("data/palisade.db")).unwrap();
        database.busy_timeout(Duration::from_secs(5)).unwrap();
        database.execute_batch("BEGIN IMMEDIATE").unwrap();
        database
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr.log")).unwrap()
    }

    /// A token of its development issuer.
    pub(crate) fn token(&self, user: &str, roles: &[&str]) -> String {
        let mut arguments = vec!["token", "--user", user];
        for role in roles {
            arguments.extend(["--role", role]);
        }
        let (fine, token, errors) = run(self.folder.path(), &arguments, &[]);
        assert!(fine, "{errors}");
        token.trim().to_owned()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().unwrap(), self.url(path))
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.request("GET", path).send().unwrap()
    }

    pub(crate) fn get_as(&self, token: &str, path: &str) -> Response {
        self.request("GET", path).bearer_auth(token).send().unwrap()
    }

    pub(crate) fn post_as(&self, token: &str, path: &str, body: &Value) -> Response {
        self.request("POST", path).bearer_auth(token).json(body).send().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Our own child, by its handle; it may have ended before.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The code of a problem, and the body it stands in.
pub(crate) fn problem(answer: Response) -> (u16, String, Value) {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let status = answer.status().as_u16();
    let body: Value = answer.json().unwrap();
    assert_eq!(body["status"], status);
    (status, body["code"].as_str().unwrap().to_owned(), body)
}
