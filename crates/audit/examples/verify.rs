//! Verifies an exported log against checkpoints: what is wrong stands on a line each, and then it ends with 1.
//!
//! `cargo run -p palisade-audit --example verify -- FOLDER`, with `audit.ndjson`, `checkpoints.txt` and `keys.txt` in it.

#![expect(clippy::print_stdout, reason = "a program")]

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::BufReader,
    path::PathBuf,
    process::ExitCode,
};

use palisade_audit::{CheckpointFile, TrustedKeys, Verifier};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let folder: PathBuf = env::args_os().nth(1).ok_or("Usage: verify FOLDER")?.into();
    let keys: TrustedKeys = fs::read_to_string(folder.join("keys.txt"))?.parse()?;
    let checkpoints = CheckpointFile::new(folder.join("checkpoints.txt")).read(&keys)?;
    for (line, error) in &checkpoints.refused {
        println!("fault: checkpoints.txt:{line}: {error}");
    }
    let mut verifier = Verifier::new(&checkpoints.trusted);
    verifier.take_export(BufReader::new(File::open(folder.join("audit.ndjson"))?))?;
    let report = verifier.finish();
    println!("{report}");
    let is_fine = report.is_whole() && checkpoints.refused.is_empty();
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
