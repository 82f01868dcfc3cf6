//! `palisade-server api-key`: makes, lists, rotates and revokes API keys, also while the server runs.

use clap::ArgMatches;
use palisade::{
    authn_api_key::{Issued, KeyId, NewKey, PlannedKey},
    core::Clock,
};
use palisade_audit::{Action, Actor, ActorKind, Details, Event, Outcome, Target};
use palisade_database::{AuditLog as _, Caller, Database};

use crate::{
    api_key_file,
    api_key_table::{ApiKeyTable, KeptApiKey},
    app::StartError,
    database, life, output,
    settings::Settings,
};

/// Runs the subcommand: prints a new key and nothing else, so that a script can take it; of those there are, a line of JSON
/// each.
///
/// # Errors
///
/// A database that does not answer, an id that no key has, a time that does not parse, or a new key that nobody can have read.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(carry_out(settings, arguments))
}

async fn carry_out(settings: &Settings, arguments: &ArgMatches) -> Result<(), StartError> {
    let clock = Clock::system();
    let database = database::open(settings, &clock).await?;
    api_key_file::take_in(settings, &database).await?;
    let table = ApiKeyTable::new(settings, &database, &clock)?;
    table.refresh().await?;
    let keys = table.keys();
    let (task, arguments) = arguments.subcommand().unwrap_or(("list", arguments));
    match task {
        "create" => {
            let planned = keys.plan_create(order(arguments)?)?;
            shown(&keep(&database, planned, "api-key.create").await?)?;
        }
        "rotate" => {
            let (id, overlap) = (id(arguments)?, life::of(arguments, "overlap")?);
            let planned = keys.plan_rotate(id, overlap.unwrap_or_default())?;
            shown(&keep(&database, planned, "api-key.rotate").await?)?;
        }
        "revoke" => {
            let planned = keys.plan_disable(id(arguments)?)?;
            let key = keep(&database, planned, "api-key.revoke").await?;
            output::line(serde_json::to_string(&key)?)?;
        }
        _ => {
            for key in keys.list() {
                output::line(serde_json::to_string(&key)?)?;
            }
        }
    }
    database.close().await;
    Ok(())
}

/// Keeps it, with a record of who did it: whoever has this machine's command line.
async fn keep<T>(
    database: &Database,
    planned: PlannedKey<T>,
    action: &'static str,
) -> Result<T, StartError> {
    let record = planned.record();
    let mut act = database.act_as(Caller::service()).await?;
    let key = Target::new("api-key", record.id().as_str());
    let by = Actor::new(ActorKind::Operator);
    let owner = Details::new().text("owner", &record.key().owner);
    let event = Event::new(Action::new(action), by, Outcome::Done).target(key).details(owner);
    act.record(event).await?;
    KeptApiKey::new(record).keep(&mut act).await?;
    act.commit().await?;
    Ok(planned.put_in_force()?.settle())
}

/// Prints a new secret. What nobody has seen cannot be shown again.
fn shown(issued: &Issued) -> Result<(), StartError> {
    output::once(issued.text.expose()).map_err(|error| {
        let id = issued.key.id;
        format!("{error}; nobody has seen the secret of the key `{id}`: rotate or revoke it").into()
    })
}

fn order(arguments: &ArgMatches) -> Result<NewKey, StartError> {
    let text =
        |name: &str| arguments.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let all = |name: &str| arguments.get_many::<String>(name).unwrap_or_default().cloned();
    let order = NewKey::owned_by(text("owner")).name(text("name"));
    let order = all("role").fold(order, NewKey::role);
    let order = all("scope").fold(order, NewKey::scope);
    let order = match arguments.get_one::<String>("plan") {
        Some(plan) => order.plan(plan.as_str()),
        None => order,
    };
    Ok(match life::of(arguments, "ttl")? {
        Some(time) => order.lasting(time),
        None => order,
    })
}

fn id(arguments: &ArgMatches) -> Result<KeyId, StartError> {
    Ok(arguments.get_one::<String>("id").map(String::as_str).unwrap_or_default().parse()?)
}
