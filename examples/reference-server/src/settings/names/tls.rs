//! Certificates and what speaks TLS.

use super::{Part, Setting, setting};

pub(super) const TLS: &[Setting] = &[
    setting(
        Part::Tls,
        "TLS_LISTEN_ADDR",
        "",
        "an address and a port, such as `0.0.0.0:3443`; port 0 takes a free one",
        "Where to listen for HTTPS. Unset: the address of LISTEN_ADDR with port 3443, where there is a certificate.",
    ),
    setting(
        Part::Tls,
        "TLS_CERT",
        "",
        "a PEM file: the server's certificate, then those that vouch for it",
        "Turns on TLS. Read again when it changes; so are the other files.",
    ),
    setting(
        Part::Tls,
        "TLS_KEY",
        "",
        "a PEM file: PKCS#8, PKCS#1 or SEC1, not encrypted",
        "The key of TLS_CERT.",
    ),
    setting(
        Part::Tls,
        "TLS_MIN_VERSION",
        "1.2",
        "`1.2` or `1.3`",
        "The oldest version spoken: Mozilla's profile `intermediate` or `modern`.",
    ),
    setting(
        Part::Tls,
        "TLS_CLIENT_CA",
        "",
        "a PEM file of certificates",
        "Who vouches for clients: they are asked for a certificate.",
    ),
    setting(
        Part::Tls,
        "TLS_CLIENT_AUTH",
        "required",
        "`required` or `optional`",
        "With TLS_CLIENT_CA: whether a client without a certificate is refused. A bad one always is.",
    ),
    setting(
        Part::Tls,
        "TLS_SELF_SIGNED",
        "false",
        "`true` or `false`; the flag alone says `true`",
        "Development only: makes a certificate for this machine, kept in DATA_DIR. No HSTS is sent with it.",
    ),
    setting(
        Part::Tls,
        "HTTP_REDIRECT",
        "on",
        "`on` or `off`",
        "With TLS: sends pages asked for in plain HTTP to https://, and refuses all else there but health checks and TRUSTED_PROXIES.",
    ),
];
