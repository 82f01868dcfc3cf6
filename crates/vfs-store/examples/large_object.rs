//! Writes an object that is larger than memory and reads it again: how fast, and in how much memory.
//!
//! `cargo run --release -p palisade-vfs-store --example large_object -- FOLDER [GIB]` writes 10 GiB where no other number is
//! given, or half of the room that is left, and removes them again. FOLDER is where `df` finds the room.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "an example prints, and what it measures is small beside 2^53"
)]

use std::{env, error::Error, fs, io, path::Path, process::Command, time::Instant};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place};

const GIB: u64 = 1 << 30;
const PIECE: usize = 64 << 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().ok_or("which folder?")?;
    let wanted = arguments.next().map_or(Ok(10), |number| number.parse::<u64>())? * GIB;
    fs::create_dir_all(&folder)?;
    let length = wanted.min(room(&folder)? / 2);
    let store = Path::new(&folder).join("large-object");
    let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate()?)])?);
    let objects = Objects::folder(&store, vault)?;
    let place = Place { mount: "large", path: "a.png", id: ObjectId::draw() };

    let before = kib("VmRSS:")?;
    let begun = Instant::now();
    let pieces = stream::iter(0..length / PIECE as u64);
    let body = pieces.map(|number| Ok::<_, io::Error>(piece(number)));
    let put = objects.put(&place, body, length).await?;
    told("written", put.length, begun, before)?;

    let begun = Instant::now();
    let object = objects.open_object(&place, put.length).await?;
    let (mut pieces, mut read) = (object.read(0..put.length), 0);
    while let Some(found) = pieces.next().await {
        let found = found?;
        if found != piece(read / PIECE as u64) {
            return Err("other bytes than were written".into());
        }
        read += found.len() as u64;
    }
    told("read", read, begun, before)?;

    let begun = Instant::now();
    let mut last = object.read(put.length - 10..put.length);
    let bytes = last.next().await.ok_or("the end")??;
    println!("the last {} bytes in {:?}", bytes.len(), begun.elapsed());
    fs::remove_dir_all(&store)?;
    Ok(())
}

/// Bytes of which no two pieces are alike.
fn piece(number: u64) -> Bytes {
    let mut bytes = vec![7; PIECE];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Bytes::from(bytes)
}

fn told(what: &str, length: u64, begun: Instant, before: u64) -> Result<(), Box<dyn Error>> {
    let seconds = begun.elapsed().as_secs_f64();
    let speed = length as f64 / seconds / 1e6;
    let peak = (kib("VmHWM:")? - before) as f64 / 1024.0;
    println!(
        "{:.1} GiB {what} in {seconds:.1} s, {speed:.0} MB/s; at most {peak:.1} MiB of memory",
        length as f64 / GIB as f64
    );
    Ok(())
}

/// How many bytes are free in a folder.
fn room(folder: &str) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("df").args(["--output=avail", "-B1", folder]).output()?;
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().last().ok_or("df says nothing")?.trim().parse()?)
}

/// A line of `/proc/self/status` that counts KiB.
fn kib(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("not counted")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
