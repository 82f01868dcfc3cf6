//! Where clients are, and who knows.

use super::{Part, Setting, setting};

pub(super) const GEO: &[Setting] = &[
    setting(
        Part::Geo,
        "GEOIP_DB",
        "",
        "a file of MaxMind's format (`.mmdb`) about cities or countries",
        "Who knows where an address is, for country rules of the blocklist and for analytics. Read again when it is replaced; a broken one stops the start, and later changes nothing.",
    ),
    setting(
        Part::Geo,
        "GEOIP_URL",
        "",
        "`bigdatacloud`, or the https:// address of somebody who speaks like it; http:// on this machine",
        "Who is asked about public addresses that GEOIP_DB does not know, in the background: the first request of an address has no country. They learn addresses of clients (of IPv6 the /64): of those that are recorded, and while the blocklist blocks countries of all that are not refused anyway. Unset: nobody.",
    ),
    setting(
        Part::Geo,
        "GEOIP_KEY",
        "",
        "1 to 128 letters, digits, `_` or `-`",
        "The key of the account at GEOIP_URL; `bigdatacloud` needs one.",
    ),
    setting(
        Part::Geo,
        "GEOIP_CALLS_PER_MINUTE",
        "60",
        "1 to 6000",
        "The most questions to GEOIP_URL in any 60 seconds. What is beyond is asked when the address comes again. 60 a minute use 10000 a month up within three hours.",
    ),
    setting(
        Part::Geo,
        "GEOIP_UNKNOWN",
        "allow",
        "`allow` or `deny`",
        "What becomes of requests whose country is not known while the blocklist blocks countries: `deny` answers 403 `blocked.unknown-country`, but for private addresses and those on its safelist. With GEOIP_URL alone that is the first request of everybody, and every one of a new address while nobody answers there.",
    ),
    setting(
        Part::Geo,
        "CACHE_DIR",
        "cache",
        "a folder",
        "Where geoip.json is, with what GEOIP_URL answered (addresses and when they came; none where ANALYTICS_ADDRESSES is not `whole` or ANALYTICS is `off`), and where a copy of GEOIP_DB without a name takes room on the disk.",
    ),
];
