//! The bars of the whole stack.

use crate::bench::{
    bars::{Bar, at_least, at_most, bar, in_percent},
    source::{
        Source::{Memory, MemoryRatio, Threads, Time},
        What::{Allocations, Instructions},
        beyond, share, share_in_memory,
    },
    unit::Unit,
};

const CHAINED: &str = "ordinary axum stack, chained";

// Why bars were replaced: what composing costs beyond the floor, which fuses all into one function.

const COMPOSED: &str = "the floor, 10 600 of which 3 000 are checks, is one function. A layer that can stand alone pays for it: alone, \
    the limit takes 3 500, the token 2 400, problems and the request id 2 400, the record 2 300, route, address and lists 2 200, a \
    gate 1 200; the headers take 8 800, whoever sends them. It was 23 400 before the stack looked for probes in every path and query, and \
    24 300 before it judged the host, what coding a body and an answer may have, and whose pages may read it, and 25 300 before each answer \
    was followed to its last byte, which is when its record is made, as it does now";

const CHECKS: &str = "as above; it was 13 900 with twelve policies. There are places for five more now: tickets, API keys, tokens that were \
    taken back, users, scopes; and one that looks for probes in every path and query. It was 15 800 before the host was judged and codings by whose \
    secrets are in an answer, and 17 400 before answers were followed to their end";

const ON_AXUM: &str = "as on hyper; and axum clones the services of its router for each request and boxes the body again";

const REFUSED: &str = "the floor, 3 100 for a 429 and 800 for a 403, is less than the headers of an answer take by themselves. Ours has \
    every security header, CORS, the request id, a problem document and a record, as an answer that passes. It was 32 500 and 19 800 before \
    the stack looked for probes, 32 700 and 20 300 before it judged the host, 33 500 and 20 800 before it followed answers to their end";

const DEARER: &str = "it does all that a pass does but call the handler, and then writes a problem document (3 000), counts a violation \
    (1 900), and makes and carries the refusal (3 000). A handler that does anything costs more; and what follows the sixth \
    within 10 s is a 403";

const IN_MEMORY: &str = "stands in where the socket cannot be measured: nothing of the kernel hides what the stack costs, of which the \
    headers alone are nearly half";

const FLOODED: &str = "as above; the answer has every header that a pass has, and a document";

const RECORDED: &str = "the floor, 10 ns, moves a record that is made already. Here it is made: three texts of the request copied \
    into one allocation, notes kept from the way in to the way out, the clock read, a lock; and 67 ns are the service and the gate's";

const DROPPED: &str = "a full queue is seen by one load, before anything is copied. What is left are the notes of the way in and the \
    cookie of the session, which a browser gets whether it is recorded or not";

const EVENT: &str = "measured is all of it: the gate (80 ns for the service, 170 for a policy), the refusal, its event and the answer";

const NO_TWO_CORES: &str =
    "the machine has no two whole cores: bare hyper, which shares nothing, gains no more";

