//! What is declared at one shape of path: one route for all methods, or one for each.

use std::sync::Arc;

use http::Method;
use palisade_core::Access;

use crate::{Declared, RegistryError};

/// The declarations of one shape. Never empty once a registry is built.
#[derive(Debug, Default)]
pub(crate) struct Endpoint {
    declared: Vec<Arc<Declared>>,
}

// === impl Endpoint ===

impl Endpoint {
    /// What has this declaration alone.
    pub(crate) fn of(declared: Arc<Declared>) -> Self {
        Self { declared: vec![declared] }
    }

    /// Adds a declaration, unless another one is declared for one of its methods.
    pub(crate) fn add(&mut self, new: Arc<Declared>) -> Result<(), RegistryError> {
        let Some(known) = self.declared.iter().find(|known| known.overlaps(&new)) else {
            self.declared.push(new);
            return Ok(());
        };
        let (what, how) = if known.access() == new.access() {
            ("declaration", String::new())
        } else {
            ("access", format!(" and is {:?}, not {:?}", known.access(), new.access()))
        };
        let expected = format!(
            "one {what} per path and method: `{}` matches the same paths{how}; \
             remove one, or give them other methods (HEAD follows GET)",
            known.pattern()
        );
        let pattern = new.pattern().as_str();
        Err(RegistryError::new("route-conflict", "second declaration", pattern, expected))
    }

    /// The declaration for `method`, and whether it is declared for it. A method nobody declared gets the strictest one:
    /// a router that knows it after all must not be more open than what was declared; nor than what was not.
    pub(crate) fn choose(&self, method: &Method) -> Option<(&Declared, bool)> {
        match self.declared.iter().find(|declared| declared.covers(method)) {
            Some(declared) => Some((&**declared, true)),
            None => self.strictest().map(|declared| (declared, false)),
        }
    }

    /// Who may ask `method` here.
    pub(crate) fn access(&self, method: &Method) -> Access {
        access(self.choose(method))
    }

    /// The declarations whose demands hold for `method`: those for it, or all, where there are none.
    pub(crate) fn asked(&self, method: &Method) -> impl Iterator<Item = &Declared> {
        let is_known = self.declared.iter().any(|declared| declared.covers(method));
        self.all().filter(move |declared| !is_known || declared.covers(method))
    }

    /// All of them: what a method nobody declared is asked for.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Declared> {
        self.declared.iter().map(AsRef::as_ref)
    }

    /// Whether `other` is this shape, or a copy of it: a declaration is of one shape alone.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let is_own =
            |declared: &Arc<Declared>| self.declared.iter().any(|own| own.index == declared.index);
        other.declared.first().is_some_and(is_own)
    }

    pub(crate) fn strictest(&self) -> Option<&Declared> {
        // `rev`, so that of equally strict ones the first declared wins.
        self.declared.iter().rev().max_by_key(|declared| declared.access()).map(AsRef::as_ref)
    }

    /// The methods that are declared, as `Allow` lists them.
    #[cfg(feature = "axum")]
    pub(crate) fn methods(&self) -> Vec<Method> {
        let named = self.declared.iter().filter_map(|declared| declared.methods());
        let mut methods: Vec<Method> = Vec::new();
        for method in named.flatten() {
            let head = (*method == Method::GET).then_some(Method::HEAD);
            for method in [Some(method.clone()), head].into_iter().flatten() {
                if !methods.contains(&method) {
                    methods.push(method);
                }
            }
        }
        methods
    }
}

/// Who may ask what was [chosen](Endpoint::choose), if anything was.
pub(crate) fn access(chosen: Option<(&Declared, bool)>) -> Access {
    match chosen {
        Some((declared, true)) => declared.access(),
        // Nobody said that this method is for anyone.
        Some((declared, false)) => declared.access().max(Access::Protected),
        None => Access::Protected,
    }
}
