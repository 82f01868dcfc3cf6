//! `palisade-server check-config`: says what is wrong without starting.

use palisade::{
    autoban::AutoBan,
    blocklist::{BlocklistFile, EntryCounts},
    core::Clock,
    geo::LocationDatabase as _,
};

use crate::{
    api_key_file,
    app::StartError,
    checkpoints, database, issuer, locations, logs, output, records, server_id,
    settings::{
        CertificateSource, CheckpointSettings, ClientCertificateNeed, Environment, GeoSettings,
        Settings, TlsSettings, VaultKeys,
    },
    tls,
    verifying::verifier,
    vfs,
};

/// Runs the subcommand. The settings themselves were read before; here are the files they name.
///
/// # Errors
///
/// A file that would stop the start.
pub fn run(settings: &Settings) -> Result<(), StartError> {
    let blocklist = BlocklistFile::open(&settings.blocklist_file, Clock::system())?;
    let counts = blocklist.shared().list().counts();
    let countries = counts.countries;
    let entries = in_words(counts);
    let bans = AutoBan::builder().file(&settings.ban_file).check_file()?;
    let keys = api_key_file::read(settings)?.map(|keys| keys.len());
    if settings.issuers.is_empty() {
        issuer::check(&settings.data_dir)?;
    } else {
        // Fetches nothing.
        verifier(settings)?;
    }
    let tls = settings.tls.as_ref().map(about_tls).transpose()?.unwrap_or_default();
    let geo = settings.geo.as_ref().map(|geo| about_locations(geo, settings)).transpose()?;
    let written = written(settings)?;
    let place = match settings.environment {
        Environment::Development => "development",
        Environment::Production => "production",
    };
    let mut lines = vec![
        format!("the settings are fine for {place}"),
        format!("blocklist: {} ({entries})", settings.blocklist_file.display()),
        format!("bans: {} ({bans} bans)", settings.ban_file.display()),
    ];
    lines.extend(keys.map(|keys| {
        let file = settings.api_keys_file.display();
        format!("API keys: {file} ({keys} keys), which the start takes over into the database")
    }));
    lines.extend(written);
    lines.extend(tls);
    if geo.is_none() && countries > 0 {
        lines.push(format!(
            "warning: {} blocks {countries} countries, and nobody knows them: neither GEOIP_DB nor GEOIP_URL is set",
            settings.blocklist_file.display()
        ));
    }
    lines.extend(geo.unwrap_or_default());
    output::line(lines.join("\n"))
}

/// What the running server writes, and where: all of it can be written to.
fn written(settings: &Settings) -> Result<Vec<String>, StartError> {
    let records = records::check(settings)?.map(|path| format!("records: {}", path.display()));
    let log = logs::check(settings)?.map(|path| format!("security log: {}", path.display()));
    locations::check(settings)?;
    server_id::check(&settings.data_dir)?;
    let database = database::check(settings)?;
    let signed = settings.database.checkpoints.as_ref().map(about_checkpoints).transpose()?;
    let no_keys = matches!(settings.database.vault_keys, VaultKeys::Missing);
    let secrets = no_keys.then(|| {
        "warning: neither VAULT_KEYS nor VAULT_KEYS_FILE is set: there are no secrets of users, and no files"
            .to_owned()
    });
    let files = (!no_keys).then(|| vfs::check_storage(&settings.files)).transpose()?;
    let database = std::iter::once(database).chain(signed).chain(secrets).chain(files);
    Ok(database.chain(records).chain(log).collect())
}

fn about_checkpoints(settings: &CheckpointSettings) -> Result<String, StartError> {
    let key = checkpoints::key(settings)?;
    let file = settings.file.display();
    Ok(format!("checkpoints: {file}, signed by {}", key.id()))
}

fn in_words(entries: EntryCounts) -> String {
    let EntryCounts { addresses, users, tokens, countries, safe_addresses, .. } = entries;
    format!(
        "blocked: {addresses} addresses and networks, {users} users, {tokens} tokens, {countries} countries; never blocked: {safe_addresses}"
    )
}

/// Which database there is. Asks nobody.
fn about_locations(geo: &GeoSettings, settings: &Settings) -> Result<Vec<String>, StartError> {
    let mut lines = Vec::new();
    if let Some(path) = &geo.database {
        let file = locations::open_database(path, settings, &Clock::system())?;
        let kind = file.status().map(|status| status.kind.escape_debug().to_string());
        let kind = kind.unwrap_or_default();
        lines.push(format!("locations of clients: {} ({kind})", path.display()));
    }
    if geo.provider.is_some() {
        let most = geo.calls_per_minute;
        let kept =
            if locations::keeps_addresses(settings) { "in CACHE_DIR" } else { "in memory alone" };
        lines.push(format!(
            "locations of clients: asked over the network, {most} times a minute at most; answers are kept {kept}"
        ));
    }
    Ok(lines)
}

/// Which certificate there is, who is asked for one, and what had better be mended.
fn about_tls(tls: &TlsSettings) -> Result<Vec<String>, StartError> {
    let checked = tls::check(tls, &Clock::system())?;
    let mut lines = Vec::new();
    match (&checked, &tls.source) {
        (Some((certificate, _)), _) => lines.push(format!(
            "TLS: `{}`, good until {}",
            certificate.subject(),
            certificate.not_after()
        )),
        (None, CertificateSource::SelfSigned(folder)) => lines.push(format!(
            "TLS: the start makes a certificate for this machine in {}",
            folder.display()
        )),
        (None, CertificateSource::Files { .. }) => {}
    }
    if let Some(clients) = &tls.client_auth {
        let need = match clients.need {
            ClientCertificateNeed::Required => "required",
            ClientCertificateNeed::Optional => "optional",
        };
        let file = clients.authorities.display();
        lines.push(format!("certificates of clients: {need}, vouched for by {file}"));
    }
    let warnings = checked.into_iter().flat_map(|(_, warnings)| warnings);
    lines.extend(warnings.map(|warning| format!("warning: {warning}")));
    Ok(lines)
}
