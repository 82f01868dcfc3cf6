//! The settings as flags, as `--help`, and as `docs/configuration.md`: all of one table.

use clap::{Arg, Command};

use super::names::{Part, settings};

/// Adds a flag for every setting.
pub fn command(command: Command) -> Command {
    command.args(flags())
}

/// Shows none of the flags in the help of a subcommand, which has no use for them.
pub fn without_settings(command: Command) -> Command {
    command.args(flags().map(|flag| flag.hide(true)))
}

fn flags() -> impl Iterator<Item = Arg> {
    settings().map(|setting| {
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!(" [default: {}]", setting.default)
        };
        let help = format!(
            "{} Allowed: {}.{default} [env: {}]",
            setting.about, setting.allowed, setting.name
        );
        let arg = Arg::new(setting.name)
            .long(setting.flag())
            .value_name("VALUE")
            .help(help)
            .help_heading(heading(setting.part))
            .hide_env_values(true)
            .global(true);
        // A subcommand may follow, so the value of a switch is said by `=`.
        if setting.is_switch() {
            arg.num_args(0..=1).require_equals(true).default_missing_value("true")
        } else {
            arg
        }
    })
}

/// The text of `docs/configuration.md`.
pub fn page() -> String {
    let mut page = vec![String::from(
        "# Configuration\n\n\
         Every setting is an environment variable and a flag of the same name in kebab-case (`--rate-limit-max`); a flag \
         wins.\nA value that is not allowed, a contradiction or an unknown `PALISADE_*` variable stops the start with one \
         line per mistake.\n`palisade-server check-config` says all of it without starting. What is blank is unset; `on` \
         and `off` may be said\nas `true` and `false`, and the other way round.\n\n\
         This page is made from the table that the server reads (`examples/reference-server/src/settings/names.rs`), and a \
         test keeps it true.\n",
    )];
    let mut part = None;
    for setting in settings() {
        if part != Some(setting.part) {
            part = Some(setting.part);
            page.push(format!(
                "\n## {}\n\n| variable | default | allowed | what it does |\n|---|---|---|---|\n",
                heading(setting.part)
            ));
        }
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        page.push(format!(
            "| `{}` | {default} | {} | {} |\n",
            setting.name, setting.allowed, setting.about
        ));
    }
    page.concat()
}

fn heading(part: Part) -> &'static str {
    match part {
        Part::Server => "Server",
        Part::Connections => "Connections",
        Part::Content => "Content",
        Part::Tls => "TLS",
        Part::Headers => "Security headers",
        Part::Authentication => "Authentication",
        Part::ClientAddress => "Client address",
        Part::RateLimiting => "Rate limiting",
        Part::AutoBan => "Auto-ban",
        Part::Instances => "Several instances",
        Part::Database => "Database and secrets",
        Part::Files => "Files",
        Part::Analytics => "Analytics",
        Part::Observation => "Figures and traces",
        Part::Geo => "Locations of clients",
        Part::Log => "Log",
    }
}
