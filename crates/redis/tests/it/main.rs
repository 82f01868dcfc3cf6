//! What instances share, by a real server.

mod bans;
mod cluster;
mod leases;
mod limiter;
mod model;
mod outages;
mod script;
mod sentinel;
mod shared;
mod url;
