//! `palisade-server token`: signs a token to try the server with.

use std::time::Duration;

use clap::ArgMatches;
use palisade::core::Clock;
use palisade_authn_jwt::mint::DevIssuer;

use crate::{app::StartError, issuer, life, output, settings::Settings};

/// Runs the subcommand: prints the token and nothing else, so that a script can take it.
///
/// # Errors
///
/// A time that does not parse, a server whose tokens others sign, or an output that nobody reads.
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<(), StartError> {
    let user = arguments.get_one::<String>("user").map(String::as_str).unwrap_or_default();
    let roles: Vec<&str> =
        arguments.get_many::<String>("role").unwrap_or_default().map(String::as_str).collect();
    let time = life::of(arguments, "ttl")?.unwrap_or_default();
    output::once(mint(settings, user, &roles, time)?)
}

/// Signs a token by `JWT_SECRET`, or by the development issuer's secret.
///
/// # Errors
///
/// If tokens are signed by a private key that is not ours to hold.
pub fn mint(
    settings: &Settings,
    user: &str,
    roles: &[&str],
    life: Duration,
) -> Result<String, StartError> {
    let secret = match &settings.jwt_secret {
        Some(secret) => secret.exposed().to_owned(),
        None if settings.issuers.is_empty() => issuer::secret(&settings.data_dir)?,
        None => {
            return Err(
                "tokens are signed by a private key that this server does not have; ask its holder"
                    .into(),
            );
        }
    };
    let issuer = DevIssuer::hs256(secret.as_bytes())?
        .name(settings.jwt_issuer.as_deref().unwrap_or(issuer::ISSUER))
        .audience(settings.jwt_audience.as_deref().unwrap_or(issuer::AUDIENCE));
    Ok(issuer.token(user, roles, life, Clock::system().now().wall())?)
}
