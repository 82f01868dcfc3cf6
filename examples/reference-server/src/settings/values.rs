//! What was said, before anyone judges it: flags first, then the environment, then the defaults.

use std::{collections::BTreeMap, fmt};

use super::{
    mistake::Mistake,
    names::{Setting, settings},
};

/// The values that were given, by the setting's name.
#[derive(Clone, Default)]
pub struct Values {
    given: BTreeMap<String, String>,
}

impl Values {
    /// Takes `variables` (the environment) and what `flags` say instead.
    pub fn new(
        variables: impl IntoIterator<Item = (String, String)>,
        flags: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let known = |name: &str| settings().any(|setting| setting.name == name);
        let ours = |(name, _): &(String, String)| known(name) || name.starts_with("PALISADE_");
        Self { given: variables.into_iter().filter(ours).chain(flags).collect() }
    }

    /// The value of a setting: what was given and is not blank, else the default.
    pub fn of(&self, setting: &Setting) -> Option<&str> {
        self.given(setting).or(Some(setting.default).filter(|default| !default.is_empty()))
    }

    /// What was given and is not blank.
    pub(super) fn given(&self, setting: &Setting) -> Option<&str> {
        let given = self.given.get(setting.name).map(|value| value.trim());
        given.filter(|value| !value.is_empty())
    }

    /// Names that mean nothing here.
    pub fn mistaken_names(&self) -> Vec<Mistake> {
        let of_name = |name: &String| {
            if name.starts_with("PALISADE_") {
                Some(Mistake::new(
                    name,
                    "",
                    "no setting starts with PALISADE_; `palisade-server --help` lists them all",
                ))
            } else {
                None
            }
        };
        self.given
            .iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .filter_map(|(name, _)| of_name(name))
            .collect()
    }
}

/// Shows names alone: a value may be a secret, or an address with one in it.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.given.keys()).finish()
    }
}
