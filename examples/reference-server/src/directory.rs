//! Who is a user of this server: those it knows, and, if it was told so, whoever somebody vouches for.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use palisade::{
    core::{Identity, IdentityKind, Moment},
    users::{DirectoryError, Lookup, Revocations, User, UserDirectory, UserId, Users},
};
use palisade_database::Caller;

use crate::{
    demo::Demo,
    elevations::{Elevations, Rights, elevation_of, own_roles},
    issuer,
    settings::{Settings, UnknownUsers},
};

/// The users of this server, in memory: what the settings say, and over it what the database keeps (`users_table`).
#[derive(Clone, Debug)]
pub struct Directory {
    users: Users,
    revocations: Revocations,
    home: Home,
    unknown: UnknownUsers,
    /// Who is an admin for a while.
    elevations: Elevations,
    /// Held by the admin who takes something from somebody.
    turn: Arc<Mutex<()>>,
}

/// Whose subjects name users.
#[derive(Clone, Debug)]
enum Home {
    /// One issuer of any name: the subject alone says who somebody is.
    AnyName,
    /// Issuers with names. An API key names none: its owner is a user of the first.
    Issuers(Vec<Box<str>>),
}

// === impl Directory ===

impl Directory {
    /// Starts with the admins that `settings` name, and with the people of the demo where tokens are its own.
    ///
    /// # Errors
    ///
    /// If there are more than there is room for.
    pub fn seeded(
        settings: &Settings,
        demo: &Demo,
        revocations: &Revocations,
    ) -> Result<Self, DirectoryError> {
        let users = Users::new(revocations.clone());
        let own_name = settings.jwt_issuer.as_deref().unwrap_or(issuer::ISSUER);
        let names: Vec<Option<&str>> = if settings.issuers.is_empty() {
            // Elsewhere anybody may be called alice, and she is an admin here.
            for profile in &demo.profiles {
                users.put(&id(profile.id, Some(own_name)), person(profile.id))?;
            }
            vec![Some(own_name)]
        } else {
            settings.issuers.iter().map(|issuer| issuer.name.as_deref()).collect()
        };
        for name in &names {
            for subject in &settings.admin_users {
                users.put(&id(subject, *name), User::new().role(Identity::ADMIN))?;
            }
        }
        let home = if names.contains(&None) {
            Home::AnyName
        } else {
            Home::Issuers(names.into_iter().flatten().map(Box::from).collect())
        };
        let revocations = revocations.clone();
        let (elevations, turn) = (Elevations::default(), Arc::default());
        Ok(Self { users, revocations, home, unknown: settings.unknown_users, elevations, turn })
    }

    /// The user with this subject, of the first issuer if none is named. None where tokens of that issuer do not count.
    pub fn id(&self, subject: &str, issuer: Option<&str>) -> Option<UserId> {
        let Home::Issuers(names) = &self.home else { return Some(id(subject, None)) };
        let name = match issuer {
            Some(issuer) => names.iter().find(|name| ***name == *issuer)?,
            None => names.first()?,
        };
        Some(id(subject, Some(name)))
    }

    /// The same as his tokens name him: with the issuer's name also where users are kept without it. There it must be said,
    /// since another would be somebody else; empty, if his tokens name none.
    pub fn id_in_tokens(&self, subject: &str, issuer: Option<&str>) -> Option<UserId> {
        match &self.home {
            Home::AnyName => Some(id(subject, Some(issuer?).filter(|name| !name.is_empty()))),
            Home::Issuers(_) => self.id(subject, issuer),
        }
    }

    /// Whether users are kept with the names of their issuers.
    pub fn names_issuers(&self) -> bool {
        matches!(self.home, Home::Issuers(_))
    }

    /// Makes a change if `admin` is still let in as what he is, and lets nobody else make one meanwhile: of two admins who
    /// take each other's role away at once, one is left.
    pub fn in_turn<T>(
        &self,
        admin: &Identity,
        now: Moment,
        change: impl FnOnce(&Self) -> T,
    ) -> Option<T> {
        // Nothing is kept in it, so a poisoned one is as good.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_still(admin, now).then(|| change(self))
    }

