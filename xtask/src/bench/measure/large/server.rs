//! The reference server as it is released, while it is measured.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::{
    Failure,
    bench::measure::process,
    command::{root, run},
};

/// The running server; it ends when this is dropped.
pub(super) struct Server<'a> {
    program: String,
    folder: &'a Path,
    child: Child,
    /// Open as long as the server runs, so that writing fails for nobody.
    output: BufReader<ChildStdout>,
    /// Host and port.
    pub(super) address: String,
}

// === impl Server ===

impl<'a> Server<'a> {
    /// Builds it as it is released, and starts it in `folder` with defaults, but for `settings`.
    pub(super) fn start(folder: &'a Path, settings: &[(&str, &str)]) -> Result<Self, Failure> {
        run("cargo", &["build", "--release", "--locked", "-p", "palisade-server"], &[])?;
        let program = root().join("target/release/palisade-server").to_string_lossy().into_owned();
        let log = root().join("target/bench/large.log");
        let said = |error: std::io::Error| format!("{program}: {error}");
        let mut child = Command::new(&program)
            .env_clear()
            .envs(settings.iter().copied())
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).map_err(said)?)
            .spawn()
            .map_err(said)?;
        let output = child.stdout.take().ok_or("its output cannot be read")?;
        let output = BufReader::new(output);
        // Made before its output is read: whatever is wrong there, the process is ended.
        let mut server = Self { program, folder, child, output, address: String::new() };
        let mut line = String::new();
        server.output.read_line(&mut line).map_err(|error| error.to_string())?;
        let address = line.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
        server.address =
            address.ok_or_else(|| format!("it did not start: see {}", log.display()))?;
        Ok(server)
    }

    /// A token of its issuer for development.
    pub(super) fn token(&self, arguments: &[&str]) -> Result<String, Failure> {
        let said = |error: String| format!("{} token: {error}", self.program);
        let mut command = Command::new(&self.program);
        command.env_clear().arg("token").args(arguments).current_dir(self.folder);
        let output = command.output().map_err(|error| said(error.to_string()))?;
        if !output.status.success() {
            return Err(said(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The processor's time it has used, in seconds.
    pub(super) fn seconds(&self) -> Result<f64, Failure> {
        Ok(process::ticks(self.child.id())? * process::TICK / 1e6)
    }

    /// The most memory that it held since that was forgotten, in mebibytes.
    pub(super) fn peak(&self) -> Result<f64, Failure> {
        process::peak(self.child.id())
    }

    /// Begins anew with what it holds now.
    pub(super) fn forget_peak(&self) -> Result<(), Failure> {
        process::forget_peak(self.child.id())
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        // One that has ended already is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
