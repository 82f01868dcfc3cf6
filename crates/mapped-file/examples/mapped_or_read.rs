//! What mapping a file buys over reading it: memory of its own and time, for a file of 64 MiB of which one page in 64 is asked for.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program that measures, for people to read"
)]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use palisade_mapped_file::MappedFile;

const LEN: usize = 64 << 20;

fn main() -> io::Result<()> {
    // Not in the folder for temporary files, which may be memory.
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let path = folder.join("mapped_or_read.tmp");
    fs::write(&path, vec![7; LEN])?;
    drop(measured("read into memory", || fs::read(&path)));
    drop(measured("mapped copy", || MappedFile::copy_of(&path, &folder, u64::MAX)));
    fs::remove_file(&path)
}

fn measured<T: AsRef<[u8]>>(what: &str, open: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let (before, began) = (own_memory(), Instant::now());
    let bytes = open()?;
    let opened = began.elapsed();
    let sum: u64 = bytes.as_ref().iter().step_by(4096 * 64).copied().map(u64::from).sum();
    let own = own_memory().saturating_sub(before);
    println!("{what}: {own} KiB of its own, opened in {opened:?} (sum {sum})");
    Ok(bytes)
}

/// Memory that no file backs, in KiB; zero where the system does not say.
fn own_memory() -> u64 {
    let status = fs::read_to_string(Path::new("/proc/self/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}
