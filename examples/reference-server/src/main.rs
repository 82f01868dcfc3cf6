//! The reference server.

use std::process::ExitCode;

use clap::ArgMatches;
use palisade_server::{
    Settings, api_key, audit_command, audit_headers, check_config, cli, database, grant_admin,
    logs, oracle, serve, settings::Values, token,
};

/// What ends the process with an error: a text for people.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let matches = cli::command().get_matches();
    if let Some(("audit", arguments)) = matches.subcommand() {
        // A log that is not whole and one that could not be read are two things.
        let audited = audit_command::run(&cli::values(arguments, variables()), arguments);
        return audited.unwrap_or_else(|error| {
            complain(&error);
            ExitCode::from(2)
        });
    }
    match run(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let (name, arguments) = matches.subcommand().unwrap_or(("serve", matches));
    let values = || cli::values(arguments, variables());
    match name {
        "oracle" => {
            Ok(oracle::run(arguments.get_one::<String>("kind").map_or("", String::as_str))?)
        }
        "audit-headers" => audit_headers::run(arguments),
        "token" => token::run(&Settings::read(&values())?, arguments),
        "api-key" => api_key::run(&Settings::read(&values())?, arguments),
        "grant-admin" => grant_admin::run(&Settings::read(&values())?, arguments),
        "check-config" => check_config::run(&Settings::read(&values())?),
        "migrate" => migrate(&values()),
        _ => start(&values()),
    }
}

fn migrate(values: &Values) -> Result<(), Failure> {
    let settings = Settings::read(values)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(database::migrate(&settings))
}

fn start(values: &Values) -> Result<(), Failure> {
    let settings = Settings::read(values)?;
    // Dropped last: what is said while the server ends is written too.
    let logs = logs::start(&settings)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(settings, &logs))?;
    Ok(())
}

/// The environment; what is not UTF-8 cannot be a setting of ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

#[expect(clippy::print_stderr, reason = "the one place where a start that failed says why")]
fn complain(error: &Failure) {
    for line in error.to_string().lines() {
        eprintln!("palisade-server: {line}");
    }
}
