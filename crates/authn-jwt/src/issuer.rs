//! Whom we trust to say who someone is, and what a token of theirs must say.

use std::sync::Arc;

use arc_swap::ArcSwap;
use palisade_core::{ConfigError, Identity, IdentityKind};

#[cfg(feature = "remote")]
use crate::algorithm::Family;
#[cfg(feature = "remote")]
use crate::remote::{Remote, RemoteKeys, RemoteUser, Source};
use crate::{
    Keys, RoleClaims, TokenError,
    compact::{self, Compact},
    json::{Json, Object},
    key::Key,
    role_claims,
};

/// The longest subject: it becomes a key of limits, bans and lists.
const LONGEST_SUBJECT: usize = 1024;
/// Claims that only other kinds of token have (`OpenID` Connect Core section 3.1.3.6, RFC 8417): an ID token tells a
/// client who signed in and gives access to nothing.
const OTHER_TOKENS_CLAIMS: [&str; 4] = ["at_hash", "c_hash", "s_hash", "events"];

/// Someone we trust to say who someone is: a name, keys, and what a token must say.
///
/// An audience must be named, or waived in words: [`Verifier`](crate::Verifier) does not build without one.
#[derive(Clone, Debug)]
#[must_use = "an issuer does nothing until a verifier is made of it"]
pub struct Issuer {
    name: Option<Box<str>>,
    keys: Keys,
    #[cfg(feature = "remote")]
    source: Option<Source>,
    audience: Audience,
    types: Types,
    roles: RoleClaims,
    standing: Vec<Standing>,
}

/// A role that a subject has whatever its token says.
#[derive(Clone, Debug)]
struct Standing {
    subject: Box<str>,
    role: Box<str>,
}

/// Whom a token must be meant for.
#[derive(Clone, Debug)]
enum Audience {
    /// Nothing was said: a mistake.
    Unsaid,
    OneOf(Vec<Box<str>>),
    Any,
}

/// What `typ` must be.
#[derive(Clone, Debug)]
enum Types {
    /// Absent, `JWT` or `at+jwt`.
    Usual,
    /// This one alone, in lower case.
    Only(Box<str>),
}

/// An issuer as a verifier keeps it.
#[derive(Debug)]
pub(crate) struct Trusted {
    name: Option<Box<str>>,
    keys: ArcSwap<Keys>,
    may_be_empty: bool,
    #[cfg(feature = "remote")]
    remote: Option<Remote>,
    audience: Audience,
    types: Types,
    roles: RoleClaims,
    standing: Vec<Standing>,
}

// === impl Issuer ===

impl Issuer {
    /// Trusts the issuer whose tokens say exactly `name` in `iss`, and which holds `keys`.
    pub fn new(name: impl Into<Box<str>>, keys: Keys) -> Self {
        Self { name: Some(name.into()), ..Self::any_name(keys) }
    }

    /// Trusts whoever holds `keys`, whatever `iss` says. It must be a verifier's only issuer.
    pub fn any_name(keys: Keys) -> Self {
        Self {
            name: None,
            keys,
            #[cfg(feature = "remote")]
            source: None,
            audience: Audience::Unsaid,
            types: Types::Usual,
            roles: RoleClaims::default(),
            standing: Vec::new(),
        }
    }

    /// Fetches keys, to stand beside those at hand. There may be none at hand: [`Keys::default`]. Nothing is fetched before
    /// [`Verifier::fetch_keys`](crate::Verifier::fetch_keys).
    #[cfg(feature = "remote")]
    pub fn remote_keys(mut self, keys: RemoteKeys) -> Self {
        self.source = Some(Source::Keys(keys));
        self
    }

    /// Asks the issuer about tokens whose key is not at hand; there may be none at hand: [`Keys::default`]. Policies ask, and
    /// what they hear is remembered; [`Verifier::verify`](crate::Verifier::verify), which asks nobody, says
    /// [`TokenError::AuthUnavailable`].
    #[cfg(feature = "remote")]
    pub fn remote_user(mut self, user: RemoteUser) -> Self {
        self.source = Some(Source::User(user));
        self
    }

