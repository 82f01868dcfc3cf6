//! Who is asking, and from where.

use super::{Part, Setting, setting};

pub(super) const AUTHENTICATION: &[Setting] = &[
    setting(
        Part::Authentication,
        "REQUIRE_AUTH",
        "false",
        "`true` or `false`",
        "Routes that are not public need an identity.",
    ),
    setting(
        Part::Authentication,
        "JWT_SECRET",
        "",
        "at least 32 bytes",
        "The shared secret of HS256 tokens.",
    ),
    setting(
        Part::Authentication,
        "JWT_PUBLIC_KEY_FILE",
        "",
        "a PEM file with an RSA, EC or Ed25519 public key",
        "The key of tokens with a public-key signature. Needs JWT_AUDIENCE.",
    ),
    setting(
        Part::Authentication,
        "JWKS_FILE",
        "",
        "a JSON file with a JWK set",
        "The keys of tokens with a public-key signature, by key id. Needs JWT_AUDIENCE.",
    ),
    setting(
        Part::Authentication,
        "JWKS_URL",
        "",
        "an https:// address; http:// on this machine alone",
        "Where a JWK set is fetched, and fetched again when it is old. Needs JWT_AUDIENCE. One of these four may be set.",
    ),
    setting(
        Part::Authentication,
        "JWT_ISSUER",
        "",
        "a text",
        "The `iss` tokens must have. Unset: any, since the key decides; the development issuer's own, where nothing else is configured. Needed beside OIDC_ISSUER and SUPABASE_URL.",
    ),
    setting(
        Part::Authentication,
        "JWT_AUDIENCE",
        "",
        "a text; `*` is any",
        "The `aud` tokens must have; Supabase's have their own. Public keys and OIDC_ISSUER need it. Unset: any, with JWT_SECRET; the development issuer's own, where nothing else is configured.",
    ),
    setting(
        Part::Authentication,
        "OIDC_ISSUER",
        "",
        "an https:// address; http:// on this machine alone",
        "An issuer that says where its keys are (OpenID Connect Discovery). Needs JWT_AUDIENCE.",
    ),
    setting(
        Part::Authentication,
        "SUPABASE_URL",
        "",
        "an https:// address, such as `https://project.supabase.co`; http:// on this machine alone",
        "A Supabase project whose tokens count, checked by the keys it publishes.",
    ),
    setting(
        Part::Authentication,
        "SUPABASE_ANON_KEY",
        "",
        "a key of the project",
        "Asks the project about each token instead, as `auth.getUser()` does; answers count for 30 s.",
    ),
    setting(
        Part::Authentication,
        "SUPABASE_JWT_SECRET",
        "",
        "at least 32 bytes",
        "The secret of a project that still signs by HS256, beside its keys.",
    ),
    setting(
        Part::Authentication,
        "ADMIN_USERS",
        "",
        "user ids, separated by commas",
        "Who is an admin from the start, whichever issuer vouches for it, until another admin gives him other roles: those are in the database.",
    ),
    setting(
        Part::Authentication,
        "UNKNOWN_USERS",
        "",
        "`admit` or `refuse`",
        "Whether users come in whom this server does not know, with the roles their tokens name. Known are ADMIN_USERS, whom /api/admin/users names, and with the development issuer alice and bob. Unset: `admit` in development, `refuse` in production.",
    ),
    setting(
        Part::Authentication,
        "QUERY_TOKEN",
        "streams",
        "`streams` or `off`",
        "Whether streams take a token from `?token=`. One-time tickets, which browsers' EventSource can use too, are always taken.",
    ),
    setting(
        Part::Authentication,
        "INVALID_TOKENS_MAX",
        "100",
        "0 to 1000000; 0 is as many as it likes",
        "Tokens with a wrong signature that a client may bring at once. What it brings beyond is 429, but for tokens that are remembered.",
    ),
    setting(
        Part::Authentication,
        "INVALID_TOKENS_PER_SECOND",
        "10",
        "1 to 1000",
        "How many more of them each second.",
    ),
];

pub(super) const CLIENT_ADDRESS: &[Setting] = &[
    setting(
        Part::ClientAddress,
        "TRUSTED_PROXIES",
        "",
        "networks separated by commas, such as `10.0.0.0/8,loopback`",
        "Whose word about the client's address is taken.",
    ),
    setting(
        Part::ClientAddress,
        "CLIENT_IP_HEADER",
        "x-forwarded-for",
        "`x-forwarded-for`, `forwarded`, or a header that holds one address",
        "The one header trusted proxies write.",
    ),
    setting(
        Part::ClientAddress,
        "IPV6_PREFIX",
        "64",
        "48 to 128",
        "How many bits of an IPv6 address count as one client.",
    ),
];
