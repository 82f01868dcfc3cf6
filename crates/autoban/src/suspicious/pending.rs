//! A probe that is not answered yet: it counts even if it never is.

use palisade_core::{ClientIp, Moment, SecurityContext, ViolationKind};

use crate::AutoBan;

/// Counts against the address when it is dropped, unless it was settled. Else who puts a sleep into a database and hangs up
/// would not be counted.
#[derive(Debug)]
pub(super) struct Pending {
    auto_ban: AutoBan,
    open: Option<(ClientIp, Moment)>,
}

// === impl Pending ===

impl Pending {
    pub(super) fn new(auto_ban: &AutoBan, context: &SecurityContext) -> Self {
        let open = context.client_ip().map(|client| (*client, context.arrived()));
        Self { auto_ban: auto_ban.clone(), open }
    }

    /// There is an answer: it is counted by that, or not.
    pub(super) fn settle(mut self) {
        self.open = None;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some((client, arrived)) = self.open.take() {
            // The request's own context is what is being dropped.
            let context = SecurityContext::new(arrived);
            context.learn_client_ip(client);
            self.auto_ban.report(&context, ViolationKind::Suspicious);
        }
    }
}
