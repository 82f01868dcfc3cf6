//! The bars of single parts.

use crate::bench::{
    bars::{Bar, at_most, bar},
    source::Source::{Memory, NotMeasured, Time},
    unit::Unit::{Bytes, Calls, Mebibytes, Nanoseconds},
};

/// S4 to S9, S13.
pub(crate) const PARTS: &[Bar] = &[
    // S4 and S5: the limiter.
    bar("S4", "limiter: one hot key", Time("ratelimit/one hot key"), at_most(20.0, Nanoseconds))
        .beside("governor", Time("ratelimit/peer: governor, one hot key"))
        .with_note("the floor is 11 ns"),
    bar(
        "S4",
        "limiter: 1 M keys at random",
        Time("ratelimit/1 M keys at random"),
        at_most(80.0, Nanoseconds),
    )
    .beside("governor", Time("ratelimit/peer: governor, 1 M keys at random"))
    .with_note("the floor is 58 ns"),
    bar(
        "S4",
        "limiter: 10 M keys at random",
        Time("ratelimit/10 M keys at random"),
        at_most(130.0, Nanoseconds),
    ),
    bar(
        "S5",
        "limiter: memory of a key, with 10 M",
        Memory("limiter: bytes per key at 10 M"),
        at_most(32.0, Bytes),
    ),
    // S6 and S7: the blocklist.
    bar(
        "S6",
        "blocklist: lookup among 1 M IPv4 prefixes",
        Time("blocklist/lookup among 1 M, IPv4"),
        at_most(90.0, Nanoseconds),
    )
    .beside("prefix-trie", Time("blocklist/peer: prefix-trie, 1 M, IPv4"))
    .with_note("the floor is 83 ns"),
    bar(
        "S6",
        "blocklist: lookup among 1 M IPv6 prefixes",
        Time("blocklist/lookup among 1 M, IPv6"),
        at_most(200.0, Nanoseconds),
    ),
    bar(
        "S6",
        "blocklist: memory of 1 M IPv4 prefixes",
        Memory("blocklist: 1 M IPv4, MiB"),
        at_most(10.0, Mebibytes),
    )
    .with_note("the floor is 5.9 MiB"),
    bar(
        "S6",
        "blocklist: memory of 1 M IPv6 prefixes",
        Memory("blocklist: 1 M IPv6, MiB"),
        at_most(48.0, Mebibytes),
    )
    .with_note("the floor is 30.5 MiB"),
    bar(
        "S7",
        "blocklist: reload of 1 M prefixes from JSON",
        Time("blocklist/reload 1 M from JSON"),
        at_most(150e6, Nanoseconds),
    )
    .with_note("the floor is 90 ms"),
    // S8 and S9: tokens.
    bar("S8", "token: cached, hot", Time("authn-jwt/cached"), at_most(80.0, Nanoseconds))
        .beside("moka alone", Time("authn-jwt/peer: moka alone"))
        .with_note("the floor is 52 ns"),
    bar(
        "S8",
        "token: cached, 10 000 at random",
        Time("authn-jwt/cached, 10 k at random"),
        at_most(350.0, Nanoseconds),
    )
    .with_note("the floor is 288 ns"),
    bar(
        "S8",
        "token: verified, HS256",
        Time("authn-jwt/verified, HS256"),
        at_most(2_200.0, Nanoseconds),
    )
    .beside("jsonwebtoken", Time("authn-jwt/peer: jsonwebtoken, HS256"))
    .with_note("the floor is 1.7 µs"),
    bar(
        "S8",
        "token: verified, ES256",
        Time("authn-jwt/verified, ES256"),
        at_most(66_000.0, Nanoseconds),
    )
    .with_note("the floor is 60 µs: the check of the signature itself"),
    bar(
        "S8",
        "token: verified, EdDSA",
        Time("authn-jwt/verified, EdDSA"),
        at_most(43_000.0, Nanoseconds),
    )
    .with_note("the floor is 38 µs: the check of the signature itself"),
    bar(
        "S8",
        "token: verified, RS256",
        Time("authn-jwt/verified, RS256"),
        at_most(20_000.0, Nanoseconds),
    )
    .with_note("the floor is 17.8 µs: the check of the signature itself"),
    bar(
        "S9",
        "token: what is none is refused before any cryptography",
        Time("authn-jwt/not a token"),
        at_most(300.0, Nanoseconds),
    ),
    // S13: Redis.
    bar(
        "S13",
        "Redis: calls on the admitted path, of a busy key",
        NotMeasured,
        at_most(1.0, Calls),
    )
    .with_note("there is no Redis store yet"),
];
