//! What whoever uses a database can rely on, on both engines.

mod audit_log;
#[path = "../../../audit/tests/it/contract.rs"]
mod contract;
mod embedded;
mod organisations;
mod pages;
mod postgres;
mod secrets;
mod transactions;
mod users;
mod world;
