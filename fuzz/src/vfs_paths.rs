//! Paths of the virtual file system: one that is accepted is opened as it was judged, whatever a store makes of it.

use std::{
    path::{Component, Path},
    sync::LazyLock,
    time::SystemTime,
};

use palisade_vfs_acl::{
    Acl, Action, Caller, CasePolicy, DefaultAccess, Mount, Principal, Rule, VfsPath,
};

/// Public but for `docs/secret`, in a store that does not tell case.
static ACL: LazyLock<Acl> = LazyLock::new(|| {
    let docs = Mount::at("docs").case(CasePolicy::Folded).default_access(DefaultAccess::ReadForAnyone);
    let acl = Acl::builder().mount(docs).mount(Mount::at("docs/inner"));
    acl.rule(Rule::deny("docs", Principal::Anyone, Action::Read).under("secret")).build().expect("rules")
});

/// Takes the input for a path, as it is, encoded, and below a mount.
pub fn vfs_paths(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for text in [text.clone().into_owned(), format!("docs/{text}"), format!("docs/secret/{text}")] {
        if let Ok(path) = VfsPath::parse(&text) {
            accepted(&path, &text);
        }
        if let Ok(path) = VfsPath::parse_encoded(&text) {
            accepted(&path, path.as_str());
            assert_eq!(VfsPath::parse_encoded(&encoded(&path)), Ok(path), "{text:?}");
        }
    }
}

fn accepted(path: &VfsPath, text: &str) {
    assert_eq!(path.as_str(), text, "{text:?} is changed");
    assert_eq!(VfsPath::parse(text).as_ref(), Ok(path));
    let root = Path::new("/srv");
    let opened = root.join(text);
    assert!(opened.starts_with(root) && opened != root, "{text:?} leaves the root");
    let names = Path::new(text).components();
    assert!(names.clone().all(|name| matches!(name, Component::Normal(_))), "{text:?} is not plain");
    assert_eq!(names.count(), path.segments().count(), "{text:?} has other names for std");
    assert!(!text.contains(['\\', '\0', ':']), "{text:?}");
    for read in READINGS {
        let opened = read(text);
        if is_secret(&opened) {
            assert!(!may_read(path), "{text:?} may be opened as {opened:?}");
        }
    }
}

/// What a store may make of a path before it opens it.
const READINGS: [fn(&str) -> String; 6] = [
    str::to_owned,
    |path| path.to_lowercase(),
    |path| path.to_uppercase(),
    |path| path.replace('\\', "/"),
    |path| {
        let trimmed = path.split('/').map(|name| name.trim_end_matches(['.', ' ']));
        trimmed.collect::<Vec<_>>().join("/")
    },
    |path| path.split([':', '\0']).next().unwrap_or_default().to_owned(),
];

fn is_secret(opened: &str) -> bool {
    let opened = opened.to_lowercase();
    let inside = opened.strip_prefix("docs/secret");
    inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn may_read(path: &VfsPath) -> bool {
    ACL.decide(Caller::ANONYMOUS, path, Action::Read, SystemTime::UNIX_EPOCH).is_allowed()
}

fn encoded(path: &VfsPath) -> String {
    let escape = |byte: u8| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02X}") };
    path.as_str().bytes().map(escape).collect()
}
