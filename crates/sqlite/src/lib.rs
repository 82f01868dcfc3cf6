//! Keeps records of requests in SQLite.
