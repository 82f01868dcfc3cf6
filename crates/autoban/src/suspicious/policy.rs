//! The decision about a suspicious request: it counts, and is refused only if one asks for that.

use std::sync::Arc;

use http::{StatusCode, request, response};
use palisade_core::{
    Code, ConfigError, Policy, Rejection, RejectionKind, SecurityContext, Verdict, ViolationKind,
};

use super::{Signature, SignatureHits, Signatures, pending::Pending, scanner::Scanner, told::Told};
use crate::{AutoBan, banned_clients::BANNED};

const SUSPICIOUS: Code = Code::new("suspicious-request", "The request looks like an attack");

/// The id of the route of what nobody registered, in the registry of this family.
const UNMATCHED: &str = "unmatched";

/// The code of the refusals of the blocklist of this family.
const BLOCKED: &str = "blocked";

/// Counts requests that no honest client sends, told by path and query. See [`Signatures`] for what it looks for, and the
/// [crate docs](crate) for an example.
///
/// A traversal attempt and an injection probe count at once. A path that scanners try counts only where nothing is served
/// under it: the answer is 404, or a refusal of ours where no route is registered. So a site that has a `/wp-login.php` is
/// not hurt.
///
/// Whoever is banned, or on a blocklist whose refusals have the code `blocked`, is not counted on: his probes count and are
/// logged nowhere. All others count once they are answered, or at the latest when the request is dropped without an answer,
/// because the client went away; then against the address alone. Of the probes of one client the first within a minute is
/// logged, with the number of those before it that were not; of all clients together no more than 256 in a minute.
///
/// A request counts once: where a layer further in refuses it with a violation too, that is counted only if it weighs
/// more. Beside the address, a probe counts against the token that was proven, if there is one.
///
/// Stands right behind [`ViolationsPolicy`](crate::ViolationsPolicy), outside of the layer that refuses strict paths.
#[derive(Clone, Debug)]
pub struct SuspiciousPolicy {
    auto_ban: AutoBan,
    scanner: Arc<Scanner>,
    told: Arc<Told>,
    unmatched: Arc<str>,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    Usual,
    Refusal,
}

/// What is known of a request on the way in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    Probe,
    Scanner,
}

/// Says that a request was counted as suspicious.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted;

// === impl SuspiciousPolicy ===

impl SuspiciousPolicy {
    /// Looks for `signatures`, and counts in `auto_ban`.
    ///
    /// # Errors
    ///
    /// A mistake in the signatures.
    pub fn new(auto_ban: AutoBan, signatures: Signatures) -> Result<Self, ConfigError> {
        let scanner = Arc::new(Scanner::new(signatures.checked()?)?);
        let (told, unmatched) = (Arc::default(), UNMATCHED.into());
        Ok(Self { auto_ban, scanner, told, unmatched, answer: Answer::Usual })
    }

    /// Refuses traversal attempts and injection probes at once, with 400 `suspicious-request`. Default: they are answered
    /// as they would be without, and count.
    #[must_use]
    pub fn refuse(mut self) -> Self {
        self.answer = Answer::Refusal;
        self
    }

    /// Names the route of what nobody registered. Default: `unmatched`, as the registry of this family does.
    #[must_use]
    pub fn unmatched_route(mut self, id: impl Into<Arc<str>>) -> Self {
        self.unmatched = id.into();
        self
    }

    /// How often each signature was seen since the start.
    #[must_use]
    pub fn hits(&self) -> Vec<SignatureHits> {
        self.scanner.hits()
    }

    /// Whether nothing is served under the path: only then it is a scanner's.
    fn is_nothing_there(&self, context: &SecurityContext, answer: &response::Parts) -> bool {
        let unmatched = || context.route().is_some_and(|route| *route.id() == *self.unmatched);
        match answer.status {
            StatusCode::NOT_FOUND => true,
            // Where authentication refuses first, nobody learns that there is nothing. A ban's own 403 is not meant.
            StatusCode::UNAUTHORIZED | StatusCode::METHOD_NOT_ALLOWED => {
                unmatched() && answer.extensions.get::<Rejection>().is_some()
            }
            _ => false,
        }
    }

    /// Whether the answer is a violation that weighs more: nobody hides a scan behind a light one.
    fn counts_more(&self, answer: &response::Parts) -> bool {
        let weights = self.auto_ban.settings().weights;
        let kind = answer.extensions.get::<Rejection>().and_then(Rejection::violation_kind);
        kind.is_some_and(|kind| weights.of(kind) > weights.of(ViolationKind::Suspicious))
    }

    fn seen(&self, signature: &Signature, context: &SecurityContext) -> Verdict {
        if !signature.kind().is_probe() {
            context.attach(Seen::Scanner);
            return Verdict::Pass;
        }
        // Who is banned is refused further in, counts nowhere, and writes no log.
        if self.auto_ban.banned_ip(context).is_some() {
            return Verdict::Pass;
        }
        self.told.tell(signature, context);
        if self.answer == Answer::Refusal {
            // Whoever counts refusals counts this one.
            let id = signature.id().to_owned();
            return Rejection::new(RejectionKind::Malformed, SUSPICIOUS)
                .violation(ViolationKind::Suspicious)
                .reason_with(move || format!("signature {id}"))
                .into();
        }
        context.attach(Pending::new(&self.auto_ban, context));
        context.attach(Seen::Probe);
        Verdict::Pass
    }

    fn count(&self, context: &SecurityContext) {
        self.auto_ban.report(context, ViolationKind::Suspicious);
        context.attach(Counted);
    }
}

impl Policy for SuspiciousPolicy {
    fn name(&self) -> &'static str {
        "suspicious"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        match self.scanner.find(head.uri.path(), head.uri.query()) {
            Some(signature) => self.seen(signature, context),
            None => Verdict::Pass,
        }
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let Some(seen) = context.attached::<Seen>() else { return };
        if let Some(pending) = context.detach::<Pending>() {
            (*pending).settle();
        }
        let code = answer.extensions.get::<Rejection>().map(Rejection::code);
        // Whoever is refused for good already is not counted on.
        if code.is_some_and(|code| [BANNED.as_str(), BLOCKED].contains(&code.as_str())) {
            return;
        }
        match seen {
            Seen::Probe => self.count(context),
            Seen::Scanner if self.counts_more(answer) => {}
            Seen::Scanner if self.is_nothing_there(context, answer) => self.count(context),
            Seen::Scanner => {}
        }
    }
}
