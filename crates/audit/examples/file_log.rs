//! A program without a database that keeps an audit log, and a checkpoint every time it ends: run it twice.
//!
//! `cargo run -p palisade-audit --example file_log -- FOLDER`

#![expect(clippy::print_stdout, reason = "a program")]

use std::{env, error::Error, fs, path::PathBuf};

use palisade_audit::{
    Action, Actor, ActorKind, Checkpoint, CheckpointFile, Details, Event, FileLog, Outcome, Person,
    SigningKey, Target,
};
use palisade_core::Clock;

const STARTED: Action = Action::new("example.started");
const GRANTED: Action = Action::new("role.granted");

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = env::args_os().nth(1).ok_or("Usage: file_log FOLDER")?.into();
    fs::create_dir_all(&folder)?;
    let clock = Clock::system();
    let log = FileLog::open(folder.join("audit.ndjson"), clock.clone())?;
    println!("{}", log.opening());

    log.append(Event::new(STARTED, Actor::system(), Outcome::Done))?;
    let alice = Actor::new(ActorKind::Operator).person(Person::new("alice"));
    let granted = Event::new(GRANTED, alice, Outcome::Done)
        .target(Target::person(Person::new("bob")))
        .reason("on call this week")
        .details(Details::new().list("roles", ["admin"]));
    let record = log.append(granted)?;
    println!("recorded as number {}, {}", record.sequence, record.hash);

    // In earnest the key comes from a vault, and the checkpoints go to another machine.
    let key = key_in(&folder)?;
    let checkpoint = Checkpoint::new(log.id(), log.head(), clock.now().wall());
    CheckpointFile::new(folder.join("checkpoints.txt")).append(&key.sign(checkpoint))?;
    println!("try: cargo run -p palisade-audit --example verify -- {}/", folder.display());
    Ok(())
}

fn key_in(folder: &std::path::Path) -> Result<SigningKey, Box<dyn Error>> {
    let path = folder.join("key.txt");
    if path.exists() {
        return Ok(fs::read_to_string(path)?.parse()?);
    }
    let key = SigningKey::generate("audit.example.com")?;
    fs::write(path, key.to_text().expose())?;
    fs::write(folder.join("keys.txt"), format!("{}\n", key.verifying_key()))?;
    Ok(key)
}