/// S1 to S3, S10 to S12, S14.
pub(crate) const WHOLE: &[Bar] = &[
    // S1: a request that is admitted.
    bar(
        "S1",
        "the whole stack on hyper, admitted, beyond bare hyper",
        beyond("hyper + stack, admitted", "hyper", Instructions),
        at_most(26_500.0, Unit::Instructions),
    )
    .instead_of(12_500.0, COMPOSED),
    bar(
        "S1",
        "the same, allocations",
        beyond("hyper + stack, admitted", "hyper", Allocations),
        at_most(10.0, Unit::Allocations),
    )
    .with_note("the floor is 12"),
    bar(
        "S1",
        "the whole stack on axum, admitted, beyond bare axum",
        beyond("axum + stack, admitted", "axum", Instructions),
        at_most(29_400.0, Unit::Instructions),
    )
    .instead_of(12_500.0, ON_AXUM)
    .beside(CHAINED, beyond("axum + ordinary stack, chained, admitted", "axum", Instructions)),
    bar(
        "S1",
        "the same, allocations",
        beyond("axum + stack, admitted", "axum", Allocations),
        at_most(18.0, Unit::Allocations),
    )
    .instead_of(14.0, ON_AXUM)
    .beside(CHAINED, beyond("axum + ordinary stack, chained, admitted", "axum", Allocations)),
    bar(
        "S1",
        "the checks alone: beyond hyper that sends the same headers",
        beyond("hyper + stack, admitted", "hyper + the same headers", Instructions),
        at_most(18_600.0, Unit::Instructions),
    )
    .instead_of(4_500.0, CHECKS),
    // S2: requests per second.
    bar(
        "S2",
        "requests/s of bare hyper that are left with the stack",
        share("hyper + stack", "hyper"),
        at_least(75.0, Unit::Percent),
    )
    .with_note("the floor keeps 77 %"),
    bar(
        "S2",
        "requests/s of hyper with the same headers",
        share("hyper + stack", "hyper + the same headers"),
        at_least(90.0, Unit::Percent),
    ),
    bar(
        "S2",
        "requests/s of bare axum that are left with the stack",
        share("axum + stack", "axum"),
        at_least(85.0, Unit::Percent),
    )
    .beside(CHAINED, share("axum + ordinary stack, chained", "axum")),
    bar(
        "S2",
        "on axum, against the ordinary stack, chained",
        share("axum + stack", "axum + ordinary stack, chained"),
        at_least(450.0, Unit::Percent),
    ),
    bar(
        "S2",
        "on hyper, against Hono with its documented middlewares",
        share("hyper + stack", "Hono"),
        at_least(2_800.0, Unit::Percent),
    ),
    // The same without a kernel.
    bar(
        "S2",
        "requests/s of bare hyper that are left with the stack, in memory",
        share_in_memory("hyper + stack, admitted", "hyper"),
        at_least(18.5, Unit::Percent),
    )
    .with_note(IN_MEMORY),
    bar(
        "S2",
        "requests/s of hyper with the same headers, in memory",
        share_in_memory("hyper + stack, admitted", "hyper + the same headers"),
        at_least(52.0, Unit::Percent),
    )
    .with_note(IN_MEMORY),
    bar(
        "S2",
        "requests/s of bare axum that are left with the stack, in memory",
        share_in_memory("axum + stack, admitted", "axum"),
        at_least(24.0, Unit::Percent),
    )
    .beside(CHAINED, share_in_memory("axum + ordinary stack, chained, admitted", "axum"))
    .with_note(IN_MEMORY),
    bar(
        "S2",
        "on axum, against the ordinary stack, chained, in memory",
        share_in_memory("axum + stack, admitted", "axum + ordinary stack, chained, admitted"),
        at_least(360.0, Unit::Percent),
    )
    .with_note(IN_MEMORY),
    // S3: a flood of requests that are refused.
    bar(
        "S3",
        "a flood over the limit (429): requests/s of bare hyper",
        share("hyper + stack, 429", "hyper"),
        at_least(90.0, Unit::Percent),
    )
    .beside(CHAINED, share("axum + ordinary stack, chained, 429", "axum"))
    .with_note("the floor keeps 92 %"),
    bar(
        "S3",
        "a flood from a banned address (403): requests/s of bare hyper",
        share("hyper + stack, 403", "hyper"),
        at_least(97.0, Unit::Percent),
    )
    .beside(CHAINED, share("axum + ordinary stack, chained, 403", "axum"))
    .with_note("the floor keeps 98 %"),
    bar(
        "S3",
        "a flood over the limit (429): requests/s of bare hyper, in memory",
        share_in_memory("hyper + stack, 429", "hyper"),
        at_least(15.0, Unit::Percent),
    )
    .beside(CHAINED, share_in_memory("axum + ordinary stack, chained, 429", "axum"))
    .with_note(FLOODED),
    bar(
        "S3",
        "a flood from a banned address (403): requests/s of bare hyper, in memory",
        share_in_memory("hyper + stack, 403", "hyper"),
        at_least(23.0, Unit::Percent),
    )
    .beside(CHAINED, share_in_memory("axum + ordinary stack, chained, 403", "axum"))
    .with_note(FLOODED),
    bar(
        "S3",
        "a 429, beyond a bare answer",
        beyond("hyper + stack, 429", "hyper", Instructions),
        at_most(34_800.0, Unit::Instructions),
    )
    .beside(CHAINED, beyond("axum + ordinary stack, chained, 429", "axum", Instructions))
    .instead_of(3_500.0, REFUSED),
    bar(
        "S3",
        "a 403, beyond a bare answer",
        beyond("hyper + stack, 403", "hyper", Instructions),
        at_most(21_200.0, Unit::Instructions),
    )
    .beside(CHAINED, beyond("axum + ordinary stack, chained, 403", "axum", Instructions))
    .instead_of(1_200.0, REFUSED),
    bar(
        "S3",
        "a 429, beyond a pass into a handler that does nothing",
        beyond("hyper + stack, 429", "hyper + stack, admitted", Instructions),
        at_most(9_100.0, Unit::Instructions),
    )
    .instead_of(0.0, DEARER),
    bar(
        "S3",
        "a 403 is never dearer than a pass",
        beyond("hyper + stack, 403", "hyper + stack, admitted", Instructions),
        at_most(0.0, Unit::Instructions),
    ),
    // S10: headers, routes, files.
    bar(
        "S10",
        "the documented response headers, with a nonce in the CSP",
        Time("secure-headers/documented headers with a nonce"),
        at_most(700.0, Unit::Nanoseconds),
    )
    .beside("axum-helmet, six headers, service included", Time("secure-headers/peer: axum-helmet"))
    .with_note("the floor is 540 ns; with the service, ours is `secure-headers/polymech` below"),
    bar("S10", "a nonce", Time("secure-headers/a nonce"), at_most(80.0, Unit::Nanoseconds)),
    in_percent(
        "S10",
        "strict path and access class, over 200 routes: any one with a parameter, beside matchit, which checks nothing",
        [
            "route-registry/check and resolve, one of 198",
            "route-registry/peer: matchit, one of 198",
        ],
        420.0,
        "planned: 120 ns; the path is checked byte by byte, and the route with its class and tags is what comes of it",
    ),
    in_percent(
        "S10",
        "the same: a literal path",
        ["route-registry/check and resolve, literal", "route-registry/peer: matchit, literal"],
        300.0,
        "planned: 35 ns",
    ),
    in_percent(
        "S10",
        "the same: two parameters with a suffix",
        ["route-registry/check and resolve, deep", "route-registry/peer: matchit, deep"],
        700.0,
        "planned: 120 ns; two parameters with text behind them, and other spellings of stricter routes are looked for",
    ),
    bar(
        "S10",
        "a decision among 1 000 grants with patterns",
        Time("vfs-acl/decision among 1 000 grants"),
        at_most(400.0, Unit::Nanoseconds),
    )
    .with_note("the floor is 170 ns"),
    // S11: analytics.
    bar(
        "S11",
        "a request is recorded: the whole layer, in front of a service that does nothing",
        Time("analytics/recorded, without a session"),
        at_most(330.0, Unit::Nanoseconds),
    )
    .instead_of(50.0, RECORDED),
    bar(
        "S11",
        "the queue is full: the record of a browser that navigates is counted and dropped",
        Time("analytics/queue full"),
        at_most(480.0, Unit::Nanoseconds),
    )
    .instead_of(15.0, DROPPED),
    bar(
        "S11",
        "a security event while they flood in: the whole refusal by a gate",
        Time("analytics/security event under flood"),
        at_most(430.0, Unit::Nanoseconds),
    )
    .instead_of(60.0, EVENT),
    // S12: a second thread.
    bar(
        "S12",
        "from one thread to two, distinct users",
        Threads("distinct users"),
        at_least(1.3, Unit::Times),
    )
    .beside("bare hyper, which shares nothing", Threads("bare hyper"))
    .instead_of(1.9, NO_TWO_CORES),
    bar(
        "S12",
        "from one thread to two, one hot user",
        Threads("one hot user"),
        at_least(1.6, Unit::Times),
    )
    .beside("bare hyper, which shares nothing", Threads("bare hyper")),
    // S14: memory.
    bar("S14", "a server at rest", Memory("server at rest"), at_most(30.0, Unit::Mebibytes)),
    bar(
        "S14",
        "attacked from 10 M addresses: memory after 10 M, in times that after 5 M",
        MemoryRatio { of: "10 M addresses: after 10 M", base: "10 M addresses: after 5 M" },
        at_most(1.05, Unit::Times),
    ),
];
