//! The bars of single parts.

use crate::bench::{
    bars::{Bar, at_most, bar, in_percent},
    measure::names,
    source::Source::{LargeBeyond, LargeRatio, Memory, Time, TimeRatio},
    unit::Unit::{Bytes, Calls, Mebibytes, Nanoseconds, Percent},
};

/// S4 to S9, S13, S15.
pub(crate) const PARTS: &[Bar] = &[
    // S4 and S5: the limiter.
    in_percent(
        "S4",
        "limiter: one hot key, beside governor",
        ["ratelimit/one hot key", "ratelimit/peer: governor, one hot key"],
        70.0,
        "planned: 20 ns and 100 instructions, where governor takes 59 and 365, and the floor 11 and 44. Ours are 260: 55 for the \
         monotonic clock's arithmetic, 60 for the hash of a key that may be a user, 20 for one compare-and-swap, and the rest for a \
         bounded table that two threads may change at once",
    ),
    in_percent(
        "S4",
        "limiter: 1 M keys at random, beside governor",
        ["ratelimit/1 M keys at random", "ratelimit/peer: governor, 1 M keys at random"],
        65.0,
        "planned: 80 ns, where governor takes 151 and the floor 58: the one miss of the processor's cache is nearly all of it",
    ),
    bar(
        "S4",
        "limiter: 10 M keys at random",
        Time("ratelimit/10 M keys at random"),
        at_most(320.0, Nanoseconds),
    )
    .instead_of(
        130.0,
        "one miss of the cache, and one of the page table, which on this machine take that long",
    ),
    in_percent(
        "S4",
        "limiter: a refusal, beside governor's pass",
        ["ratelimit/refused", "ratelimit/peer: governor, one hot key"],
        60.0,
        "it writes nothing",
    ),
    bar(
        "S5",
        "limiter: memory of a key, with 10 M",
        Memory("limiter: bytes per key at 10 M"),
        at_most(32.0, Bytes),
    ),
    bar(
        "S5",
        "limiter: the whole process, with 10 M keys",
        Memory("limiter: process with 10 M keys, MiB"),
        at_most(500.0, Mebibytes),
    ),
    bar(
        "S5",
        "limiter: the longest check among 12 M new keys, 10 M of which it holds",
        Memory("limiter: longest check, ns"),
        at_most(500e3, Nanoseconds),
    )
    .with_note("the least of four runs' longest, beside those during which the machine took the processor away"),
    bar(
        "S5",
        "autoban: memory after violations of 10 M addresses",
        Memory("autoban: memory after 10 M violations, MiB"),
        at_most(64.0, Mebibytes),
    ),
    bar(
        "S5",
        "autoban: violations of the tenth million of addresses, beside those of the second",
        Memory("autoban: the tenth million of violations, in percent of the second"),
        at_most(120.0, Percent),
    ),
    // S6 and S7: the blocklist.
    in_percent(
        "S6",
        "blocklist: lookup among 1 M IPv4 prefixes, beside prefix-trie",
        ["blocklist/lookup among 1 M, IPv4", "blocklist/peer: prefix-trie, 1 M, IPv4"],
        60.0,
        "planned: 90 ns, where prefix-trie takes 80 and the floor 83",
    ),
    in_percent(
        "S6",
        "blocklist: lookup among 1 M IPv6 prefixes, beside prefix-trie",
        ["blocklist/lookup among 1 M, IPv6", "blocklist/peer: prefix-trie, 1 M, IPv6"],
        80.0,
        "planned: 200 ns, where prefix-trie takes 215 and the floor 294",
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
    bar(
        "S7",
        "blocklist: memory while 1 M prefixes are loaded, beyond the text",
        Memory("blocklist: 1 M IPv4, at most while loading, MiB"),
        at_most(60.0, Mebibytes),
    ),
    bar(
        "S7",
        "blocklist: the longest lookup while 1 M prefixes are loaded, as it is in half of the loads",
        Memory("blocklist: longest lookup while 1 M are loaded, ns"),
        at_most(100e3, Nanoseconds),
    )
    .beside("while nothing else happens", Memory("blocklist: longest lookup, ns")),
    // S8 and S9: tokens.
    in_percent(
        "S8",
        "token: cached, hot, beside moka alone",
        ["authn-jwt/cached", "authn-jwt/peer: moka alone"],
        40.0,
        "planned: 80 ns, on a machine where the floor is 52; most is the hash of 1 KiB and its comparison, byte by byte",
    ),
    in_percent(
        "S8",
        "token: cached, 10 000 at random, beside moka alone",
        ["authn-jwt/cached, 10 k at random", "authn-jwt/peer: moka alone, 10 k at random"],
        50.0,
        "planned: 350 ns, where the floor is 288, with one verdict for all tokens; here each brings its own, and 30 MB of \
         them do not fit into the processor's cache",
    ),
    in_percent(
        "S8",
        "token: verified, HS256, beside jsonwebtoken, which reads one claim",
        ["authn-jwt/verified, HS256", "authn-jwt/peer: jsonwebtoken, HS256"],
        125.0,
        "planned: 2.2 µs, where the floor is 1.7; all of the content is read, and names that stand twice are looked for at \
         any depth",
    ),
    beside_signature(
        "token: verified, RS256, beside the signature alone",
        "authn-jwt/verified, RS256",
        "authn-jwt/peer: signature alone, RS256",
    ),
    beside_signature(
        "token: verified, PS256, beside the signature alone",
        "authn-jwt/verified, PS256",
        "authn-jwt/peer: signature alone, PS256",
    ),
    beside_signature(
        "token: verified, ES256, beside the signature alone",
        "authn-jwt/verified, ES256",
        "authn-jwt/peer: signature alone, ES256",
    ),
    beside_signature(
        "token: verified, ES384, beside the signature alone",
        "authn-jwt/verified, ES384",
        "authn-jwt/peer: signature alone, ES384",
    ),
    beside_signature(
        "token: verified, EdDSA, beside the signature alone",
        "authn-jwt/verified, EdDSA",
        "authn-jwt/peer: signature alone, EdDSA",
    ),
    bar(
        "S9",
        "token: what is none is refused before any cryptography",
        Time("authn-jwt/not a token"),
        at_most(300.0, Nanoseconds),
    ),
    in_percent(
        "S9",
        "token: another algorithm is refused before any cryptography, beside one that is verified",
        ["authn-jwt/of another algorithm", "authn-jwt/verified, HS256"],
        15.0,
        "planned: 300 ns; the alphabet of 1 KiB is checked first, then the header is read",
    ),
    in_percent(
        "S9",
        "token: one that has expired is refused before any cryptography, beside one that is verified",
        ["authn-jwt/expired", "authn-jwt/verified, HS256"],
        60.0,
        "planned: 300 ns; when it expires stands in its content, which must be read; the second time it is remembered",
    ),
    in_percent(
        "S9",
        "token: a bad one, again, beside a good one that is cached",
        ["authn-jwt/forged, again and again", "authn-jwt/cached"],
        115.0,
        "planned: 120 ns",
    ),
    in_percent(
        "S9",
        "token: a new bad one, of a client whose budget is used up, beside a good one that is cached",
        ["authn-jwt/forged, over the budget", "authn-jwt/cached"],
        90.0,
        "whatever its algorithm: no signature is computed",
    ),
    in_percent(
        "S9",
        "token: one that is kept, found by quick_cache, beside moka",
        ["token-stores/quick_cache: 10 k at random", "token-stores/moka: 10 k at random"],
        60.0,
        "why quick_cache keeps verdicts",
    ),
    // S13: Redis.
    bar(
        "S13",
        "Redis: calls for 100 requests of a busy client, with leases",
        Memory("redis: calls per 100 requests of a busy client"),
        at_most(1.0, Calls),
    ),
    bar(
        "S13",
        "Redis: a call for a request without leases, on loopback",
        Memory("redis: a direct call, ns"),
        at_most(300e3, Nanoseconds),
    )
    .with_note("planned: 70 µs for the call alone; one for all limits of a request, whatever their number"),
    // S15: objects in the vault.
    in_percent(
        "S15",
        "vault: an object of 4 MiB sealed in chunks of 64 KiB, beside AES-256-GCM alone",
        ["vault-streams/4 MiB sealed", "vault-streams/peer: AES-256-GCM alone, 4 MiB sealed"],
        115.0,
        "keys and the header are made once for an object, and a chunk costs what its cipher does: the rest is what two runs differ by",
    ),
    in_percent(
        "S15",
        "vault: the same object opened, the last chunk first",
        ["vault-streams/4 MiB opened", "vault-streams/peer: AES-256-GCM alone, 4 MiB opened"],
        115.0,
        "as above",
    ),
    in_percent(
        "S15",
        "files: an object of 256 MiB written to a folder, sealed and on the disk, beside object_store's local backend, in clear",
        ["vfs-store/256 MiB written", "vfs-store/peer: LocalFileSystem with fsync, 256 MiB written"],
        200.0,
        "planned: 150 %; both wait for the disk, and the rest is AES-256-GCM and two copies, for which a machine with two cores \
         has none to spare while the kernel writes",
    ),
    in_percent(
        "S15",
        "files: the same object read and verified, beside object_store's local backend, in clear",
        ["vfs-store/256 MiB read", "vfs-store/peer: LocalFileSystem, 256 MiB read"],
        60.0,
        "planned: 250 %; the peer gives pieces of 8 KiB, each of which goes to a thread that may wait",
    ),
    in_percent(
        "S15",
        "files: the same, where the peer is asked for a MiB at a time, as ours asks its folder",
        ["vfs-store/256 MiB read", "vfs-store/peer: LocalFileSystem by ranges of a MiB, 256 MiB read"],
        450.0,
        "what is in the page cache is copied once; opening it, at 2 to 3 GiB a second, is the rest",
    ),
    bar(
        "S15",
        "files: memory of the server while 10 GiB go up, beyond that for 16 MiB",
        LargeBeyond { of: names::PEAK_UP, base: names::PEAK_SMALL },
        at_most(names::FLAT, Mebibytes),
    )
    .with_note("three parts of a MiB, two chunks, and what the allocator keeps of them"),
    bar(
        "S15",
        "files: the same while they come down, and ranges of them",
        LargeBeyond { of: names::PEAK_DOWN, base: names::PEAK_SMALL },
        at_most(names::FLAT, Mebibytes),
    ),
    bar(
        "S15",
        "files: 10 GiB up over HTTP, sealed and on the disk: the processor, beside a program that writes one file",
        LargeRatio { of: names::UP, base: names::PLAIN_UP },
        at_most(300.0, Percent),
    )
    .with_note(
        "two thirds are the kernel's copy into the pages of a file, which takes longer here than where one program runs alone; \
         the rest is a socket, AES-256-GCM and two copies",
    ),
    bar(
        "S15",
        "files: 10 GiB down over HTTP, verified: the processor, beside a program that reads one file",
        LargeRatio { of: names::DOWN, base: names::PLAIN_DOWN },
        at_most(1000.0, Percent),
    )
    .with_note("a program that reads what is in the page cache copies it once; here AES-256-GCM and a socket follow"),
    bar(
        "S15",
        "files: memory of a grant with a pattern, with 1 M, each of another user",
        Memory("vfs-acl: bytes per grant at 1 M"),
        at_most(400.0, Bytes),
    )
    .with_note("the name of the user and the text of the pattern are 30 of them"),
];

/// A token that is new takes little longer than its signature, whatever computes that and however fast the machine is.
const fn beside_signature(what: &'static str, of: &'static str, base: &'static str) -> Bar {
    bar("S8", what, TimeRatio { of, base }, at_most(115.0, Percent)).with_note(
        "the floor and 15 %, and two runs of one machine differ by more; planned in times of another machine and library: 20 µs for RS256, 66 for ES256, 43 for \
         EdDSA. RustCrypto takes several times as long as aws-lc-rs for the first two",
    )
}
