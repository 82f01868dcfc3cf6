//! Patterns of the virtual file system: what matches is what a plain reading of the dialect says, and a listing is that of
//! what is shown.

use std::{collections::BTreeSet, time::SystemTime};

use palisade_vfs_acl::{
    Acl, AclHandle, Actions, Caller, CasePolicy, Listing, Mount, Pattern, Principal, Rule, VfsPath,
};

/// More lines are left out.
const MOST_LINES: usize = 24;

/// Names on a page.
const ON_A_PAGE: usize = 3;

/// Takes the first line of the input for a pattern, and the others for paths.
pub fn vfs_patterns(data: &[u8]) {
    let input = String::from_utf8_lossy(data);
    let mut lines = input.lines();
    let text = lines.next().unwrap_or_default();
    let paths: BTreeSet<VfsPath> =
        lines.take(MOST_LINES).filter_map(|line| VfsPath::parse(line).ok()).collect();
    let Ok(pattern) = Pattern::new(text) else { return };
    let folded = Pattern::with_case(text, CasePolicy::Folded).expect("what is a pattern is one in any case");
    for path in &paths {
        let path = path.as_str();
        let matches = pattern.matches(path);
        assert_eq!(matches, expand(text).iter().any(|one| plainly(one, path)), "{text:?} on {path:?}");
        assert!(!matches || text.contains("[!") || text.contains("[^") || folded.matches(path), "{text:?} on {path:?}");
        let head = pattern.head();
        let is_inside = head.is_empty() || path.strip_prefix(head).is_some_and(|rest| rest.starts_with('/'));
        assert!(!matches || is_inside, "{text:?} matches {path:?}, outside of {head:?}");
    }
    listing(&pattern, &paths);
}

/// Writes out what stands in braces; what stands in a class is none.
fn expand(text: &str) -> Vec<String> {
    let mut in_class = false;
    let open = text.find(|letter| {
        in_class = (in_class || letter == '[') && letter != ']';
        letter == '{' && !in_class
    });
    let Some((before, rest)) = open.map(|at| text.split_at(at)) else { return vec![text.to_owned()] };
    let (inside, behind) = rest[1..].split_once('}').expect("closed");
    let ends = expand(behind);
    let with = |choice: &str| ends.iter().map(|end| format!("{before}{choice}{end}")).collect::<Vec<_>>();
    inside.split(',').flat_map(with).collect()
}

/// The dialect, read from left to right.
fn plainly(pattern: &str, path: &str) -> bool {
    let names: Vec<Vec<char>> = path.split('/').map(|name| name.chars().collect()).collect();
    let globs: Vec<Vec<char>> = pattern.split('/').map(|glob| glob.chars().collect()).collect();
    // Which beginnings of the path the globs so far match.
    let mut reached: BTreeSet<usize> = BTreeSet::from([0]);
    for (number, glob) in globs.iter().enumerate() {
        let next: BTreeSet<usize> = match glob.as_slice() {
            ['*', '*'] => {
                let least = usize::from(number + 1 == globs.len());
                reached.iter().flat_map(|from| from + least..=names.len()).collect()
            }
            glob => {
                let fits = |at: &&usize| names.get(**at).is_some_and(|name| name_fits(glob, name));
                reached.iter().filter(fits).map(|at| at + 1).collect()
            }
        };
        reached = next;
    }
    reached.contains(&names.len())
}

fn name_fits(glob: &[char], name: &[char]) -> bool {
    let mut reached: BTreeSet<usize> = BTreeSet::from([0]);
    let mut rest = glob;
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first == '*' {
            reached = reached.iter().flat_map(|from| *from..=name.len()).collect();
            continue;
        }
        let mut class = None;
        if *first == '[' {
            let end = rest.iter().position(|letter| *letter == ']').expect("closed");
            class = Some(&rest[..end]);
            rest = &rest[end + 1..];
        }
        let fits = |letter: &char| match class {
            Some(class) => in_class(class, *letter),
            None => *first == '?' || first == letter,
        };
        let next = |at: &usize| name.get(*at).filter(|letter| fits(letter)).map(|_| at + 1);
        reached = reached.iter().filter_map(next).collect();
    }
    reached.contains(&name.len())
}

fn in_class(class: &[char], letter: char) -> bool {
    let (is_not, mut rest) = match class {
        ['!' | '^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    while let [from, behind @ ..] = rest {
        let (to, behind) = match behind {
            ['-', to, behind @ ..] => (to, behind),
            behind => (from, behind),
        };
        found |= (*from..=*to).contains(&letter);
        rest = behind;
    }
    found != is_not
}

/// Page after page, a listing is what is shown and matches, each once; also with few steps, or it says so.
fn listing(pattern: &Pattern, paths: &BTreeSet<VfsPath>) {
    let acl = Acl::builder().mount(Mount::at("a").owner(Principal::role("x"))).mount(Mount::at("b"));
    let grant = Rule::grant("b", Principal::role("x"), Actions::ALL).under("c");
    let deny = Rule::deny("a", Principal::Anyone, Actions::ALL).matching("**/b*");
    let handle = AclHandle::new(acl.rules([grant, deny]).build().expect("rules"));
    let identity = palisade_core::Identity::new("u", palisade_core::IdentityKind::Jwt).role("x");
    let now = SystemTime::UNIX_EPOCH;
    let shown = |path: &&VfsPath| handle.current().shows(Caller::from(&identity), path, now);
    let expected: Vec<&VfsPath> =
        paths.iter().filter(shown).filter(|path| pattern.matches(path.as_str())).collect();
    let (mut all, mut after) = (Vec::new(), None::<VfsPath>);
    loop {
        let mut listing = Listing::new(&handle, &identity, pattern.clone()).at_most(ON_A_PAGE);
        if let Some(after) = &after {
            listing = listing.after(after);
        }
        let page = listing.page(paths.iter().cloned(), || now).expect("steps for a few names");
        all.extend(page.paths().iter().cloned());
        let Some(next) = page.next() else { break };
        assert!(after.as_ref().is_none_or(|after| after < next), "{pattern:?} stays at {next:?}");
        assert!(shown(&next), "{pattern:?} tells of {next:?}");
        after = Some(next.clone());
    }
    assert_eq!(all.iter().collect::<Vec<_>>(), expected, "{pattern:?}");
    let few = Listing::new(&handle, &identity, pattern.clone()).within_steps(200);
    if let Ok(page) = few.page(paths.iter().cloned(), || now) {
        assert!(expected.iter().copied().take(page.paths().len()).eq(page.paths()), "{pattern:?}");
    }
}
