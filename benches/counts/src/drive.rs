//! What lets requests through, and the region that is counted.

/// A service that requests can be let through.
pub(crate) trait Drive {
    /// Lets `requests` through.
    fn drive(&mut self, requests: u64);

    /// The last answer's head, as it goes over the wire.
    fn last(&self) -> String;
}

/// What is counted: callgrind looks for this name.
#[inline(never)]
pub(crate) fn measured_region(case: &mut dyn Drive, requests: u64) {
    case.drive(requests);
}
