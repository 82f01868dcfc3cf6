//! `palisade-server audit`: verifies the log of what was done, and makes the key that signs its checkpoints.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Arg, ArgMatches, Command, value_parser};
use palisade_audit::{
    Checkpoint, CheckpointFile, Head, OpenedCheckpoints, Report, SigningKey, TrustedKeys, Verifier,
};
use palisade_database::{AuditLog as _, Caller};

use crate::{
    app::StartError,
    database, output,
    settings::{Settings, Values},
};

/// Records that are read at once.
const PAGE: u32 = 1000;
/// So many records apart, it is told how far it is.
const STRIDE: u64 = 100_000;

/// The subcommand and its arguments.
pub(crate) fn command() -> Command {
    let path = |name: &'static str, help: &'static str| {
        let arg = Arg::new(name).long(name).value_name("FILE").help(help);
        arg.value_parser(value_parser!(PathBuf))
    };
    let verify = Command::new("verify")
        .about("Reads the log of what was done from its beginning, and says what is wrong with it")
        .after_help("Exit status 0: it is whole; 1: it is not; 2: it could not be read.")
        .arg(path("export", "An export of it, instead of the database"))
        .arg(
            path("checkpoints", "Checkpoints, from where nobody could change them")
                .requires("keys"),
        )
        .arg(path("keys", "The keys that count for them, one a line").requires("checkpoints"));
    let key = Command::new("key")
        .about("Makes a key that signs checkpoints, and prints the one that they are verified by")
        .arg(path("file", "Where the key is put; AUDIT_SIGNING_KEY_FILE names it").required(true))
        .arg(
            Arg::new("name")
                .long("name")
                .value_name("NAME")
                .default_value("palisade")
                .help("What people know it by, such as `audit.example.com`"),
        );
    Command::new("audit")
        .about("Verifies the log of what was done, and makes the key that signs its checkpoints")
        .subcommand_required(true)
        .subcommand(verify)
        .subcommand(key)
}

/// Runs the subcommand: 0, or 1 if the log is not whole.
///
/// # Errors
///
/// What cannot be read, or written.
pub fn run(values: &Values, arguments: &ArgMatches) -> Result<ExitCode, StartError> {
    match arguments.subcommand() {
        Some(("key", arguments)) => make_key(arguments),
        Some((_, arguments)) => verify(values, arguments),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn make_key(arguments: &ArgMatches) -> Result<ExitCode, StartError> {
    let name = arguments.get_one::<String>("name").map_or("palisade", String::as_str);
    let key = SigningKey::generate(name)?;
    let path = path(arguments, "file").unwrap_or(Path::new(""));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || {
        let mut file = options.open(path)?;
        writeln!(file, "{}", key.to_text().expose())?;
        file.sync_all()
    };
    write().map_err(|error| format!("{}: {error}", path.display()))?;
    output::line(key.verifying_key())?;
    Ok(ExitCode::SUCCESS)
}

fn verify(values: &Values, arguments: &ArgMatches) -> Result<ExitCode, StartError> {
    let opened = checkpoints(arguments)?;
    let refused = opened.refused.iter();
    let mut lines: Vec<String> = refused
        .map(|(line, error)| format!("fault: line {line} of the checkpoints: {error}"))
        .collect();
    let report = if let Some(export) = path(arguments, "export") {
        of_export(export, &opened.trusted)?
    } else {
        let (report, end) = of_database(&Settings::read(values)?, &opened.trusted)?;
        let last = report.head().map_or(0, |head| head.sequence());
        if last < end.sequence() {
            let end = end.sequence();
            lines.push(format!("fault: the log ends with record {last}, and had come to {end}"));
        }
        report
    };
    let is_fine = report.is_whole() && lines.is_empty();
    lines.insert(0, report.to_string());
    output::line(lines.join("\n"))?;
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn checkpoints(arguments: &ArgMatches) -> Result<OpenedCheckpoints, StartError> {
    let Some((file, keys)) = path(arguments, "checkpoints").zip(path(arguments, "keys")) else {
        return Ok(OpenedCheckpoints::default());
    };
    let text = std::fs::read_to_string(keys).map_err(|error| about(keys, &error))?;
    let keys: TrustedKeys = text.parse()?;
    CheckpointFile::new(file).read(&keys).map_err(|error| about(file, &error))
}

fn of_export(path: &Path, checkpoints: &[Checkpoint]) -> Result<Report, StartError> {
    let mut verifier = Verifier::new(checkpoints);
    let file = File::open(path).map_err(|error| about(path, &error))?;
    verifier.take_export(BufReader::new(file)).map_err(|error| about(path, &error))?;
    Ok(verifier.finish())
}

fn of_database(
    settings: &Settings,
    checkpoints: &[Checkpoint],
) -> Result<(Report, Head), StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(read(settings, Verifier::new(checkpoints)))
}

/// Reads all records in one transaction.
async fn read(settings: &Settings, mut verifier: Verifier) -> Result<(Report, Head), StartError> {
    let database = database::open_as_it_is(settings).await?;
    let mut act = database.read_as(Caller::service()).await?;
    let (_, end) = act.audit_head().await?;
    let (mut after, mut told) = (0, STRIDE);
    loop {
        let records = act.audit_records(after, PAGE).await?;
        let Some(last) = records.last() else { break };
        after = last.sequence;
        for record in &records {
            verifier.take(record);
        }
        if after >= told {
            progress(after, end);
            told = after.saturating_add(STRIDE);
        }
    }
    drop(act);
    database.close().await;
    Ok((verifier.finish(), end))
}

#[expect(
    clippy::print_stderr,
    reason = "who waits wants to know how long; what was found is standard output"
)]
fn progress(after: u64, end: Head) {
    eprintln!("{after} of {} records", end.sequence());
}

fn path<'a>(arguments: &'a ArgMatches, name: &str) -> Option<&'a Path> {
    arguments.get_one::<PathBuf>(name).map(PathBuf::as_path)
}

fn about(path: &Path, error: &dyn std::fmt::Display) -> StartError {
    format!("{}: {error}", path.display()).into()
}
