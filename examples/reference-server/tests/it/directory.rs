//! Whose name is whose, where several issuers name users.

use palisade::{
    core::{Clock, Identity, IdentityKind},
    users::{Revocations, UserId},
};
use palisade_server::{Settings, demo::Demo, directory::Directory, settings::Values};

const SECRET: (&str, &str) = ("JWT_SECRET", "a test secret of thirty-two bytes or more");
const FIRST: &str = "https://id.example";

fn directory(settings: &[(&str, &str)]) -> Directory {
    let owned = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings::read(&Values::new(owned, [])).unwrap();
    Directory::seeded(&settings, &Demo::seeded(), &Revocations::new()).unwrap()
}

#[test]
fn j16_a_user_of_the_second_issuer_is_not_the_one_of_the_first_who_has_his_name() {
    let project = ("SUPABASE_URL", "https://project.supabase.co");
    let directory = directory(&[SECRET, ("JWT_ISSUER", FIRST), project]);
    let own = directory.id("carol", None).unwrap();
    assert_eq!(own, UserId::new("carol").issued_by(FIRST));
    let carol = |issuer: &str| Identity::new("carol", IdentityKind::Jwt).issued_by(issuer);
    assert!(directory.is(&carol(FIRST), &own));
    assert!(!directory.is(&carol("https://project.supabase.co/auth/v1"), &own));
    let key = Identity::new("carol", IdentityKind::ApiKey);
    assert!(directory.is(&key, &own), "a key names no issuer: its owner is a user of the first");
}

#[test]
fn j14_where_any_issuer_counts_tokens_are_taken_back_by_the_name_they_say_or_by_none() {
    let directory = directory(&[SECRET]);
    let id = |issuer| directory.id_in_tokens("carol", issuer);
    assert_eq!(id(None), None, "it would take nothing back, and nobody would know");
    assert_eq!(id(Some("")), Some(UserId::new("carol")));
    assert_eq!(id(Some(FIRST)), Some(UserId::new("carol").issued_by(FIRST)));
}

#[test]
fn of_two_admins_who_take_each_others_role_away_at_once_one_is_left() {
    let directory = directory(&[SECRET, ("JWT_ISSUER", FIRST), ("ADMIN_USERS", "carol,dave")]);
    let now = Clock::system().now();
    let admin = |subject: &str| {
        Identity::new(subject, IdentityKind::Jwt).issued_by(FIRST).role(Identity::ADMIN)
    };
    let disable = |by: &str, whom: &str| {
        let whom = directory.id(whom, None).unwrap();
        directory.in_turn(&admin(by), now, |directory| directory.disable(&whom).unwrap())
    };
    // Both were let in before either changed anything.
    assert!(disable("carol", "dave").is_some_and(|dave| dave.is_disabled()));
    assert!(disable("dave", "carol").is_none());
    assert!(directory.is_still(&admin("carol"), now));
}
