//! The workspace as the rules see it: its files and its members, all in memory.

use std::{fs, path::Path};

use crate::{
    Failure,
    command::{output, root},
    metadata::{Dependency, Metadata, Package},
};

/// The workspace.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The text files that are tracked or would be.
    pub(crate) files: Vec<TextFile>,
    /// The members.
    pub(crate) members: Vec<Member>,
}

/// A text file, by its path from the root with `/`.
#[derive(Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Its folder from the root, with `/`.
    pub(crate) folder: String,
    pub(crate) description: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
    /// Its manifest as written.
    pub(crate) manifest: toml::Table,
}

impl Workspace {
    /// Reads the workspace this program belongs to.
    pub(crate) fn read() -> Result<Self, Failure> {
        let root = root();
        let mut names = tracked().or_else(|_| walked(&root))?;
        names.sort_unstable();
        names.dedup();
        // What cannot be read as text (an image, a deleted file, a link to a folder) has no lines to check.
        let read = |name: &str| fs::read_to_string(root.join(name)).ok();
        let files = names
            .into_iter()
            .filter_map(|path| read(&path).map(|text| TextFile { path, text }))
            .collect();
        let members = Metadata::of_members()?
            .packages
            .into_iter()
            .map(|package| Member::of(package, &root))
            .collect::<Result<_, _>>()?;
        Ok(Self { files, members })
    }

    /// The file at `path`.
    pub(crate) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust sources.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| has_ending(&file.path, &["rs"]))
    }
}

/// The files that git tracks, or would if they were added.
fn tracked() -> Result<Vec<String>, Failure> {
    // A checkout that belongs to another user, as in a container, is still this one.
    let arguments =
        &["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listing = String::from_utf8(output("git", arguments)?)
        .map_err(|_| "a file's name is not UTF-8".to_owned())?;
    Ok(listing.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// Every file below `root`, where there is no git: an unpacked archive.
fn walked(root: &Path) -> Result<Vec<String>, Failure> {
    let said = |error: std::io::Error| error.to_string();
    let mut folders = vec![root.to_path_buf()];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(said)? {
            let entry = entry.map_err(said)?;
            let path = entry.path();
            let made = ["target", ".git", "cache", "data", "corpus", "artifacts"]
                .iter()
                .any(|name| entry.file_name() == *name);
            if entry.file_type().map_err(said)?.is_dir() {
                if !made {
                    folders.push(path);
                }
            } else if let Ok(name) = path.strip_prefix(root) {
                names.push(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(names)
}

impl Member {
    fn of(package: Package, root: &Path) -> Result<Self, Failure> {
        let Package { name, description, dependencies, manifest_path, .. } = package;
        let folder = Path::new(&manifest_path)
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok())
            .ok_or_else(|| format!("{name} lies outside the workspace"))?
            .to_string_lossy()
            .replace('\\', "/");
        let text = fs::read_to_string(&manifest_path)
            .map_err(|error| format!("{manifest_path}: {error}"))?;
        let manifest =
            text.parse().map_err(|error: toml::de::Error| format!("{manifest_path}: {error}"))?;
        Ok(Self { name, folder, description, dependencies, manifest })
    }

    /// The path of its manifest from the root.
    pub(crate) fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// Whether the name of the file at `path` ends in one of `endings`, given without the dot.
pub(crate) fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}
