//! A file of 10 GiB: up to the reference server, down again, and what memory that takes.

mod client;
mod content;
mod plain;
mod room;
mod server;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use self::{client::Client, content::Content, room::Room, server::Server};
use crate::{
    Failure,
    bench::{
        measure::{
            process,
            stopwatch::{now, shown},
        },
        number::rounded,
    },
};

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;

const LARGE: u64 = 10 * GIB;
/// What memory is compared with.
const SMALL: u64 = 16 * MIB;
/// So often the small file goes up and down first: what threads and the allocator keep has nothing to do with length.
const TIMES: u32 = 16;

/// What has to be free on the disk beside the file itself.
const SPARE: u64 = 2 * GIB;
/// All of it has to be done in this time, from the start of the server.
const WITHIN: Duration = Duration::from_secs(20 * 60);
/// The figures that bars are about.
pub(crate) mod names {
    /// So much more memory than the small file the large one may take, in mebibytes: one byte for 640.
    pub(crate) const FLAT: f64 = 16.0;

    pub(crate) const UP: &str = "10 GiB up over HTTP: the server's processor, s per GiB";
    pub(crate) const DOWN: &str = "10 GiB down over HTTP: the server's processor, s per GiB";
    pub(crate) const PLAIN_UP: &str = "peer: one file written and synced: processor, s per GiB";
    pub(crate) const PLAIN_DOWN: &str = "peer: one file read: processor, s per GiB";
    pub(crate) const PEAK_SMALL: &str = "16 MiB up and down, 16 times: memory at most, MiB";
    pub(crate) const PEAK_UP: &str = "10 GiB up: memory at most, MiB";
    pub(crate) const PEAK_DOWN: &str = "10 GiB down, and ranges of it: memory at most, MiB";
}

/// What something took.
#[derive(Clone, Copy)]
struct Took {
    /// By the clock.
    seconds: f64,
    /// Of the server, on all cores.
    processor: f64,
    /// The server's memory, in mebibytes.
    peak: f64,
}

/// Measures it, and fails where a byte is wrong, memory is not flat, or it takes too long.
pub(super) fn measure() -> Result<BTreeMap<String, f64>, Failure> {
    let room = Room::new(LARGE.saturating_add(SPARE))?;
    let content = Content::known();
    // The one that comes first may pay for memory that the machine had lent to others: so the peer comes twice.
    let before = plain(&room, &content)?;
    let mut figures = served(&room, &content)?;
    room.clear()?;
    figures.extend(of_peer(before, plain(&room, &content)?));
    for (name, figure) in &figures {
        println!("{name:<60} {figure:>8.1}");
    }
    judged(&figures)?;
    Ok(figures)
}

/// Through the server.
fn served(room: &Room, content: &Content) -> Result<BTreeMap<String, f64>, Failure> {
    let size = LARGE.to_string();
    // One request follows the other here.
    let settings = [("VFS_MAX_FILE_SIZE", size.as_str()), ("RATE_LIMIT_ENABLED", "false")];
    let server = Server::start(room.path(), &settings)?;
    let until = now().checked_add(WITHIN).ok_or("no such time")?;
    let admin = server.token(&["--user", "alice", "--role", "admin"])?;
    opened_for_bob(&Client { address: &server.address, token: &admin, until })?;
    let token = server.token(&["--user", "bob"])?;
    let bob = Client { address: &server.address, token: &token, until };

    let small = took(&server, "16 MiB up and down, 16 times", || {
        (0..TIMES).try_for_each(|number| {
            let short = format!("/api/vfs/films/short-{number}");
            bob.upload(&short, content, SMALL)?;
            bob.download(&short, content, SMALL)
        })
    })?;
    let film = "/api/vfs/films/long";
    let up = took(&server, "10 GiB up", || bob.upload(film, content, LARGE))?;
    let down = took(&server, "10 GiB down", || bob.download(film, content, LARGE))?;
    let parts = took(&server, "ranges", || {
        ranges().into_iter().try_for_each(|wanted| bob.range(film, content, (wanted, LARGE)))
    })?;
    let figures = [
        ("10 GiB up over HTTP, MiB/s", speed(up.seconds)),
        ("10 GiB down over HTTP, MiB/s", speed(down.seconds)),
        (names::UP, per_gib(up.processor)),
        (names::DOWN, per_gib(down.processor)),
        (names::PEAK_SMALL, small.peak),
        (names::PEAK_UP, up.peak),
        (names::PEAK_DOWN, down.peak.max(parts.peak)),
    ];
    Ok(kept(figures))
}

