//! A transaction of whoever asks, narrowed to the organisation that he names.

use axum::extract::FromRequestParts;
use http::{HeaderName, request};
use palisade::core::{Code, Rejection, RejectionKind};
use palisade_audit::Person;
use palisade_database::{Act, AuditLog as _, DatabaseError, Organisations as _};

use super::{admin_action::Admin, answers};
use crate::{
    app::Shared,
    audit::{AdminAction, AuditOutcome},
    audit_table,
};

const ORGANISATION: HeaderName = HeaderName::from_static("x-org-slug");
const TWO: Code =
    Code::new("ambiguous-organisation", "The request names more than one organisation");

/// Whoever asks, and for which organisation.
pub(super) struct Asker {
    who: Admin,
    organisation: Option<Box<str>>,
}

// === impl Asker ===

impl Asker {
    pub(super) fn does(&self, action: &'static str) -> AdminAction {
        let action = self.who.does(action);
        self.organisation
            .iter()
            .fold(action, |action, slug| action.detail(format_args!("in {slug}")))
    }

    /// Who it is, without the organisation.
    pub(super) fn who(&self) -> &Admin {
        &self.who
    }

    /// Begins to read. It is committed, too: an admin who reads where he does not belong is recorded.
    pub(super) async fn reading(&self, shared: &Shared) -> Result<Act, Rejection> {
        let caller = shared.directory.caller(self.who.identity());
        let is_recorded = caller.is_admin() && self.organisation.is_some();
        let begun = if is_recorded {
            shared.database.act_as(caller).await
        } else {
            shared.database.read_as(caller).await
        };
        self.entered(shared, begun).await
    }

    /// Begins to write.
    pub(super) async fn writing(&self, shared: &Shared) -> Result<Act, Rejection> {
        let begun = shared.database.act_as(shared.directory.caller(self.who.identity())).await;
        self.entered(shared, begun).await
    }

    async fn entered(
        &self,
        shared: &Shared,
        begun: Result<Act, DatabaseError>,
    ) -> Result<Act, Rejection> {
        let entered = self.narrowed(begun).await;
        if let (Err(DatabaseError::NotFound), Some(slug)) = (&entered, &self.organisation) {
            self.refused(shared, slug).await.map_err(|error| answers::database(&error))?;
        }
        entered.map_err(|error| answers::database(&error))
    }

    /// Records that somebody asked for an organisation that is not his, or is nobody's: here they are not told apart either.
    async fn refused(&self, shared: &Shared, slug: &str) -> Result<(), DatabaseError> {
        let action = self.who.does("organisation.entered").target(slug);
        let outcome = AuditOutcome::Refused(answers::NOT_FOUND);
        let mut act = shared.database.act_as(shared.directory.caller(self.who.identity())).await?;
        act.record(audit_table::event(&action, outcome)).await?;
        act.commit().await
    }

    async fn narrowed(&self, begun: Result<Act, DatabaseError>) -> Result<Act, DatabaseError> {
        let mut act = begun?;
        let Some(slug) = &self.organisation else { return Ok(act) };
        act.narrow(slug).await?;
        let entered = act.organisation().map(str::to_owned);
        if let Some(id) = entered.filter(|_| act.caller().is_admin())
            && act.own_role(&id).await?.is_none()
        {
            let action = self.who.does("organisation.entered").target(slug);
            let event = audit_table::event(&action, AuditOutcome::Done);
            let in_its_name = Person::new(slug).issued_by("organisation");
            act.record(event.on_behalf_of(in_its_name)).await?;
        }
        Ok(act)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut request::Parts, state: &S) -> Result<Self, Rejection> {
        let who = Admin::from_request_parts(head, state).await?;
        let mut slugs = head.headers.get_all(ORGANISATION).iter();
        let organisation = match (slugs.next(), slugs.next()) {
            (None, _) => None,
            // What is no text is nobody's slug, and answered as one that is not there.
            (Some(slug), None) => Some(slug.to_str().unwrap_or_default().into()),
            (Some(_), Some(_)) => return Err(Rejection::new(RejectionKind::Malformed, TWO)),
        };
        Ok(Self { who, organisation })
    }
}

/// Records what was done in the transaction that did it, and keeps both.
pub(super) async fn keep(act: Act, action: &AdminAction) -> Result<(), Rejection> {
    let kept = async {
        let mut act = act;
        act.record(audit_table::event(action, AuditOutcome::Done)).await?;
        act.commit().await
    };
    kept.await.map_err(|error| answers::database(&error))
}