    /// Accepts tokens meant for `audience`; called again, for one of them.
    pub fn audience(mut self, audience: impl Into<Box<str>>) -> Self {
        let mut known = match self.audience {
            Audience::OneOf(known) => known,
            Audience::Unsaid | Audience::Any => Vec::new(),
        };
        known.push(audience.into());
        self.audience = Audience::OneOf(known);
        self
    }

    /// Accepts tokens meant for anyone, also those that do not say. Right where the issuer serves this service alone;
    /// else a token that another service was given opens this one (RFC 8725 section 3.9).
    pub fn accept_any_audience(mut self) -> Self {
        self.audience = Audience::Any;
        self
    }

    /// Accepts tokens of this `typ` alone, such as `at+jwt` (RFC 9068). Default: absent, `JWT` or `at+jwt`.
    pub fn require_type(mut self, typ: &str) -> Self {
        self.types = Types::Only(compact::media_type(typ));
        self
    }

    /// Reads roles from these claims.
    pub fn roles(mut self, claims: RoleClaims) -> Self {
        self.roles = claims;
        self
    }

    /// Gives `subject` a role whatever its token says, such as the first admin of a service that has none yet. The
    /// subject is compared byte for byte.
    pub fn grant(mut self, subject: impl Into<Box<str>>, role: impl Into<Box<str>>) -> Self {
        self.standing.push(Standing { subject: subject.into(), role: role.into() });
        self
    }

    /// Checks what can only be checked once all is said.
    pub(crate) fn into_trusted(self) -> Result<Trusted, ConfigError> {
        let Self {
            name,
            keys,
            #[cfg(feature = "remote")]
            source,
            audience,
            types,
            roles,
            standing,
        } = self;
        let shown = name.as_deref().unwrap_or("any name").to_owned();
        let mistake =
            |what, expected: &str| Err(ConfigError::new(what, shown.as_str()).expected(expected));
        if name.as_deref().is_some_and(str::is_empty) {
            return mistake("name of an issuer", "what its tokens say in `iss`");
        }
        #[cfg(feature = "remote")]
        let remote = source.map(|source| source.open(name.as_deref(), &keys)).transpose()?;
        #[cfg(feature = "remote")]
        let may_be_empty = remote.is_some();
        #[cfg(not(feature = "remote"))]
        let may_be_empty = false;
        if keys.is_empty() && !may_be_empty {
            return mistake("issuer", "at least one key");
        }
        match &audience {
            Audience::Unsaid => {
                return mistake("issuer", "an audience, or word that any audience is accepted");
            }
            Audience::OneOf(audiences) if audiences.iter().any(|audience| audience.is_empty()) => {
                return mistake("issuer", "audiences that are not empty");
            }
            _ => {}
        }
        if matches!(&types, Types::Only(typ) if typ.is_empty()) {
            return mistake("issuer", "a type that is not empty");
        }
        Ok(Trusted {
            name,
            keys: ArcSwap::from_pointee(keys),
            may_be_empty,
            #[cfg(feature = "remote")]
            remote,
            audience,
            types,
            roles,
            standing,
        })
    }
}

// === impl Trusted ===

impl Trusted {
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether there may be no key at hand: others are fetched, or the issuer is asked.
    pub(crate) fn may_be_empty(&self) -> bool {
        self.may_be_empty
    }

    /// Replaces the keys at hand. Those that were fetched stay beside them.
    pub(crate) fn replace_keys(&self, keys: Keys) {
        #[cfg(feature = "remote")]
        if let Some(Remote::Keys(remote)) = &self.remote {
            remote.replace_local(keys, |all| self.put_keys(all));
            return;
        }
        self.put_keys(keys);
    }

    /// Puts these keys in force, and no others.
    pub(crate) fn put_keys(&self, keys: Keys) {
        self.keys.store(Arc::new(keys));
    }

    /// Who is asked when the keys at hand do not decide.
    #[cfg(feature = "remote")]
    pub(crate) fn remote(&self) -> Option<&Remote> {
        self.remote.as_ref()
    }

