//! Builds requests and services for Palisade's own tests: no framework, no socket, no runtime.

mod ask;
mod echo;
mod postgres_server;
mod redis_server;
mod security_log;

pub use self::{
    ask::{Ask, context, head, head_of},
    echo::{Body, Echo, Readied},
    postgres_server::PostgresServer,
    redis_server::{RedisServer, SlowProxy, until},
    security_log::SecurityLog,
};
