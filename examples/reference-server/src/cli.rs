//! What can be said on the command line.

use clap::{Arg, ArgMatches, Command};

use crate::{
    audit_command, audit_headers, grant_admin,
    settings::{self, Values},
};

const ORACLE_EXAMPLE: &str = "For example:\n  echo '{\"headers\": [[\"x-frame-options\", \"DENY\"]], \"https\": true}' | palisade-server oracle headers";

/// The command with its subcommands and a flag for every setting.
pub fn command() -> Command {
    let token = Command::new("token")
        .about("Prints a token of the development issuer, or one signed with JWT_SECRET")
        .arg(
            Arg::new("user")
                .long("user")
                .value_name("ID")
                .required(true)
                .help("The user's id, such as `alice`"),
        )
        .arg(
            Arg::new("role")
                .long("role")
                .value_name("ROLE")
                .action(clap::ArgAction::Append)
                .help("A role such as `admin`, or several; of users the server knows, their own"),
        )
        .arg(
            Arg::new("ttl")
                .long("ttl")
                .value_name("TIME")
                .default_value("1h")
                .help("How long it is valid: `90s`, `15m`, `1h`, `7d`"),
        );
    let oracle = Command::new("oracle")
        .about("Answers pure decisions: reads JSON lines, writes one JSON line for each")
        .after_help(ORACLE_EXAMPLE)
        .arg(
            Arg::new("kind")
                .required(true)
                .value_parser(["client-ip", "headers", "jws", "route", "path"])
                .help("The decision to ask for"),
        );
    settings::command(
        Command::new("palisade-server")
            .about("Runs the documented security stack in front of demo content")
            .version(env!("CARGO_PKG_VERSION"))
            .after_help("With nothing set it serves http://127.0.0.1:3000 and prints two tokens to try it with.")
            .subcommand(Command::new("serve").about("Runs the server (the default)"))
            .subcommand(token)
            .subcommand(api_key())
            .subcommand(audit_command::command())
            .subcommand(grant_admin::command())
            .subcommand(Command::new("migrate").about("Brings the tables of the database up to date, by DATABASE_MIGRATE_URL where it is PostgreSQL"))
            .subcommand(Command::new("check-config").about("Says what is wrong with the settings, without starting"))
            .subcommand(settings::without_settings(oracle))
            .subcommand(settings::without_settings(audit_headers::command())),
    )
}

fn api_key() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let several = |arg: Arg| arg.action(clap::ArgAction::Append);
    let id =
        || Arg::new("id").value_name("ID").required(true).help("The key's id, as `list` shows it");
    Command::new("api-key")
        .about(
            "Makes, lists, rotates and revokes API keys; a server that runs obeys within a second",
        )
        .subcommand_required(true)
        .subcommand(
            Command::new("create")
                .about("Makes a key and prints it, once")
                .arg(option("owner", "ID", "The user it proves").required(true))
                .arg(option("name", "TEXT", "What people call it"))
                .arg(several(option(
                    "role",
                    "ROLE",
                    "A role of its owner that it has; can be said several times",
                )))
                .arg(several(option(
                    "scope",
                    "SCOPE",
                    "What it may be used for; can be said several times",
                )))
                .arg(option("plan", "PLAN", "The plan that says which quota it has"))
                .arg(option(
                    "ttl",
                    "TIME",
                    "How long it is good, such as `90d`; for ever, if nothing is said",
                )),
        )
        .subcommand(
            Command::new("list").about("Prints what is known of each key, a line of JSON each"),
        )
        .subcommand(
            Command::new("rotate")
                .about("Gives a key another secret and prints it, once")
                .arg(id())
                .arg(
                    option("overlap", "TIME", "How long the old secret is good beside it")
                        .default_value("24h"),
                ),
        )
        .subcommand(Command::new("revoke").about("Takes a key away, at once").arg(id()))
}

/// The settings' values: flags over environment.
pub fn values(
    matches: &ArgMatches,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Values {
    let flag =
        |name: &str| matches.get_one::<String>(name).map(|value| (name.to_owned(), value.clone()));
    Values::new(variables, settings::settings().filter_map(|setting| flag(setting.name)))
}