    /// Whether a key for `token` is at hand.
    #[cfg(feature = "remote")]
    pub(crate) fn has_key_for(&self, token: &Compact<'_>) -> bool {
        self.keys().find(token.kid.as_deref(), token.algorithm).is_some()
    }

    /// Whether the key that answers for `token` is not the one that it names, which may be published yet. No secret ever is.
    #[cfg(feature = "remote")]
    pub(crate) fn has_stand_in_for(&self, token: &Compact<'_>) -> bool {
        token.algorithm.family() != Family::Hmac && !self.keys().has_named(token.kid.as_deref())
    }

    /// Checks that the key that `token` names is at hand, and is one for its algorithm.
    pub(crate) fn check_key(&self, token: &Compact<'_>) -> Result<(), TokenError> {
        self.with_key(token, Key::check_algorithm)
    }

    /// Checks that `token` is signed with a key that is at hand.
    pub(crate) fn check_signature(&self, token: &Compact<'_>) -> Result<(), TokenError> {
        self.with_key(token, Key::check)
    }

    fn with_key(
        &self,
        token: &Compact<'_>,
        check: impl FnOnce(&Key, &Compact<'_>) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        if let Some(key) = self.keys().find(token.kid.as_deref(), token.algorithm) {
            return check(key, token);
        }
        #[cfg(feature = "remote")]
        if let Some(remote) = &self.remote {
            return Err(remote.missing_key());
        }
        Err(TokenError::UnknownKey)
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    pub(crate) fn check_type(&self, typ: Option<&str>) -> Result<(), TokenError> {
        let is_accepted = match &self.types {
            Types::Usual => matches!(typ, None | Some("jwt" | "at+jwt")),
            Types::Only(only) => typ == Some(only),
        };
        if is_accepted { Ok(()) } else { Err(TokenError::Type) }
    }

    /// Checks the claims that say who, from whom and for whom, and names the identity.
    pub(crate) fn identify(&self, claims: &Object<'_>) -> Result<Identity, TokenError> {
        let (issuer, subject) = self.check_claims(claims)?;
        let identity = Identity::new(subject, IdentityKind::Jwt);
        let identity = match issuer {
            Some(issuer) => identity.issued_by(issuer),
            None => identity,
        };
        let mut identity = self.roles.grant(claims, identity);
        for Standing { subject: known, role } in &self.standing {
            if **known == *subject && !identity.has_role(role) {
                identity = identity.role(role.clone());
            }
        }
        Ok(role_claims::grant_scopes_and_plan(claims, identity))
    }

    /// Checks the claims that say who, from whom and for whom. Returns from whom, if they say so, and who.
    pub(crate) fn check_claims<'a>(
        &self,
        claims: &'a Object<'_>,
    ) -> Result<(Option<&'a str>, &'a str), TokenError> {
        let issuer = match claims.get("iss") {
            None => None,
            Some(Json::Text(issuer)) => Some(&**issuer),
            Some(_) => return Err(TokenError::Malformed),
        };
        if self.name().is_some_and(|name| issuer != Some(name)) {
            return Err(TokenError::Issuer);
        }
        self.check_audience(claims.get("aud"))?;
        if OTHER_TOKENS_CLAIMS.iter().any(|name| claims.has(name)) {
            return Err(TokenError::Type);
        }
        let subject = claims.get("sub").and_then(Json::as_str).ok_or(TokenError::Subject)?;
        let is_name = !subject.trim().is_empty() && !subject.chars().any(char::is_control);
        if !is_name || subject.len() > LONGEST_SUBJECT {
            return Err(TokenError::Subject);
        }
        Ok((issuer, subject))
    }

    /// A missing `aud` is not for us either, once audiences are named.
    fn check_audience(&self, claim: Option<&Json<'_>>) -> Result<(), TokenError> {
        let ours = match &self.audience {
            Audience::Any => return Ok(()),
            Audience::OneOf(ours) => ours.as_slice(),
            Audience::Unsaid => &[],
        };
        let is_ours = |audience: &str| ours.iter().any(|own| **own == *audience);
        let is_meant = claim.is_some_and(|claim| claim.strings().any(is_ours));
        if is_meant { Ok(()) } else { Err(TokenError::Audience) }
    }
}
