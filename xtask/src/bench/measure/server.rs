//! A server that runs while it is measured, alone on the first core.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{Failure, bench::measure::process, command::as_typed};

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    url: String,
    token: String,
}

// === impl Server ===

impl Server {
    /// Starts `program` in `folder`. The first line it writes is where it listens, a blank, and a token it accepts.
    pub(super) fn start(program: &str, arguments: &[&str], folder: &Path) -> Result<Self, Failure> {
        let pinned: &[&str] = &["-c", "0", program];
        let words = [pinned, arguments].concat();
        let line = as_typed("taskset", &words, &[]);
        let child = Command::new("taskset")
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{line}\n  did not start: {error}"))?;
        // Made before its output is read: whatever is wrong there, the process is ended.
        let mut server = Self { child, url: String::new(), token: String::new() };
        let first = server.first_line().map_err(|failure| format!("{line}\n  {failure}"))?;
        let first = first.trim();
        let (url, token) = first
            .split_once(' ')
            .ok_or_else(|| format!("{line}\n  wrote `{first}`, and no address with a token"))?;
        url.clone_into(&mut server.url);
        token.clone_into(&mut server.token);
        Ok(server)
    }

    /// The output stays open afterwards, so that writing more of it fails for nobody.
    fn first_line(&mut self) -> Result<String, Failure> {
        let output = self.child.stdout.as_mut().ok_or("its output cannot be read")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
        Ok(line)
    }

    /// Where it answers.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A token it accepts.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The processor's time it has used, in ticks.
    pub(super) fn ticks(&self) -> Result<f64, Failure> {
        process::ticks(self.child.id())
    }

    /// The memory it holds, in mebibytes.
    pub(super) fn resident(&self) -> Result<f64, Failure> {
        process::resident(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
