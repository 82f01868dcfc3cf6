//! Every rule goes red on a tree that breaks it, and the workspace breaks none.

use super::*;
use crate::{
    metadata::Dependency,
    workspace::{Member, TextFile},
};

fn tree(files: &[(&str, &str)]) -> Workspace {
    let file =
        |(path, text): &(&str, &str)| TextFile { path: (*path).into(), text: (*text).into() };
    Workspace { files: files.iter().map(file).collect(), members: Vec::new() }
}

fn member(name: &str, folder: &str, manifest: &str) -> Member {
    Member {
        name: name.into(),
        folder: folder.into(),
        description: None,
        dependencies: Vec::new(),
        manifest: manifest.parse().expect("a manifest"),
    }
}

fn on(name: &str, kind: Option<&str>) -> Dependency {
    Dependency { name: name.into(), kind: kind.map(Into::into), optional: false, path: None }
}

/// What `find` says about `workspace`, a line each.
fn said(find: fn(&Workspace) -> Vec<Finding>, workspace: &Workspace) -> Vec<String> {
    find(workspace).iter().map(ToString::to_string).collect()
}

#[test]
fn the_workspace_is_tidy() {
    let result = Workspace::read().and_then(|workspace| check(&workspace));
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

#[test]
fn a_layer_that_imports_a_sibling_is_found() {
    let mut layer = member("palisade-autoban", "crates/autoban", "");
    layer.dependencies = vec![
        on("palisade-core", None),
        on("palisade-blocklist", None),
        on("palisade-test-support", Some("dev")),
    ];
    let sibling = member("palisade-blocklist", "crates/blocklist", "");
    let mut core = member("palisade-core", "crates/core", "");
    core.dependencies =
        vec![on("tokio", None), on("tokio", Some("dev")), on("palisade-blocklist", Some("build"))];
    let mut facade = member("palisade", "crates/palisade", "");
    facade.dependencies = vec![
        on("palisade-autoban", None),
        on("palisade-server", None),
        on("palisade-test-support", None),
    ];
    let mut server = member("palisade-server", "examples/reference-server", "");
    server.dependencies = vec![on("palisade", None), on("palisade-core", None)];
    let support = member("palisade-test-support", "crates/test-support", "");
    let members = vec![layer, sibling, core, facade, server, support];
    let broken = said(floors::check, &Workspace { members, ..Workspace::default() });
    assert_eq!(broken.len(), 5, "{broken:#?}");
    assert!(broken[0].starts_with("crates/autoban/Cargo.toml: imports `palisade-blocklist`"));
    assert!(broken[1].starts_with("crates/core/Cargo.toml: imports `tokio`"));
    assert!(broken[2].starts_with("crates/core/Cargo.toml: imports `palisade-blocklist`"));
    assert!(broken[3].starts_with("crates/palisade/Cargo.toml: imports `palisade-server`"));
    assert!(broken[4].starts_with("crates/palisade/Cargo.toml: imports `palisade-test-support`"));
}

#[test]
fn a_member_with_lints_of_its_own_is_found() {
    let members = vec![
        member("a", "crates/a", "[lints]\nworkspace = true"),
        member("b", "crates/b", "[lints.rust]\nunsafe_code = \"allow\""),
        member("c", "crates/c", ""),
    ];
    let broken = said(inherited_lints::check, &Workspace { members, ..Workspace::default() });
    assert_eq!(broken.len(), 2, "{broken:#?}");
}

#[test]
fn the_member_with_unsafe_has_the_lints_of_the_workspace_but_for_that() {
    let root = |level: &str| {
        format!("[workspace.lints.rust]\nunsafe_code = \"{level}\"\nmissing_docs = \"warn\"")
    };
    let found = |root: &str, own: &str| {
        let members = vec![member("m", "crates/mapped-file", own)];
        said(inherited_lints::check, &Workspace { members, ..tree(&[("Cargo.toml", root)]) }).len()
    };
    let own = "[lints.rust]\nunsafe_code = \"deny\"\nmissing_docs = \"warn\"";
    assert_eq!(found(&root("forbid"), own), 0);
    assert_eq!(found(&root("deny"), own), 1, "it is no exception");
    assert_eq!(found(&root("forbid"), "[lints.rust]\nunsafe_code = \"deny\""), 1, "one is missing");
    assert_eq!(found(&root("forbid"), &own.replace("deny", "allow")), 1);
    assert_eq!(found(&root("forbid"), "[lints]\nworkspace = true"), 1, "then it has no `unsafe`");
}

#[test]
fn a_file_that_does_not_say_what_it_is_for_is_found() {
    let files = [
        ("a.rs", "//! Says.\n"),
        ("b.rs", "use x;\n"),
        ("c.rs", "//!\n"),
        ("d.rs", ""),
        ("e.md", "# E\n"),
    ];
    let broken = said(first_line::check, &tree(&files));
    assert_eq!(broken.len(), 3, "{broken:#?}");
}

#[test]
fn a_long_file_and_a_needless_excuse_are_found() {
    let long = "x\n".repeat(401);
    let just = "x\n".repeat(400);
    let files =
        [("long.rs", long.as_str()), ("just.rs", just.as_str()), ("table.md", long.as_str())];
    let workspace = tree(&files);
    assert_eq!(said(length::check, &workspace).len(), 1);
    assert_eq!(length::judge(&workspace, &[("long.rs", "a table")]), vec![]);
    assert_eq!(length::judge(&workspace, &[("long.rs", "a table"), ("just.rs", "?")]).len(), 1);
}

#[test]
fn a_readme_that_lists_other_crates_than_there_are_is_found() {
    let rows = "| [`crates/core`](crates/core) | the floor |\n| [`crates/gone`](crates/gone) | |\n";
    let mut workspace = tree(&[("README.md", rows)]);
    workspace.members = vec![
        member("a", "crates/core", ""),
        member("b", "crates/new", ""),
        member("c", "xtask", ""),
    ];
    let broken = said(readme::check, &workspace);
    assert_eq!(
        broken,
        ["README.md: does not list crates/new", "README.md: lists crates/gone, which is no member"]
    );
}

#[test]
fn a_readme_without_a_list_is_a_note() {
    let found = readme::check(&tree(&[("README.md", "# Palisade\n")]));
    assert!(found.iter().all(Finding::is_note) && found.len() == 1);
}

#[test]
fn a_path_out_of_the_workspace_is_found() {
    let mut inside = member("a", "crates/a", "");
    let path = |name: &str| Dependency { path: Some(format!("/else/{name}")), ..on(name, None) };
    inside.dependencies = vec![path("b"), path("stranger"), on("http", None)];
    let members = vec![inside, member("b", "crates/b", "")];
    let broken = said(path_dependencies::check, &Workspace { members, ..Workspace::default() });
    assert_eq!(broken.len(), 1);
    assert!(broken[0].contains("`stranger`"));
}

#[test]
fn a_description_that_is_not_the_docs_first_sentence_is_found() {
    let docs = "//! Decides about `X`: all of it,\n//! once. Then more.\n//!\n//! # Rules\n";
    assert_eq!(description::first_sentence(docs), "Decides about X: all of it, once");
    let mut workspace = tree(&[
        ("crates/a/src/lib.rs", docs),
        ("crates/b/src/main.rs", docs),
        ("crates/c/src/lib.rs", docs),
    ]);
    let described = |name: &str, description: Option<&str>| Member {
        description: description.map(Into::into),
        ..member(name, &format!("crates/{name}"), "")
    };
    workspace.members = vec![
        described("a", Some("Decides about X: all of it, once.")),
        described("b", Some("To be written")),
        described("c", None),
    ];
    let broken = said(description::check, &workspace);
    assert_eq!(broken.len(), 2, "{broken:#?}");
}

#[test]
fn a_name_that_says_nothing_is_found() {
    let files = [
        ("a/src/utils.rs", ""),
        ("a/src/helpers/mod.rs", ""),
        ("a/src/quota.rs", ""),
        ("docs/types.md", ""),
    ];
    assert_eq!(said(file_names::check, &tree(&files)).len(), 2);
}

#[test]
fn what_is_left_open_is_found() {
    let text = "fn a() { todo!() }\n#[ignore = \"slow\"]\ntokio::time::sleep(x).await;\nno_sleep();\nunimplemented!()\n";
    let workspace = tree(&[("a/src/a.rs", text)]);
    assert_eq!(said(unfinished::check, &workspace).len(), 4);
    assert_eq!(unfinished::judge(&workspace, &[("a/", "sleep(", "a timer")]).len(), 3);
}

#[test]
fn a_path_of_one_machine_is_found() {
    let text = "see /work/x\n`/root/.cargo`\nnet/work/y\nhttps://a.example/tmp/z\n";
    let broken = said(machine_paths::check, &tree(&[("docs/a.md", text)]));
    assert_eq!(broken.len(), 2, "{broken:#?}");
    assert!(broken[1].starts_with("docs/a.md:2: "));
}

#[test]
fn a_version_in_a_member_is_found() {
    let manifest = "[dependencies]\na.workspace = true\nb = \"1\"\nc = { workspace = true, features = [] }\n\
        [dev-dependencies]\nitself = { path = \".\" }\nd = { path = \"../d\" }\n[target.'cfg(unix)'.dependencies]\ne = \"1\"\n";
    let members = vec![member("itself", "crates/a", manifest)];
    let broken = said(versions::check, &Workspace { members, ..Workspace::default() });
    assert_eq!(broken.len(), 3, "{broken:#?}");
}

#[test]
fn an_accessor_with_a_prefix_is_found() {
    let text = "pub fn get_a() {}\n    pub(crate) async fn set_b<T>() {}\nfn get_c() {}\npub fn getter() {}\n";
    assert_eq!(
        said(accessor_names::check, &tree(&[("a/src/a.rs", text), ("a/tests/a.rs", text)])).len(),
        2
    );
}

#[test]
fn stray_whitespace_is_found() {
    let files = [
        ("a.rs", "x \ny\n"),
        ("b.md", "x"),
        ("c.toml", "x\n\n"),
        ("d.rs", "\tx\n"),
        ("e.csv", "x "),
    ];
    assert_eq!(said(whitespace::check, &tree(&files)).len(), 4);
}

#[test]
fn a_threat_without_a_test_and_a_test_without_a_threat_are_found() {
    let model = "# Threats\n\n| row | attack |\n|---|---|\n| J1 | none |\n| W4 | time |\n";
    let tests =
        "#[test]\nfn j1_j2_an_algorithm_is_refused() {}\nasync fn h2_only(x: u8) {}\nfn j() {}\n";
    let workspace = tree(&[("docs/threat-model.md", model), ("crates/a/tests/it/a.rs", tests)]);
    let said = said(threats::check, &workspace);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].contains("`j1_j2_an_algorithm_is_refused`"), "{said:?}");
    assert!(said[1].contains("`h2_only`"), "{said:?}");
    assert!(said[2].contains("W4 has no test"), "{said:?}");
}
