//! `palisade-server token`: signs a token to try the server with.

use std::time::Duration;

use clap::ArgMatches;
use palisade::core::Clock;
use palisade_authn_jwt::mint::DevIssuer;

use crate::{app::StartError, issuer, settings::Settings};

/// Runs the subcommand: prints the token and nothing else, so that a script can take it.
///
/// # Errors
///
/// A time that does not parse, or a server whose tokens others sign.
#[expect(clippy::print_stdout, reason = "the token is the output")]
pub fn run(settings: &Settings, arguments: &ArgMatches) -> Result<(), StartError> {
    let user = arguments.get_one::<String>("user").map(String::as_str).unwrap_or_default();
    let roles: Vec<&str> =
        arguments.get_many::<String>("role").unwrap_or_default().map(String::as_str).collect();
    let ttl = arguments.get_one::<String>("ttl").map(String::as_str).unwrap_or_default();
    let life = life(ttl).ok_or_else(|| {
        format!("--ttl `{ttl}`: expected a number and one of s, m, h, d, such as `1h`")
    })?;
    println!("{}", mint(settings, user, &roles, life)?);
    Ok(())
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
    let secret =
        match (&settings.jwt_secret, &settings.keys) {
            (Some(secret), _) => secret.clone(),
            (None, None) => issuer::secret(&settings.data_dir)?,
            (None, Some(_)) => return Err(
                "tokens are signed by a private key that this server does not have; ask its holder"
                    .into(),
            ),
        };
    let issuer = DevIssuer::hs256(secret.as_bytes())?
        .name(settings.jwt_issuer.as_deref().unwrap_or(issuer::ISSUER))
        .audience(settings.jwt_audience.as_deref().unwrap_or(issuer::AUDIENCE));
    Ok(issuer.token(user, roles, life, Clock::system().now().wall())?)
}

/// `90s`, `15m`, `1h`, `7d`.
fn life(text: &str) -> Option<Duration> {
    let number = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let unit = match text.get(number.len()..)? {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number
        .parse::<u64>()
        .ok()?
        .checked_mul(unit)
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
}
