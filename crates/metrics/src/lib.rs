//! Counts requests and decisions, and writes them down as Prometheus reads them.
