//! `palisade-server audit-headers URL`: asks a server once and grades its headers by published rules.

pub(crate) mod render;

mod client;
mod location;
mod look;

use std::io::{self, Write};

use clap::{Arg, ArgAction, ArgMatches, Command};
use http::Uri;
use palisade::secure_headers::audit::{Bar, Report, RuleSet};

use self::{
    client::{Certificates, Client},
    look::{Look, Place},
};
use crate::{app::StartError, output};

/// The rows about Strict-Transport-Security.
const HSTS: [&str; 2] = ["strict-transport-security", "3.4.1"];

/// The subcommand and its arguments.
pub(crate) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("audit-headers")
        .about("Asks a URL once and grades the headers, cookies and page it answers with")
        .after_help(
            "It sends a GET and a preflight of a foreign origin. Redirects are shown and not followed, but those from an http \
             URL on its way to https. Exit status 0: the grade is good enough; 1: it is not, or there was no answer.",
        )
        .arg(Arg::new("url").value_name("URL").required(true).help("An http or https URL"))
        .arg(
            Arg::new("rules")
                .long("rules")
                .value_name("RULES")
                .value_parser(["observatory", "asvs", "oshp", "all"])
                .default_value("all")
                .help("Whose rules: MDN HTTP Observatory, OWASP ASVS, OWASP Secure Headers"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(["text", "json"])
                .default_value("text")
                .help("A table for people, or JSON"),
        )
        .arg(Arg::new("fail-under").long("fail-under").value_name("GRADE").help(
            "Fails where the grade is worse: `A+` to `F` of the Observatory, `L1` to `L3` of the ASVS",
        ))
        .arg(flag("insecure", "Takes any certificate for good, such as a self-signed one"))
        .arg(flag("behind-tls", "Grades an http URL as if a proxy in front of it spoke TLS, and says X-Forwarded-Proto: https as that would"))
}

/// Runs the subcommand.
///
/// # Errors
///
/// A URL that is none, no answer in time, a certificate that does not count, or a grade that is not good enough.
pub fn run(arguments: &ArgMatches) -> Result<(), StartError> {
    let rules = rules(text(arguments, "rules"));
    let bar = bar(arguments, &rules)?;
    let url = url(text(arguments, "url"))?;
    let certificates =
        if arguments.get_flag("insecure") { Certificates::Any } else { Certificates::Trusted };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let place = if arguments.get_flag("behind-tls") { Place::BehindTls } else { Place::InFront };
    let look = runtime.block_on(Look::at(&Client::new(certificates)?, url, place))?;
    let reports: Vec<Report> = rules.iter().map(|(_, rules)| rules.audit(&look.answer)).collect();
    print(&look, &reports, text(arguments, "format"))?;
    if place == Place::BehindTls && reports.iter().any(lacks_hsts) {
        advise(
            "no Strict-Transport-Security came: if this is a Palisade server, list this machine in its TRUSTED_PROXIES, or it does not believe X-Forwarded-Proto",
        );
    }
    judge(&reports, bar)
}

fn text<'a>(arguments: &'a ArgMatches, name: &str) -> &'a str {
    arguments.get_one::<String>(name).map(String::as_str).unwrap_or_default()
}

/// The sets by the names that they have here.
pub(crate) fn named() -> [(&'static str, RuleSet); 3] {
    [("observatory", RuleSet::observatory()), ("asvs", RuleSet::asvs()), ("oshp", RuleSet::oshp())]
}

fn rules(name: &str) -> Vec<(&'static str, RuleSet)> {
    named().into_iter().filter(|(known, _)| name == "all" || name == *known).collect()
}

/// What must be reached. A bar whose rules are not asked would never be.
fn bar(
    arguments: &ArgMatches,
    rules: &[(&'static str, RuleSet)],
) -> Result<Option<Bar>, StartError> {
    let Some(text) = arguments.get_one::<String>("fail-under") else { return Ok(None) };
    let bar: Bar = text.parse().map_err(|error| format!("--fail-under: {error}"))?;
    let needed = match bar {
        Bar::Level(_) => "asvs",
        _ => "observatory",
    };
    if rules.iter().any(|(name, _)| *name == needed) {
        return Ok(Some(bar));
    }
    Err(format!("--fail-under {bar} needs --rules {needed}, or all").into())
}

/// What is wrong with one that has a password is told without it.
fn url(text: &str) -> Result<Uri, StartError> {
    let authority = text.split_once("//").map_or(text, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("the URL: expected one without a user and a password".into());
    }
    let uri: Uri = text.parse().map_err(|error| format!("`{text}` is no URL: {error}"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        _ => {
            Err(format!("`{text}`: expected an http or https URL, such as https://example.org/")
                .into())
        }
    }
}

fn print(look: &Look, reports: &[Report], format: &str) -> Result<(), StartError> {
    if format == "json" {
        return output::line(format_args!("{:#}", look.json(reports)));
    }
    let reports: Vec<String> = reports.iter().map(|report| format!("\n{report}")).collect();
    output::line(format!("{look}{}", reports.concat()).trim_end())
}

/// Whether it says that there is no HSTS at all.
fn lacks_hsts(report: &Report) -> bool {
    report.failures().any(|row| HSTS.contains(&row.id) && row.found == "none")
}

/// Not among the report, which programs read.
fn advise(text: &str) {
    // Who closed it wants no advice.
    drop(writeln!(io::stderr(), "palisade-server: {text}"));
}

fn judge(reports: &[Report], bar: Option<Bar>) -> Result<(), StartError> {
    let Some(bar) = bar else { return Ok(()) };
    if reports.iter().any(|report| report.reaches(bar)) {
        return Ok(());
    }
    Err(format!("the headers do not reach {bar}").into())
}
