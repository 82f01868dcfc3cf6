//! TLS by rustls: certificates that are checked before they are used, and replaced while connections go on.
//!
//! - `pem.rs` reads files, `certificate.rs` what a certificate says, `loaded.rs` checks that both make something to serve by.
//! - `certificates.rs` keeps what is in force and replaces it when the files change; `self_signed.rs` makes one for development.
//! - `handshake.rs` is what happens on a connection before HTTP, `client.rs` who it turned out to be.
//! - `redirect.rs` answers plain HTTP beside it.

mod certificate;
mod certificates;
mod client;
mod handshake;
mod loaded;
mod mistake;
mod pem;
mod redirect;
mod self_signed;
mod versions;

pub use self::{
    certificate::Certificate,
    certificates::{Certificates, CertificatesStatus, CertificatesWatch},
    client::ClientCertificate,
    mistake::TlsMistake,
};
pub(crate) use self::{
    handshake::{Alpn, Handshakes, Shaken},
    loaded::check,
    redirect::RedirectLayer,
};
