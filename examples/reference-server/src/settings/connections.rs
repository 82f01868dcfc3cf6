//! How many connections there are, and how long they may take.

use std::time::Duration;

use palisade::Patience;

use super::{as_size, bytes, reader::Reader};
use crate::pulse::Times;

/// What one connection may take, and all of them.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// Connections at once.
    pub most: usize,
    /// Of one address.
    pub most_per_ip: usize,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How large it may be.
    pub head_size: usize,
    /// How long a connection may stay without a request.
    pub idle: Duration,
    /// How long we wait for a client that does not read.
    pub send: Duration,
    /// How long we wait for a client that does not send the body it began.
    pub body: Duration,
    /// Bytes in a second that are not slow.
    pub least_rate: u32,
    /// Requests at once on one connection of HTTP/2.
    pub streams: u32,
}

/// Reads them.
pub(super) fn connections(reader: &mut Reader<'_>) -> ConnectionSettings {
    ConnectionSettings {
        most: as_size(reader.number("MAX_CONNECTIONS", 1..=1_000_000)),
        most_per_ip: as_size(reader.number("MAX_CONNECTIONS_PER_IP", 1..=1_000_000)),
        head: reader.milliseconds("HEADER_TIMEOUT_MS", 100..=600_000),
        head_size: head_size(reader),
        idle: reader.milliseconds("KEEP_ALIVE_TIMEOUT_MS", 100..=3_600_000),
        send: reader.milliseconds("SEND_TIMEOUT_MS", 100..=600_000),
        body: reader.milliseconds("BODY_TIMEOUT_MS", 100..=600_000),
        least_rate: u32::try_from(reader.number("MIN_BYTES_PER_SECOND", 0..=1_000_000))
            .unwrap_or(u32::MAX),
        streams: u32::try_from(reader.number("HTTP2_MAX_STREAMS", 1..=10_000)).unwrap_or(1),
    }
}

fn head_size(reader: &mut Reader<'_>) -> usize {
    let allowed = (8 << 10)..=(1 << 20);
    let size = |text: &str| bytes(text).filter(|size| allowed.contains(size));
    as_size(reader.parse("HEADER_MAX_SIZE", 8 << 10, size))
}

// === impl ConnectionSettings ===

impl ConnectionSettings {
    /// The patience with who sends a body.
    pub(crate) fn body_patience(&self) -> Patience {
        Patience::new(self.body, self.least_rate)
    }

    pub(crate) fn times(&self) -> Times {
        let send = Patience::new(self.send, self.least_rate);
        Times { head: self.head, idle: self.idle, send }
    }
}
