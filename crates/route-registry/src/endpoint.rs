//! What is declared at one shape of path: one route for all methods, or one for each.

use std::sync::Arc;

use http::Method;
use palisade_core::ConfigError;

use crate::Declared;

/// The declarations of one shape. Never empty once a registry is built.
#[derive(Debug, Default)]
pub(crate) struct Endpoint {
    declared: Vec<Arc<Declared>>,
}

// === impl Endpoint ===

impl Endpoint {
    /// Adds a declaration, unless another one is declared for one of its methods.
    pub(crate) fn add(&mut self, new: Arc<Declared>) -> Result<(), ConfigError> {
        let Some(known) = self.declared.iter().find(|known| known.overlaps(&new)) else {
            self.declared.push(new);
            return Ok(());
        };
        let expected = if known.access() == new.access() {
            format!(
                "one declaration per path and method: `{}` matches the same paths",
                known.pattern()
            )
        } else {
            format!(
                "one access per path and method: `{}` matches the same paths and is {:?}, not {:?}",
                known.pattern(),
                known.access(),
                new.access()
            )
        };
        Err(ConfigError::new("second declaration", new.pattern().as_str()).expected(expected))
    }

    /// The declaration for `method`, and whether it is declared for it. A method nobody declared gets the strictest one:
    /// a router that knows it after all must not be more open than what was declared.
    pub(crate) fn choose(&self, method: &Method) -> Option<(&Declared, bool)> {
        match self.declared.iter().find(|declared| declared.covers(method)) {
            Some(declared) => Some((&**declared, true)),
            None => self.strictest().map(|declared| (declared, false)),
        }
    }

    pub(crate) fn strictest(&self) -> Option<&Declared> {
        // `rev`, so that of equally strict ones the first declared wins.
        self.declared.iter().rev().max_by_key(|declared| declared.access()).map(AsRef::as_ref)
    }

    /// The methods that are declared, as `Allow` lists them.
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
