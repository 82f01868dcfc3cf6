//! What the policy leaves for the dispatch: which handler it decided about.

use http::HeaderValue;
use palisade_core::SecurityContext;

use crate::{Match, Registry};

/// Which handler of which registry the policy decided about. The dispatch calls this one and never looks for itself, so
/// the two cannot disagree.
#[derive(Clone, Debug)]
pub(crate) struct Matched {
    registry: Registry,
    place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The handler with this index.
    Handler(usize),
    /// A pattern matches; these methods are declared there, and not the one of the request.
    OtherMethods(HeaderValue),
    /// No pattern matches.
    Unmatched,
}

// === impl Matched ===

impl Matched {
    /// Leaves it in `context`, if the registry is one that dispatches.
    pub(crate) fn leave(registry: &Registry, found: &Match<'_, '_>, context: &SecurityContext) {
        if registry.dispatches() {
            let (registry, place) = (registry.clone(), Place::of(found));
            context.attach(Self { registry, place });
        }
    }

    /// Leaves that no pattern matches, which is what becomes of a refused path where refusals are only reported.
    pub(crate) fn leave_nothing(registry: &Registry, context: &SecurityContext) {
        if registry.dispatches() {
            context.attach(Self { registry: registry.clone(), place: Place::Unmatched });
        }
    }

    /// The place, if a policy with this very registry ran.
    pub(crate) fn take(registry: &Registry, context: Option<&SecurityContext>) -> Option<Place> {
        let matched = context?.attached::<Self>()?;
        matched.registry.is(registry).then_some(matched.place)
    }
}

// === impl Place ===

impl Place {
    fn of(found: &Match<'_, '_>) -> Self {
        let Some(endpoint) = found.endpoint else { return Self::Unmatched };
        if let Some(declared) = found.declared_for_method() {
            return Self::Handler(declared.index);
        }
        let methods = endpoint.methods();
        let names: Vec<&str> = methods.iter().map(AsRef::as_ref).collect();
        // A method is a token, so this is always a header's value; an empty one says the same without names.
        let allow = HeaderValue::try_from(names.join(", "));
        Self::OtherMethods(allow.unwrap_or(HeaderValue::from_static("")))
    }
}
