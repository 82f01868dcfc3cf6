//! The dialect of patterns beside that of git, which is asked.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use palisade_vfs_acl::{Acl, AclHandle, Caller, DefaultAccess, Listing, Mount, Pattern, VfsPath};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};

use crate::NOW;

/// A repository with these files in its index, all of them empty.
struct Repository(tempfile::TempDir);

impl Repository {
    fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet"], "");
        let blob = repository.git(&["hash-object", "-w", "--stdin"], "");
        let entry = |path| format!("100644 {}\t{path}\0", blob.trim());
        let entries: String = paths.into_iter().map(entry).collect();
        repository.git(&["update-index", "-z", "--index-info"], &entries);
        repository
    }

    /// The files that any of the patterns matches, in git's order.
    fn glob<'p>(&self, patterns: impl IntoIterator<Item = &'p str>) -> Vec<String> {
        let specs: Vec<String> =
            patterns.into_iter().map(|text| format!(":(glob){text}")).collect();
        let mut words = vec!["ls-files", "-z", "--"];
        words.extend(specs.iter().map(String::as_str));
        let listed = self.git(&words, "");
        listed.split_terminator('\0').map(str::to_owned).collect()
    }

    fn git(&self, words: &[&str], input: &str) -> String {
        let folder: &Path = self.0.path();
        let mut child = Command::new("git")
            .args(words)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_WORK_TREE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git is installed");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {words:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The same files in a mount that anyone may list, by the pattern.
fn ours(paths: &BTreeSet<String>, pattern: Pattern) -> Vec<String> {
    let mount = Mount::at("m").default_access(DefaultAccess::ReadForAnyone);
    let handle = AclHandle::new(Acl::builder().mount(mount).build().unwrap());
    let listing = Listing::new(&handle, Caller::ANONYMOUS, pattern)
        .below(VfsPath::parse("m").unwrap())
        .at_most(10_000);
    let paths = paths.iter().map(|path| VfsPath::parse(&format!("m/{path}")).unwrap());
    let page = listing.page(paths, || NOW).unwrap();
    page.paths().iter().map(|path| path.as_str()["m/".len()..].to_owned()).collect()
}

/// What stands in braces, written out.
fn expand(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('{') else { return vec![pattern.to_owned()] };
    let (inside, behind) = rest.split_once('}').unwrap();
    inside.split(',').flat_map(|choice| expand(&format!("{before}{choice}{behind}"))).collect()
}

/// Files of a tree: what is a file is no folder.
fn tree() -> impl Strategy<Value = BTreeSet<String>> {
    let path = r"(\.?[abcA\-]{1,3}(\.[ab])?)(/\.?[abc\-]{1,2}(\.[ab])?){0,4}";
    prop::collection::btree_set(path, 60..120).prop_map(|paths| {
        let is_file = |path: &String| {
            !paths
                .iter()
                .any(|other| other.strip_prefix(&**path).is_some_and(|rest| rest.starts_with('/')))
        };
        paths.iter().filter(|path| is_file(path)).cloned().collect()
    })
}

fn pattern() -> impl Strategy<Value = String> {
    let name = r"([abcA.\-]|\*|\?|\[[abc]\]|\[!a\]|\[\^bc\]|\[a-c\]|\[A-b\]|\[\-a\]|\[\.a\]|\{a,b\}|\{,a\}|\{b/c,\*\}){1,4}";
    let segment = prop_oneof![4 => name, 2 => Just("**".to_owned()), 1 => Just("*".to_owned())];
    prop::collection::vec(segment, 1..5).prop_map(|segments| segments.join("/"))
}

#[test]
fn matches_what_git_does_on_random_patterns_and_trees() {
    let mut runner = TestRunner::new_with_rng(Config::default(), rng());
    let mut compared = 0;
    for _ in 0..8 {
        let paths = tree().new_tree(&mut runner).unwrap().current();
        let repository = Repository::of(paths.iter().map(String::as_str));
        for _ in 0..100 {
            let text = pattern().new_tree(&mut runner).unwrap().current();
            let Ok(pattern) = Pattern::new(&text) else { continue };
            let alternatives = expand(&text);
            let theirs = repository.glob(alternatives.iter().map(String::as_str));
            // The one difference that such patterns and trees can show: git takes a path for all below it.
            let is_below = |path: &str| {
                let rest =
                    |whole: &String| path.strip_prefix(&**whole).map(|rest| rest.starts_with('/'));
                alternatives.iter().filter_map(rest).any(|is_below| is_below)
            };
            let matched = ours(&paths, pattern.clone());
            let expected: Vec<String> = theirs
                .into_iter()
                .filter(|path| !is_below(path) || pattern.matches(path))
                .collect();
            assert_eq!(matched, expected, "{text}");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared} patterns are no test");
}

/// Another sequence in each run, which a failure names by its pattern.
fn rng() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::from_seed(
        proptest::test_runner::RngAlgorithm::ChaCha,
        &std::array::from_fn::<u8, 32, _>(|_| seed()),
    )
}

fn seed() -> u8 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0).to_le_bytes()[0]
}

/// The rows of the table in the documentation: pattern, path, what git does, what is done here.
fn differences() -> Vec<[String; 4]> {
    let page = include_str!("../../docs/dialect.md");
    let (_, table) = page.split_once("## Where git differs").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        [0, 1, 2, 3].map(|number| cells[number].trim_matches('`').to_owned())
    };
    rows.map(row).collect()
}

#[test]
fn git_differs_in_what_is_written_down() {
    let differences = differences();
    assert!(differences.len() > 15);
    for [pattern, path, git, here] in differences {
        let listed = Repository::of([&*path]).glob([&*pattern]);
        let theirs = if listed.is_empty() { "does not" } else { "matches" };
        assert_eq!(theirs, git, "git: {pattern} {path}");
        let said = match Pattern::new(&pattern) {
            Err(_) => "is refused",
            Ok(pattern) if pattern.matches(&path) => "matches",
            Ok(_) => "does not",
        };
        assert_eq!(said, here, "here: {pattern} {path}");
        assert_ne!(git, here, "{pattern} {path} is no difference");
    }
}
