//! The proof that whoever asks may do what he asks for with a path, and where that is.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use http::{HeaderName, HeaderValue, Method, header, request};
use palisade::{
    core::{Code, Moment, Realm, Rejection, RejectionKind, SecurityContext, ViolationKind},
    vfs_acl::{Action, Organisation, PathError, Standing, VfsPath},
};
use palisade_database::Organisations as _;

use super::{PREFIX, listing::Listing, membership::Membership};
use crate::{
    app::Shared,
    let_in::LetIn,
    routes::{
        acting,
        answers::{self, invalid},
    },
    vfs::{FilePlace, Question, Who},
};

const AMBIGUOUS: Code = Code::new("ambiguous-path", "The path can be read in more than one way");
/// As the rules say it of what one may not know of.
const NOTHING: Code = Code::new("not-found", "There is no such thing");
/// As it is said of a token that was taken back before.
const REVOKED: Code = Code::new("invalid-token.revoked", "The token was taken back");
const ORGANISATION: HeaderName = HeaderName::from_static("x-org-slug");

/// What was allowed, to whom, and where it is: by the same reading of the path.
pub(super) struct Allowed {
    pub(super) question: Question,
    pub(super) place: FilePlace,
    /// What is to be listed, where that was asked for.
    pub(super) listing: Option<Listing>,
    pub(super) context: SecurityContext,
    pub(super) user_agent: Option<HeaderValue>,
}

// === impl Allowed ===

impl Allowed {
    /// Where the file is; 404 for the mount itself, which is none.
    pub(super) fn file(&self) -> Result<&FilePlace, Rejection> {
        Some(&self.place).filter(|place| !place.inside.is_empty()).ok_or_else(nothing)
    }

    /// Follows whether it is still allowed.
    pub(super) fn standing(&self, shared: &Shared) -> Standing {
        self.question.standing(shared.vfs.acl())
    }

    /// Asks once more, where some time went by: whether who asked would be let in, belongs to his organisation, and be allowed it. By
    /// the same rules it may lie elsewhere now.
    pub(super) async fn still(&self, shared: &Arc<Shared>) -> Result<(), Rejection> {
        let now = shared.clock.now();
        self.client(shared).refusal(now).map_or(Ok(()), |cause| Err(taken_back(cause)))?;
        if let Some(membership) = Membership::of(shared, self) {
            let holds = membership.holds().await.map_err(|error| answers::database(&error))?;
            holds.then_some(()).ok_or_else(nothing)?;
        }
        let place = decide(shared, &self.question)?;
        (place == self.place).then_some(()).ok_or_else(nothing)
    }

    /// Whether who asked would be let in at `now`.
    pub(super) fn is_still_let_in(&self, shared: &Arc<Shared>, now: Moment) -> bool {
        self.client(shared).refusal(now).is_none()
    }

    fn client(&self, shared: &Arc<Shared>) -> LetIn {
        LetIn::new(shared, &self.context)
    }
}

impl FromRequestParts<Arc<Shared>> for Allowed {
    type Rejection = Rejection;

    async fn from_request_parts(
        head: &mut request::Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Rejection> {
        let context =
            <SecurityContext as FromRequestParts<Arc<Shared>>>::from_request_parts(head, shared)
                .await?;
        let listing = listing(head)?;
        let path = path(head)?;
        let action = match &listing {
            Some(_) => Action::List,
            None => Action::of_method(&head.method).ok_or_else(nothing)?,
        };
        let organisation = organisation(head, shared, &context).await?;
        let identity = context.identity().map(|who| shared.directory.in_rules(who));
        let question = Question { who: Who { identity, organisation }, path, action };
        let place = decide(shared, &question)?;
        let user_agent = head.headers.get(header::USER_AGENT).cloned();
        Ok(Self { question, place, listing, context, user_agent })
    }
}

/// Where it is, if it is allowed: by the rules that say where it is, and by those of now.
fn decide(shared: &Shared, question: &Question) -> Result<FilePlace, Rejection> {
    let acl = shared.vfs.acl().current();
    let now = shared.clock.now();
    question.decide(shared.vfs.acl(), now)?;
    let decision = acl.decide(question.who.caller(), &question.path, question.action, now.wall());
    let place = FilePlace::of(&acl, &question.path).filter(|_| decision.is_allowed());
    place.ok_or_else(nothing)
}

/// The path, read once, from what stands in the request. What is decided about is what is opened.
fn path(head: &request::Parts) -> Result<VfsPath, Rejection> {
    let rest = head.uri.path().strip_prefix(PREFIX).ok_or_else(nothing)?;
    VfsPath::parse_encoded(rest).map_err(ambiguous)
}

pub(super) fn ambiguous(error: PathError) -> Rejection {
    let rejection = Rejection::new(RejectionKind::Malformed, AMBIGUOUS).detail(error.to_string());
    if error.fault().is_suspicious() {
        rejection.violation(ViolationKind::Suspicious)
    } else {
        rejection
    }
}

fn listing(head: &request::Parts) -> Result<Option<Listing>, Rejection> {
    let wrong =
        || invalid("The query may hold `glob`, and with it `cursor` and `limit`, once each.");
    let is_reading = matches!(head.method, Method::GET | Method::HEAD);
    match head.uri.query() {
        None | Some("") => Ok(None),
        Some(_) if !is_reading => Err(invalid("There is no query here.")),
        Some(_) => {
            Query::try_from_uri(&head.uri).map(|Query(listing)| Some(listing)).map_err(|_| wrong())
        }
    }
}

/// The organisation that the request names, if whoever asks belongs to it.
async fn organisation(
    head: &mut request::Parts,
    shared: &Arc<Shared>,
    context: &SecurityContext,
) -> Result<Option<Organisation>, Rejection> {
    if context.identity().is_none() || !head.headers.contains_key(ORGANISATION) {
        return Ok(None);
    }
    let asker = acting::Asker::from_request_parts(head, shared).await?;
    let mut act = asker.reading(shared).await?;
    let found = async {
        let id = act.organisation().map(str::to_owned).unwrap_or_default();
        let role = act.own_role(&id).await?;
        act.commit().await?;
        Ok(role.map(|_| Organisation::new(id)))
    };
    found.await.map_err(|error| answers::database(&error))
}

/// 401, whatever it is that changed meanwhile.
fn taken_back(cause: &'static str) -> Rejection {
    Realm::default().invalid_token(REVOKED).reason(cause)
}

/// 404, in the same words for what is not there and for what one may not know of.
pub(super) fn nothing() -> Rejection {
    Rejection::new(RejectionKind::NotFound, NOTHING)
}
