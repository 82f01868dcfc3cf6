//! Who may read figures, and where traces go.

use std::net::SocketAddr;

use super::reader::{Reader, is_same};

/// Whether there are figures, and on which address they are shown without a credential.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum MetricsSettings {
    /// Nothing is counted for them.
    Off,
    /// Admins read them at `/metrics`.
    Admins,
    /// Whoever reaches this address does, too.
    Open(SocketAddr),
}

// === impl MetricsSettings ===

impl MetricsSettings {
    /// The address that is open to all, if there is one.
    pub fn listen_addr(self) -> Option<SocketAddr> {
        match self {
            Self::Open(address) => Some(address),
            Self::Off | Self::Admins => None,
        }
    }

    /// Learns the port that was found.
    pub(crate) fn listens_on(&mut self, address: SocketAddr) {
        *self = Self::Open(address);
    }
}

/// Reads them.
pub(super) fn metrics(reader: &mut Reader<'_>) -> MetricsSettings {
    let parse = |text: &str| text.parse().ok().map(Some);
    let address: Option<SocketAddr> = reader.parse("METRICS_LISTEN_ADDR", None, parse);
    let shown = reader.either(
        "METRICS",
        ("on", address.map_or(MetricsSettings::Admins, MetricsSettings::Open)),
        ("off", MetricsSettings::Off),
    );
    let is_off = reader.text("METRICS").is_some_and(|text| is_same(text, "off"));
    if is_off && reader.is_given("METRICS_LISTEN_ADDR") {
        reader.wrong(
            "METRICS_LISTEN_ADDR",
            "METRICS=off shows nothing there: leave one of the two out",
        );
    }
    shown
}