    /// Who `who` is in the database: see [`name`].
    pub(crate) fn name_in_database(&self, who: &Identity) -> String {
        self.name_of(&id(who.subject(), who.issuer()))
    }

    /// `who` as the rules of files name him: a key of his is he, whoever vouches for it. What is lent to him for a while counts for none of
    /// them: what he wrote or removed by it would not end with it.
    pub(crate) fn in_rules(&self, who: &Identity) -> Identity {
        match self.id_of(who) {
            Some(id) => named_in_rules(&id, who.kind()).with_roles(own_roles(who)),
            // One of an issuer that is none of ours has no credential that counts.
            None => who.clone(),
        }
    }

    /// Who the user that tokens name so is in the database.
    pub(crate) fn name_of(&self, user: &UserId) -> String {
        // One of an issuer that is none of ours has no credential that counts.
        name(&self.id(user.subject(), user.issuer()).unwrap_or_else(|| user.clone()))
    }

    /// As whom `who` asks the database.
    pub(crate) fn caller(&self, who: &Identity) -> Caller {
        let name = self.name_in_database(who);
        match elevation_of(who) {
            Some(elevation) => Caller::elevated(name, elevation),
            None => Caller::of(who, name),
        }
    }

    /// Who is an admin for a while.
    pub(crate) fn elevations(&self) -> &Elevations {
        &self.elevations
    }

    /// Makes those admins for a while of whom the database says so, and ends the streams of those who are so no more.
    pub(crate) fn take_over_rights(&self, rights: Rights, now: Moment) {
        for id in self.elevations.replace(rights, now) {
            self.end_streams(&id);
        }
    }

    /// Whether somebody with this subject is an admin for good; of whichever issuer, if none is named.
    pub(crate) fn names_an_admin(&self, subject: &str, issuer: Option<&str>) -> bool {
        let is_admin = |id: UserId| {
            let user = self.users.user(&id);
            user.is_some_and(|user| user.roles().any(|role| role == Identity::ADMIN))
        };
        match (&self.home, issuer) {
            (Home::Issuers(names), None) => {
                names.iter().any(|name| is_admin(id(subject, Some(name))))
            }
            _ => self.id(subject, issuer).is_some_and(is_admin),
        }
    }

    /// Whether `who` is the user with this `id`.
    pub fn is(&self, who: &Identity, id: &UserId) -> bool {
        self.id_of(who).as_ref() == Some(id)
    }

    /// The first `most` of those who are known, behind `after`.
    pub fn list(&self, after: Option<&UserId>, most: usize) -> Vec<(UserId, User)> {
        self.users.list(after, most)
    }

    /// How many are known.
    pub fn count(&self) -> usize {
        self.users.count()
    }

    /// Gives a user these roles and no others. Whoever was not known is known from now on.
    ///
    /// # Errors
    ///
    /// If he is new and there is no room.
    pub fn replace_roles(&self, id: &UserId, roles: &[String]) -> Result<User, DirectoryError> {
        let roles = roles.iter().map(String::as_str);
        let user = self.users.update(id, |user| user.with_roles(roles))?;
        self.end_streams(id);
        Ok(user)
    }

    /// Lets a user in no more, whether he is known or not.
    ///
    /// # Errors
    ///
    /// If he is new and there is no room.
    pub fn disable(&self, id: &UserId) -> Result<User, DirectoryError> {
        let user = self.users.update(id, User::disabled)?;
        self.end_streams(id);
        Ok(user)
    }

    /// Lets a user in again, with the roles he had; none if he is not known.
    pub fn enable(&self, id: &UserId) -> Option<User> {
        if !self.users.enable(id) {
            return None;
        }
        self.end_streams(id);
        self.users.user(id)
    }

    /// Makes a user what the database keeps of him. Whether he was something else.
    pub(crate) fn take_over(
        &self,
        (issuer, subject): (Option<String>, String),
        roles: &[String],
        disabled_at: Option<i64>,
    ) -> bool {
        let id = id(&subject, issuer.as_deref());
        let before = self.users.user(&id);
        let user = before.clone().unwrap_or_default().with_roles(roles.iter().map(String::as_str));
        let user = if disabled_at.is_some() { user.disabled() } else { user.enabled() };
        if before.as_ref() == Some(&user) {
            return false;
        }
        if let Err(error) = self.users.put(&id, user) {
            tracing::error!(%error, "a user of the database has no place in memory");
            return false;
        }
        self.end_streams(&id);
        true
    }