/// Without a server: writing a file, and reading it, each in seconds by the clock and of the processor. The file is gone then.
fn plain(room: &Room, content: &Content) -> Result<[(f64, f64); 2], Failure> {
    let path = room.path().join("film");
    let timed = |work: &dyn Fn() -> Result<(), Failure>| {
        let (before, began) = (process::ticks(std::process::id())?, now());
        work()?;
        let ticks = process::ticks(std::process::id())? - before;
        Ok::<_, Failure>((began.elapsed().as_secs_f64(), ticks * process::TICK / 1e6))
    };
    let written = timed(&|| plain::write(&path, content, LARGE))?;
    let read = timed(&|| plain::read(&path, content, LARGE))?;
    println!("one file: {:.0} s to write, {:.0} s to read", written.0, read.0);
    room.clear()?;
    Ok([written, read])
}

/// The best of two: what disturbs a program only ever makes it slower.
fn of_peer(first: [(f64, f64); 2], second: [(f64, f64); 2]) -> BTreeMap<String, f64> {
    let best = |one: (f64, f64), two: (f64, f64)| (one.0.min(two.0), one.1.min(two.1));
    let ([written, read], [written_again, read_again]) = (first, second);
    let (written, read) = (best(written, written_again), best(read, read_again));
    kept([
        ("peer: one file written and synced, MiB/s", speed(written.0)),
        ("peer: one file read, MiB/s", speed(read.0)),
        (names::PLAIN_UP, per_gib(written.1)),
        (names::PLAIN_DOWN, per_gib(read.1)),
    ])
}

fn opened_for_bob(admin: &Client<'_>) -> Result<(), Failure> {
    admin.post("/api/admin/vfs/mounts", r#"{ "name": "films" }"#, 200)?;
    let grant = r#"{ "mount": "films", "kind": "grant", "principal": { "user": { "userId": "bob" } }, "actions": ["read", "write"] }"#;
    admin.post("/api/admin/vfs/rules", grant, 201)
}

/// Near the end, across borders of chunks, and behind what 32 bits can count.
fn ranges() -> [std::ops::Range<u64>; 6] {
    let behind_the_end = |bytes: u64| LARGE.saturating_sub(bytes);
    [
        behind_the_end(1)..LARGE,
        behind_the_end(100_000)..LARGE,
        behind_the_end(MIB)..behind_the_end(MIB).saturating_add(1),
        behind_the_end(MIB.saturating_add(7))..behind_the_end(100),
        (4 * GIB).saturating_sub(5)..(4 * GIB).saturating_add(5),
        (8 * GIB).saturating_sub(70_000)..(8 * GIB).saturating_add(3 * MIB),
    ]
}

/// Does `work`, and says what it took of the server.
fn took(
    server: &Server<'_>,
    what: &str,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Result<Took, Failure> {
    server.forget_peak()?;
    let (before, began) = (server.seconds()?, now());
    work()?;
    let elapsed = began.elapsed();
    let processor = server.seconds()? - before;
    let peak = server.peak()?;
    println!("[{}] {what}: the processor's {processor:.1} s, {peak:.1} MiB", shown(elapsed));
    Ok(Took { seconds: elapsed.as_secs_f64(), processor, peak })
}

/// That memory is flat.
fn judged(figures: &BTreeMap<String, f64>) -> Result<(), Failure> {
    let figure = |name: &str| figures.get(name).copied().ok_or_else(|| format!("no `{name}`"));
    let small = figure(names::PEAK_SMALL)?;
    for name in [names::PEAK_UP, names::PEAK_DOWN] {
        let large = figure(name)?;
        if large > small + names::FLAT {
            return Err(format!(
                "{name}: {large:.1}, which is more than {} over the {small:.1} of {SMALL} bytes",
                names::FLAT
            ));
        }
    }
    Ok(())
}

fn kept<const N: usize>(figures: [(&str, f64); N]) -> BTreeMap<String, f64> {
    figures.map(|(name, figure)| (name.to_owned(), rounded(figure, 100.0))).into()
}

/// The mebibytes of a second.
fn speed(seconds: f64) -> f64 {
    mebibytes(LARGE) / seconds
}

fn per_gib(seconds: f64) -> f64 {
    seconds / mebibytes(LARGE) * 1024.0
}

fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes >> 20).unwrap_or(u32::MAX))
}
