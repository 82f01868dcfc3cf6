//! What a load saw of the file and the lists that it includes, so that the next one knows whether anything changed.

use std::path::{Path, PathBuf};

use palisade_core::KeyedHash;

use crate::{
    Blocklist, BlocklistError, file_format,
    includes::{self, Includes},
    stamp::Stamp,
};

/// The most bytes that the file and its lists may have together.
const LIMIT: u64 = 64 * 1024 * 1024;

/// How often the file is read again after a load although it looks unchanged: a second save within the clock tick of the
/// file system leaves the same time and maybe the same size.
const SECOND_LOOKS: u8 = 4;

/// What the last load saw.
#[derive(Debug)]
pub(crate) struct Seen {
    path: PathBuf,
    keyed: KeyedHash,
    file: Look,
    /// The lists that the last file included that could be read.
    lists: Vec<(Box<str>, Look)>,
    second_looks: u8,
}

/// One file at one time.
#[derive(Debug)]
struct Look {
    /// Taken before reading: what changes in between looks different the next time. `None` of what could not be read: why it
    /// could not may end without a trace in the file itself, so it is tried again at each look.
    stamp: Option<Stamp>,
    content: Content,
}

#[derive(Debug, Eq, PartialEq)]
enum Content {
    Missing,
    Bytes { hash: u64, len: usize },
    Unreadable(BlocklistError),
}

// === impl Seen ===

impl Seen {
    pub(crate) fn new(path: PathBuf) -> Self {
        let file = Look { stamp: None, content: Content::Missing };
        Self { path, keyed: KeyedHash::random(), file, lists: Vec::new(), second_looks: 0 }
    }

    /// Reads the file and its lists. `None` if they are what they were at the last load, or if the file was not and is not
    /// there.
    pub(crate) fn load(&mut self) -> Option<Result<Blocklist, BlocklistError>> {
        let (file, bytes) = self.look(&self.path, |path| includes::read_file(path, LIMIT));
        let is_same = file.content == self.file.content;
        self.file = file;
        if is_same && self.lists_are_same() {
            return None;
        }
        self.second_looks = SECOND_LOOKS;
        Some(match (&self.file.content, bytes) {
            (Content::Unreadable(error), _) => Err(error.clone()),
            (_, Some(bytes)) => self.compile(bytes),
            // Many programs save by removing and writing anew: nobody is to slip through in between.
            (_, None) => Err(BlocklistError::new(
                &self.source(),
                "the file is gone; the last good list stays in force, write `{}` to empty it",
            )),
        })
    }

    /// Whether a file looks different from when it was last read, or was read too recently to tell.
    pub(crate) fn may_have_changed(&mut self) -> bool {
        if self.second_looks > 0 {
            self.second_looks = self.second_looks.saturating_sub(1);
            return true;
        }
        let has_changed = |path: &Path, look: &Look| look.stamp != Stamp::of(path);
        has_changed(&self.path, &self.file)
            || self.lists.iter().any(|(name, look)| has_changed(&self.place_of(name), look))
    }

    /// How many lists the file includes.
    pub(crate) fn lists(&self) -> usize {
        self.lists.len()
    }

    fn lists_are_same(&mut self) -> bool {
        let mut left = self.left();
        let names: Vec<_> = self.lists.iter().map(|(name, _)| name.clone()).collect();
        let now: Vec<_> = names
            .into_iter()
            .map(|name| {
                let (look, _) = self.look_at_list(&name, &mut left);
                (name, look)
            })
            .collect();
        let is_same =
            now.iter().zip(&self.lists).all(|((_, now), (_, seen))| now.content == seen.content);
        self.lists = now;
        is_same
    }

    /// Compiles the file and its lists. Never are the texts of two of them in memory, nor one while networks are sorted.
    fn compile(&mut self, bytes: Vec<u8>) -> Result<Blocklist, BlocklistError> {
        let (mut builder, mut includes) = (Blocklist::builder(), Includes::default());
        file_format::read(&bytes, &self.source(), &mut builder, Some(&mut includes))?;
        drop(bytes);

        let (mut left, mut imported) = (self.left(), Ok(()));
        let mut lists = Vec::with_capacity(includes.names().len());
        for name in includes.names() {
            let (look, text) = self.look_at_list(name, &mut left);
            // Behind a mistake nothing is imported any more, but looked at: so it is seen when it changes.
            imported = imported.and_then(|()| {
                let source = self.place_of(name).to_string_lossy().into_owned();
                match (&look.content, text) {
                    (Content::Unreadable(error), _) => Err(error.clone()),
                    (_, Some(text)) => builder.import_as(&text, &source, name),
                    (_, None) => Err(BlocklistError::new(
                        &source,
                        format!("there is no such file, and `{}` includes it", self.source()),
                    )),
                }
            });
            lists.push((name.clone(), look));
        }
        self.lists = lists;
        imported?;
        builder.build().map_err(|error| BlocklistError::new(&self.source(), error.to_string()))
    }

    fn look_at_list(&self, name: &str, left: &mut u64) -> (Look, Option<Vec<u8>>) {
        let read = |_: &Path| includes::read(&self.path, name, *left);
        let (look, text) = self.look(&self.place_of(name), read);
        let len = text.as_ref().and_then(|text| u64::try_from(text.len()).ok()).unwrap_or(0);
        *left = left.saturating_sub(len);
        (look, text)
    }

    fn look(
        &self,
        path: &Path,
        read: impl FnOnce(&Path) -> std::io::Result<Option<Vec<u8>>>,
    ) -> (Look, Option<Vec<u8>>) {
        let stamp = Stamp::of(path);
        let (content, bytes) = match read(path) {
            Ok(Some(bytes)) => {
                (Content::Bytes { hash: self.keyed.of(&*bytes), len: bytes.len() }, Some(bytes))
            }
            Ok(None) => (Content::Missing, None),
            Err(error) => {
                (Content::Unreadable(BlocklistError::io(&path.to_string_lossy(), &error)), None)
            }
        };
        let stamp = stamp.filter(|_| bytes.is_some());
        (Look { stamp, content }, bytes)
    }

    /// How many bytes the lists may have.
    fn left(&self) -> u64 {
        let Content::Bytes { len, .. } = self.file.content else { return LIMIT };
        LIMIT.saturating_sub(u64::try_from(len).unwrap_or(LIMIT))
    }

    fn place_of(&self, name: &str) -> PathBuf {
        includes::folder_of(&self.path).join(name)
    }

    fn source(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}
