//! Floors: a crate imports from the floor below it alone, so that every layer stands alone.

use crate::{
    metadata::Dependency,
    tidy::finding::Finding,
    workspace::{Member, Workspace},
};

const CORE: &str = "palisade-core";
/// Beside the core on the lowest floor: the one place with `unsafe`.
const MAPPED_FILE: &str = "palisade-mapped-file";
const TEST_SUPPORT: &str = "palisade-test-support";

/// What a core of policies must not bring to everybody: runtimes, serialisers, frameworks.
const NOT_IN_CORE: [&str; 6] = ["tokio", "serde", "serde_json", "axum", "hyper", "tonic"];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Floor {
    /// The core, and the file that is mapped: nothing of ours.
    Core,
    /// One crate per layer: the lowest floor alone.
    Layer,
    /// The facade and adapters to outside engines: layers.
    Facade,
    /// What tests are made with: the core alone.
    TestSupport,
    /// Examples, benches, tests, tasks: anything.
    Open,
}

fn floor_of(folder: &str) -> Floor {
    match folder.strip_prefix("crates/") {
        Some("core" | "mapped-file") => Floor::Core,
        Some("database" | "palisade" | "redis" | "sqlite" | "vfs-store") => Floor::Facade,
        Some("test-support") => Floor::TestSupport,
        Some(_) => Floor::Layer,
        None => Floor::Open,
    }
}

/// Finds imports from the same floor or one above.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace.members.iter().flat_map(|member| of_member(member, workspace)).collect()
}

fn of_member(member: &Member, workspace: &Workspace) -> Vec<Finding> {
    let floor = floor_of(&member.folder);
    let is_ours = |name: &str| workspace.members.iter().any(|other| other.name == name);
    let is_broken = |dependency: &&Dependency| {
        let name = dependency.name.as_str();
        if dependency.is_dev() {
            return false;
        }
        match floor {
            Floor::Core => is_ours(name) || (!dependency.optional && NOT_IN_CORE.contains(&name)),
            Floor::Layer | Floor::TestSupport => {
                is_ours(name) && ![CORE, MAPPED_FILE].contains(&name)
            }
            Floor::Facade => {
                name == TEST_SUPPORT
                    || workspace.members.iter().any(|other| {
                        other.name == name
                            && matches!(floor_of(&other.folder), Floor::Facade | Floor::Open)
                    })
            }
            Floor::Open => false,
        }
    };
    let broken = member.dependencies.iter().filter(is_broken);
    let message = |dependency: &Dependency| {
        let allowed = match floor {
            Floor::Core => "the lowest floor imports nothing of ours, no runtime, no framework",
            Floor::Layer | Floor::TestSupport => "a layer imports what is below it and no sibling",
            Floor::Facade | Floor::Open => "the facade imports the core and the layers",
        };
        format!("imports `{}`: {allowed}", dependency.name)
    };
    broken.map(|dependency| Finding::new(member.manifest_path(), message(dependency))).collect()
}
