//! Figures and traces.

use super::{Part, Setting, setting};

pub(super) const OBSERVATION: &[Setting] = &[
    setting(
        Part::Observation,
        "METRICS",
        "on",
        "`on` or `off`",
        "Counts requests and refusals, and shows admins all figures at /metrics, as Prometheus reads them.",
    ),
    setting(
        Part::Observation,
        "METRICS_LISTEN_ADDR",
        "",
        "an address and a port, such as `127.0.0.1:9464`; port 0 takes a free one",
        "Shows /metrics there as well, and nothing else, to whoever reaches it: in plain HTTP and without a credential. For this machine or a private network.",
    ),
];
