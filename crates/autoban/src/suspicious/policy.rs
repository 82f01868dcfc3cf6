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
/// not hurt; nor is who proved who he is, by a registered route that answers him 404.
///
/// What another site makes a browser send (`Sec-Fetch-Site: cross-site`) counts nothing, or any page could have its readers
/// banned: a probe is refused with 400 `suspicious-request`, and a scanner's path is answered as usual. A scanner may say the
/// same of itself; of it the limits remain.
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
            // A route that says 404 to who proved who he is means one of its things, whatever that is called.
            StatusCode::NOT_FOUND => {
                unmatched() || context.route().is_none() || context.identity().is_none()
            }
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
            return refusal(signature).violation(ViolationKind::Suspicious).into();
        }
        context.attach(Pending::new(&self.auto_ban, context));
        context.attach(Seen::Probe);
        Verdict::Pass
    }

    /// A page that somebody reads must not have him banned by what it embeds. Who only says that it was one gains nothing by
    /// it: the probe reaches no handler.
    fn seen_of_a_victim(&self, signature: &Signature, context: &SecurityContext) -> Verdict {
        if !signature.kind().is_probe() || self.auto_ban.banned_ip(context).is_some() {
            return Verdict::Pass;
        }
        self.told.tell(signature, context);
        refusal(signature).into()
    }

    fn count(&self, context: &SecurityContext) {
        self.auto_ban.report(context, ViolationKind::Suspicious);
        context.attach(Counted);
    }
}

fn refusal(signature: &Signature) -> Rejection {
    let id = signature.id().to_owned();
    Rejection::new(RejectionKind::Malformed, SUSPICIOUS)
        .reason_with(move || format!("signature {id}"))
}

/// Whether the browser says so (Fetch Metadata section 2.3); no page can make it say anything else.
fn is_sent_by_another_site(head: &request::Parts) -> bool {
    head.headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site")
}

impl Policy for SuspiciousPolicy {
    fn name(&self) -> &'static str {
        "suspicious"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        match self.scanner.find(head.uri.path(), head.uri.query()) {
            Some(signature) if is_sent_by_another_site(head) => {
                self.seen_of_a_victim(signature, context)
            }
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
