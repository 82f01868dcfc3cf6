//! A connection with one request after the other, byte for byte.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::ask::Ask;

/// Sends requests, over one connection for as long as it lasts.
pub(crate) struct Socket {
    address: String,
    token: String,
    open: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// As it came: the head, and the body behind it.
    pub(crate) bytes: Vec<u8>,
    body: usize,
}

// === impl Socket ===

impl Socket {
    pub(crate) fn new(address: &str, token: &str) -> Self {
        Self { address: address.to_owned(), token: token.to_owned(), open: None }
    }

    /// The answer; none if the connection was closed without one.
    pub(crate) fn send(&mut self, ask: &Ask) -> Option<Answer> {
        let request = ask.bytes(&self.token);
        // A connection that was closed behind the answer before is opened anew, once.
        self.exchange(ask.method, &request).or_else(|| self.exchange(ask.method, &request))
    }

    fn exchange(&mut self, method: &str, request: &[u8]) -> Option<Answer> {
        let mut socket = self.open.take().unwrap_or_else(|| {
            let socket = TcpStream::connect(&self.address).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            socket.set_nodelay(true).unwrap();
            BufReader::new(socket)
        });
        socket.get_mut().write_all(request).ok()?;
        let mut bytes = Vec::new();
        let (mut length, mut is_last, mut line) = (None, false, 0);
        while bytes.len() == line || !bytes[line..].starts_with(b"\r\n") {
            line = bytes.len();
            socket.read_until(b'\n', &mut bytes).ok().filter(|read| *read > 0)?;
            let header = String::from_utf8_lossy(&bytes[line..]).trim().to_ascii_lowercase();
            is_last |= header == "connection: close";
            length = header
                .strip_prefix("content-length: ")
                .map_or(length, |text| text.parse::<usize>().ok());
        }
        let status = String::from_utf8_lossy(&bytes).split(' ').nth(1)?.parse().ok()?;
        let body = bytes.len();
        match length {
            _ if method == "HEAD" || [204, 304].contains(&status) => length = Some(0),
            Some(length) => {
                bytes.resize(body + length, 0);
                socket.read_exact(&mut bytes[body..]).ok()?;
            }
            None => drop(socket.read_to_end(&mut bytes).ok()?),
        }
        self.open = (!is_last && length.is_some()).then_some(socket);
        Some(Answer { status, bytes, body })
    }
}

// === impl Answer ===

impl Answer {
    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes[self.body..]
    }

    pub(crate) fn holds(&self, mark: &str) -> bool {
        self.bytes.windows(mark.len()).any(|some| some == mark.as_bytes())
    }
}
