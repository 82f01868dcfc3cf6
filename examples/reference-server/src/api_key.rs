//! `palisade-server api-key`: makes, lists, rotates and revokes API keys, also while the server runs.

use clap::ArgMatches;
use palisade::{
    authn_api_key::{Issued, KeyId, NewKey},
    core::Clock,
};

use crate::{api_key_file, app::StartError, life, output, settings::Settings};

/// Runs the subcommand: prints a new key and nothing else, so that a script can take it; of those there are, a line of JSON
/// each.
///
/// # Errors
///
/// A file that cannot be used, an id that no key has, a time that does not parse, or a new key that nobody can have read.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<(), StartError> {
    let keys = api_key_file::open(settings, &Clock::system())?;
    let (task, arguments) = arguments.subcommand().unwrap_or(("list", arguments));
    match task {
        "create" => {
            let issued = keys.create(order(arguments)?)?;
            shown(&issued)?;
        }
        "rotate" => {
            let (id, overlap) = (id(arguments)?, life::of(arguments, "overlap")?);
            let issued = keys.rotate(id, overlap.unwrap_or_default())?;
            shown(&issued)?;
        }
        "revoke" => {
            let key = keys.disable(id(arguments)?)?;
            output::line(serde_json::to_string(&key)?)?;
        }
        _ => {
            for key in keys.list() {
                output::line(serde_json::to_string(&key)?)?;
            }
        }
    }
    Ok(())
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
