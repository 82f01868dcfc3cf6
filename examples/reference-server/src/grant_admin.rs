//! `palisade-server grant-admin`: makes a user an admin where nobody who is one is left to do it.

use clap::{Arg, ArgMatches, Command};
use palisade::{
    core::Identity,
    users::{Revocations, User, UserId},
};
use palisade_audit::{Action, Actor, ActorKind, Details, Event, Outcome, Target};
use palisade_database::{AuditLog as _, Caller, Database, DatabaseError, Users as _};

use crate::{
    app::StartError,
    database,
    demo::Demo,
    directory::{self, Directory},
    output,
    settings::Settings,
};

/// The subcommand and its arguments.
pub(crate) fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("grant-admin")
        .about("Makes a user an admin, and lets him in, where nobody is left who could; it is recorded, and a server that runs obeys within a second")
        .arg(option("user", "ID", "The user's id, as his tokens name it").required(true))
        .arg(option("issuer", "ISS", "Who vouches for him; the first issuer, if nothing is said"))
}

/// Runs the subcommand: prints what the user may from now on.
///
/// # Errors
///
/// A database that is not there or cannot be written, and a user whom no issuer of the settings vouches for.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<(), StartError> {
    let text = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let directory = Directory::seeded(settings, &Demo::seeded(), &Revocations::new())?;
    let subject = text("user").filter(|subject| !subject.trim().is_empty());
    let id = subject.and_then(|subject| directory.id(subject, text("issuer")));
    let id = id.ok_or("`--user` and `--issuer` are `sub` and `iss` of tokens that count here")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let roles = runtime.block_on(async {
        let database = database::open_as_it_is(settings).await?;
        let granted = grant(&database, &id, directory.user(&id)).await;
        database.close().await;
        granted.map_err(StartError::from)
    })?;
    output::line(format_args!("{} is let in, with the roles {}", id.subject(), roles.join(", ")))
}

/// Gives a user the role beside those that he has, in the database or else by the settings.
async fn grant(
    database: &Database,
    id: &UserId,
    set: Option<User>,
) -> Result<Vec<String>, DatabaseError> {
    let name = directory::name(id);
    let mut act = database.act_as(Caller::service()).await?;
    let kept = act.user(&name).await?.map(|row| row.roles);
    let by_settings = || set.iter().flat_map(User::roles).map(str::to_owned).collect();
    let mut roles: Vec<String> = kept.unwrap_or_else(by_settings);
    if !roles.iter().any(|role| role == Identity::ADMIN) {
        roles.push(Identity::ADMIN.to_owned());
    }
    act.record(granted(id, &roles)).await?;
    act.know_user(&name).await?;
    act.replace_roles(&name, &roles).await?;
    act.enable_user(&name).await?;
    act.commit().await?;
    Ok(roles)
}

/// By whoever is on the machine: the command line knows no more of him.
fn granted(id: &UserId, roles: &[String]) -> Event {
    let operator = Actor::new(ActorKind::Operator);
    let event = Event::new(Action::new("user.granted-admin"), operator, Outcome::Done);
    let event = event.target(Target::new("user", id.subject()));
    event.details(Details::new().list("roles", roles))
}