    /// What is kept of a user.
    pub fn user(&self, id: &UserId) -> Option<User> {
        self.users.user(id)
    }

    /// Makes a user what he was, after a change that is taken back.
    pub fn restore(&self, id: &UserId, before: Option<User>) {
        match before {
            // There is room: he is known.
            Some(user) => drop(self.users.put(id, user)),
            // No token is that old, so none is taken back with him.
            None => drop(self.users.remove(id, SystemTime::UNIX_EPOCH)),
        }
        self.end_streams(id);
    }

    /// Whether `who` would be let in at `now`, with all the roles he was let in with.
    pub fn is_still(&self, who: &Identity, now: Moment) -> bool {
        match self.find(who, now) {
            Lookup::Known(Ok(Some(user))) if !user.is_disabled() => {
                who.roles().all(|role| user.roles().any(|own| own == role))
            }
            _ => false,
        }
    }

    /// Ends the streams of a user who changed, also those of his API keys, which name him otherwise.
    fn end_streams(&self, id: &UserId) {
        self.revocations.end_streams(|who| self.is(who, id));
    }

    fn id_of(&self, who: &Identity) -> Option<UserId> {
        self.id(who.subject(), who.issuer())
    }

    fn known(&self, who: &Identity, now: Moment) -> Lookup {
        match (&self.home, who.issuer()) {
            (Home::Issuers(_), Some(_)) => self.users.find(who, now),
            _ => Lookup::Known(Ok(self.id_of(who).and_then(|id| self.users.user(&id)))),
        }
    }
}

impl UserDirectory for Directory {
    fn find(&self, who: &Identity, now: Moment) -> Lookup {
        let found = match self.known(who, now) {
            // On the credential's word: nothing else is known of who that is.
            Lookup::Known(Ok(None)) if self.unknown == UnknownUsers::Admit => {
                Lookup::Known(Ok(Some(User::new().with_roles(own_roles(who)))))
            }
            answer => answer,
        };
        // To a person, and never to a program that has his key.
        if self.elevations.is_empty() || who.kind() != IdentityKind::Jwt {
            return found;
        }
        match (found, self.id_of(who)) {
            (Lookup::Known(Ok(Some(user))), Some(id)) => {
                Lookup::Known(Ok(Some(self.elevations.lend(user, &id, now))))
            }
            (found, _) => found,
        }
    }
}

/// A user without his roles, as the rules of files name him.
pub(crate) fn named_in_rules(id: &UserId, kind: IdentityKind) -> Identity {
    let who = Identity::new(id.subject(), kind);
    id.issuer().into_iter().fold(who, Identity::issued_by)
}

fn id(subject: &str, issuer: Option<&str>) -> UserId {
    let id = UserId::new(subject);
    match issuer {
        Some(issuer) => id.issued_by(issuer),
        None => id,
    }
}

/// Who he is in the database: the name of his issuer and his subject, with a `|` between them that neither has.
pub(crate) fn name(id: &UserId) -> String {
    let plain = |part: &str| part.replace('%', "%25").replace('|', "%7C");
    format!("{}|{}", plain(id.issuer().unwrap_or_default()), plain(id.subject()))
}

/// The user with this [`name`].
pub(crate) fn id_named(name: &str) -> UserId {
    let (issuer, subject) = read_name(name);
    id(&subject, issuer.as_deref())
}

/// The issuer, where there is one, and the subject of a [`name`].
pub(crate) fn read_name(name: &str) -> (Option<String>, String) {
    let whole = |part: &str| part.replace("%7C", "|").replace("%25", "%");
    match name.split_once('|') {
        Some(("", subject)) => (None, whole(subject)),
        Some((issuer, subject)) => (Some(whole(issuer)), whole(subject)),
        None => (None, whole(name)),
    }
}

/// A person of the demo. Alice looks after the gate.
fn person(id: &str) -> User {
    if id == "alice" { User::new().role(Identity::ADMIN) } else { User::new() }
}
