//! Who asks the server: HTTP/1.1, as little of it as this needs, so that it costs next to nothing itself.

use std::{
    fmt::Display,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    ops::Range,
    time::Instant,
};

use crate::{
    Failure,
    bench::measure::{large::content::Content, stopwatch::now},
};

/// Who asks, in the name of one user.
pub(super) struct Client<'a> {
    /// Host and port.
    pub(super) address: &'a str,
    pub(super) token: &'a str,
    /// Whatever is not done by then fails.
    pub(super) until: Instant,
}

/// An answer, of which the head was read.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: BufReader<TcpStream>,
}

/// So much of an answer is read at a time.
const BUFFER: usize = 1 << 20;

// === impl Client ===

impl Client<'_> {
    /// Sends a document, for which the answer has to be of `status`.
    pub(super) fn post(&self, path: &str, json: &str, status: u16) -> Result<(), Failure> {
        let headers = format!("Content-Type: application/json\r\nContent-Length: {}", json.len());
        let mut socket = self.asked("POST", path, &headers)?;
        socket.write_all(json.as_bytes()).map_err(|error| told(path, error))?;
        Answer::of(socket)?.expect(status).map(drop).map_err(|failure| told(path, failure))
    }

    /// Writes a new file.
    pub(super) fn upload(&self, path: &str, content: &Content, length: u64) -> Result<(), Failure> {
        let mut socket = self.asked("PUT", path, &format!("Content-Length: {length}"))?;
        for piece in content.pieces(0..length) {
            self.in_time()?;
            // Who sends no more reads why the server does not.
            if socket.write_all(piece).is_err() {
                break;
            }
        }
        Answer::of(socket)?.expect(201).map(drop).map_err(|failure| told(path, failure))
    }

    /// Reads a file, and compares every byte.
    pub(super) fn download(
        &self,
        path: &str,
        content: &Content,
        length: u64,
    ) -> Result<(), Failure> {
        let answer = Answer::of(self.asked("GET", path, "Accept: */*")?)?.expect(200)?;
        self.compare(answer, content, 0..length).map_err(|failure| told(path, failure))
    }

    /// Reads a range of a file, and compares every byte.
    pub(super) fn range(
        &self,
        path: &str,
        content: &Content,
        (wanted, length): (Range<u64>, u64),
    ) -> Result<(), Failure> {
        let last = wanted.end.saturating_sub(1);
        let asked = format!("Range: bytes={}-{last}", wanted.start);
        let answer = Answer::of(self.asked("GET", path, &asked)?)?.expect(206)?;
        let due = format!("bytes {}-{last}/{length}", wanted.start);
        if answer.header("content-range") != Some(&due) {
            return Err(format!("{path}: `{due}` was due, not {:?}", answer.headers));
        }
        let compared = self.compare(answer, content, wanted);
        compared.map_err(|failure| format!("{path}, {asked}: {failure}"))
    }

    fn compare(
        &self,
        mut answer: Answer,
        content: &Content,
        due: Range<u64>,
    ) -> Result<(), Failure> {
        let length = due.end.saturating_sub(due.start).to_string();
        if answer.header("content-length") != Some(&length) {
            return Err(format!("{length} bytes were due, not {:?}", answer.headers));
        }
        let mut comparison = content.compare(due);
        while !comparison.is_over() {
            self.in_time()?;
            let some = answer.body.fill_buf().map_err(|error| error.to_string())?;
            let length = some.len();
            if length == 0 {
                break;
            }
            comparison.take(some)?;
            answer.body.consume(length);
        }
        comparison.finish()
    }

    /// Sends a head.
    fn asked(&self, method: &str, path: &str, headers: &str) -> Result<TcpStream, Failure> {
        let Self { address, token, until } = self;
        let asked = || {
            let mut socket = TcpStream::connect(address)?;
            // What waits longest is the last write to the disk.
            let left = until.saturating_duration_since(now());
            socket.set_read_timeout(Some(left))?;
            socket.set_write_timeout(Some(left))?;
            let head = format!(
                "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
                 Authorization: Bearer {token}\r\n{headers}\r\n\r\n"
            );
            socket.write_all(head.as_bytes())?;
            Ok(socket)
        };
        asked().map_err(|error: std::io::Error| format!("{method} {path}: {error}"))
    }

    fn in_time(&self) -> Result<(), Failure> {
        if now() < self.until { Ok(()) } else { Err("it took too long".to_owned()) }
    }
}

// === impl Answer ===

impl Answer {
    fn of(socket: TcpStream) -> Result<Self, Failure> {
        let mut body = BufReader::with_capacity(BUFFER, socket);
        let mut line = || {
            let mut line = String::new();
            body.read_line(&mut line).map_err(|error| format!("no answer: {error}"))?;
            Ok::<_, Failure>(line.trim_end().to_owned())
        };
        let first = line()?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("`{first}` is no answer"))?;
        let mut headers = Vec::new();
        while let Some((name, value)) = line()?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Self { status, headers, body })
    }

    fn expect(mut self, status: u16) -> Result<Self, Failure> {
        if self.status == status {
            return Ok(self);
        }
        let mut body = String::new();
        // A body that cannot be read says no more than none.
        drop((&mut self.body).take(1 << 16).read_to_string(&mut body));
        Err(format!("{status} was due, not {} {body}", self.status))
    }

    fn header(&self, wanted: &str) -> Option<&String> {
        self.headers.iter().find_map(|(name, value)| (name == wanted).then_some(value))
    }
}

fn told(path: &str, error: impl Display) -> Failure {
    format!("{path}: {error}")
}
