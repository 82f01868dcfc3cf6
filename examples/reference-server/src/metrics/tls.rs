//! The certificate in force.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const ENDS: Family<0> = Family::gauge(
    "palisade_tls_certificate_not_after_timestamp_seconds",
    "When the certificate in force ends.",
    [],
);
const CURRENT: Family<0> = Family::gauge(
    "palisade_tls_certificate_current",
    "1 while what is in the files of the certificate, its key and TLS_CLIENT_CA is in force.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let certificates = shared.certificates.as_ref();
    let mut ends = page.family(&ENDS);
    if let Some(certificates) = certificates {
        ends.add([], certificates.certificate().ends());
    }
    let mut current = page.family(&CURRENT);
    if let Some(certificates) = certificates {
        current.add([], certificates.status().failure.is_none());
    }
}
