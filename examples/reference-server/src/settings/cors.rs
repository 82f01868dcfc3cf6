//! Which sites' pages may call, and what they may send and read.

use palisade::Cors;

use super::{Environment, Reader};

/// No other site's.
const NONE: &str = "none";

pub(super) fn cors(reader: &mut Reader<'_>, environment: Environment) -> Cors {
    let cors = origins(reader, environment);
    // What pages may send and read beside what is documented.
    let allowed = cors.clone().allow_headers(reader.list("CORS_HEADERS"));
    let cors = reader.built("CORS_HEADERS", allowed).unwrap_or(cors);
    let exposed = cors.clone().expose_headers(reader.list("CORS_EXPOSED_HEADERS"));
    reader.built("CORS_EXPOSED_HEADERS", exposed).unwrap_or(cors)
}

/// Whom `*` lets read is not whom an admin trusts to act for him.
pub(super) fn named_origins(reader: &Reader<'_>) -> Vec<String> {
    let origins = reader.list("CORS_ORIGINS").into_iter();
    origins.filter(|origin| !["*", NONE].contains(origin)).map(str::to_owned).collect()
}

fn origins(reader: &mut Reader<'_>, environment: Environment) -> Cors {
    let origins = reader.list("CORS_ORIGINS");
    if origins == ["*"] {
        if environment == Environment::Production {
            reader.wrong(
                "CORS_ORIGINS",
                "production does not let the pages of every site call: name the origins, or say `none`",
            );
        }
        return Cors::any_origin();
    }
    if origins == [NONE] {
        return Cors::origins([""; 0]).unwrap_or_else(|_| Cors::any_origin());
    }
    let cors = Cors::origins(origins);
    reader.built("CORS_ORIGINS", cors).unwrap_or_else(Cors::any_origin)
}
