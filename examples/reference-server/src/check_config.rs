//! `palisade-server check-config`: says what is wrong without starting.

use std::fs;

use palisade::{blocklist::BlocklistFile, core::Clock};

use crate::{
    app::StartError,
    settings::{Environment, Settings},
};

/// Runs the subcommand. The settings themselves were read before; here are the files they name.
///
/// # Errors
///
/// A file that would stop the start.
#[expect(clippy::print_stdout, reason = "the answer is the output")]
pub fn run(settings: &Settings) -> Result<(), StartError> {
    let blocklist = BlocklistFile::open(&settings.blocklist_file, Clock::system())?;
    let entries = blocklist.shared().list().counts();
    let bans = match fs::metadata(&settings.ban_file) {
        Ok(found) => format!("{} bytes", found.len()),
        Err(_) => "not there yet".to_owned(),
    };
    let place = match settings.environment {
        Environment::Development => "development",
        Environment::Production => "production",
    };
    println!("the settings are fine for {place}");
    println!("blocklist: {} ({entries:?})", settings.blocklist_file.display());
    println!("bans: {} ({bans})", settings.ban_file.display());
    Ok(())
}
