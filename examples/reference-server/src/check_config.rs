//! `palisade-server check-config`: says what is wrong without starting.

use palisade::{autoban::AutoBan, blocklist::BlocklistFile, core::Clock};

use crate::{
    api_key_file,
    app::{StartError, verifier},
    issuer,
    settings::{Environment, Settings},
    tls,
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
    let bans = AutoBan::builder().file(&settings.ban_file).check_file()?;
    let keys = api_key_file::open(settings, &Clock::system())?.list().len();
    if settings.issuers.is_empty() {
        issuer::check(&settings.data_dir)?;
    } else {
        // Fetches nothing.
        verifier(settings)?;
    }
    let tls = settings.tls.as_ref().map(|tls| tls::check(tls, &Clock::system()));
    let tls = tls.transpose()?.flatten();
    let place = match settings.environment {
        Environment::Development => "development",
        Environment::Production => "production",
    };
    println!("the settings are fine for {place}");
    println!("blocklist: {} ({entries:?})", settings.blocklist_file.display());
    println!("bans: {} ({bans} bans)", settings.ban_file.display());
    println!("API keys: {} ({keys} keys)", settings.api_keys_file.display());
    if let Some((certificate, warnings)) = tls {
        println!("TLS: `{}`, good until {}", certificate.subject(), certificate.not_after());
        for warning in warnings {
            println!("warning: {warning}");
        }
    }
    Ok(())
}
