//! The files that were written before: which number each has, and which one goes.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// The most numbers that are looked at.
const MOST: u32 = 2000;

/// Which files there are of one log: `security.log`, `security.log.1` and so on.
///
/// `security.log.0` is one on its way to its number. It stays where a process was killed on that way, and is moved on later.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    pub(crate) path: PathBuf,
    /// How many there are at most, with the one that is written.
    pub(crate) files: u32,
}

// === impl Rotation ===

impl Rotation {
    /// Each file becomes the one before it; the oldest goes. Nothing has changed if the first cannot be moved.
    ///
    /// A file that nobody can move, because it is all that a container was given, is emptied.
    pub(crate) fn turn(
        &self,
        mut rename: impl FnMut(&Path, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let moving = self.older(0);
        if exists(&moving) {
            self.shift(&mut rename)?;
        }
        match rename(&self.path, &moving) {
            // Somebody else moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                return OpenOptions::new().write(true).open(&self.path)?.set_len(0);
            }
            moved => moved?,
        }
        let shifted = self.shift(&mut rename);
        if shifted.is_err() && exists(&moving) && !exists(&self.path) {
            // Where it was. If that fails too, the next turn finds it.
            drop(rename(&moving, &self.path));
        }
        shifted
    }

    /// Puts away what an earlier process, killed or with more files, left behind: what was on its way, and numbers that are too
    /// high, up to the first that is missing.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        if exists(&self.older(0)) {
            self.shift(&mut |from: &Path, to: &Path| fs::rename(from, to))?;
        }
        for number in self.files.max(1)..MOST {
            // The first that is missing; or one that is none of ours, and in nobody's way.
            if fs::remove_file(self.older(number)).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Moves all numbers up to the first that is missing. The oldest is lost only where none is.
    fn shift(&self, rename: &mut impl FnMut(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
        let oldest = self.files.saturating_sub(1);
        if oldest == 0 {
            return fs::remove_file(self.older(0));
        }
        let end = (1..oldest).find(|number| !exists(&self.older(*number))).unwrap_or(oldest);
        for number in (0..end).rev() {
            match rename(&self.older(number), &self.older(number.saturating_add(1))) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                moved => moved?,
            }
        }
        Ok(())
    }

    /// The name of the file that was written `number` files ago.
    fn older(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
