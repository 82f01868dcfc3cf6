//! Requests that no honest client sends, told by their path and query.

mod documented;
mod injections;
mod pending;
mod policy;
mod scanner;
mod signature;
mod signatures;
mod told;
mod views;

pub(crate) use self::policy::Counted;
pub use self::{
    policy::SuspiciousPolicy,
    signature::{Signature, SignatureKind},
    signatures::{SignatureHits, Signatures},
};
