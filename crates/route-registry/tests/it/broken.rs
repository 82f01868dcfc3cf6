//! Judges that are broken as others were: the rows of `threats.rs` find each out, so they are worth keeping.

use http::Method;
use palisade_core::Access;
use palisade_route_registry::{Registry, check_path};
use percent_encoding::percent_decode_str;

use crate::threats::{self, Judge, Row};

fn is_found_out(row: Row, broken: Judge) {
    assert_ne!(row(broken), Vec::<String>::new());
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap()
}

/// Looks the path up as it is.
fn believes_every_path(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    Some(registry.resolve(method, path(target)).access())
}

/// Refuses what is strange, and then believes what the pattern says of any spelling.
fn knows_no_twins(registry: &Registry, _: &Method, target: &str) -> Option<Access> {
    check_path(path(target)).ok()?;
    let found = registry.resolve(&Method::GET, path(target));
    Some(found.declared().map_or(Access::Protected, |declared| declared.access()))
}

/// Decodes first, and so takes part of the path for a query.
fn decodes_first(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let decoded = percent_decode_str(target).decode_utf8_lossy();
    let cut = decoded.split(['?', '#']).next().unwrap();
    Some(registry.resolve(method, cut).access())
}

/// Searches the whole target for what is public.
fn searches_the_target(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let mut public = registry.routes().filter(|route| route.access() == Access::Public);
    if public.any(|route| target.contains(route.pattern().as_str().trim_end_matches("{*rest}"))) {
        return Some(Access::Public);
    }
    Some(registry.resolve(method, path(target)).access())
}

/// Takes files for public by their ending.
fn trusts_suffixes(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let public = [".png", ".xhtml", ".md"].iter().any(|suffix| path(target).ends_with(suffix));
    let resolved = || registry.resolve(method, path(target)).access();
    Some(if public { Access::Public } else { resolved() })
}

/// Serves a mount by its prefix.
fn strips_a_prefix(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    match target.strip_prefix("/files") {
        Some(_) => Some(Access::Public),
        None => Some(registry.resolve(method, path(target)).access()),
    }
}

/// Checks the methods that are declared, and lets all others through.
fn lists_methods(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let found = registry.resolve(method, path(target));
    Some(found.declared_for_method().map_or(Access::Public, |declared| declared.access()))
}

/// Believes the strictest declaration of the path, also where it is public.
fn stretches_declarations(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let found = registry.resolve(method, path(target));
    found.declared().map(|declared| declared.access())
}

/// Believes a header that names another method.
fn obeys_overrides(registry: &Registry, _: &Method, target: &str) -> Option<Access> {
    Some(registry.resolve(&Method::POST, path(target)).access())
}

/// Takes no rule for no lock.
fn opens_the_unknown(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let found = registry.resolve(method, path(target));
    Some(found.declared().map_or(Access::Public, |_| found.access()))
}

/// Takes a pattern for a prefix.
fn matches_prefixes(registry: &Registry, method: &Method, target: &str) -> Option<Access> {
    let by_prefix = registry.routes().find(|route| target.starts_with(route.pattern().as_str()));
    let resolved = || registry.resolve(method, path(target)).access();
    Some(by_prefix.map_or_else(resolved, |route| route.access()))
}

#[test]
fn r1_finds_who_believes_every_path_and_who_knows_no_twins() {
    is_found_out(threats::r1, believes_every_path);
    is_found_out(threats::r1, knows_no_twins);
    is_found_out(threats::r1, strips_a_prefix);
}

#[test]
fn r2_finds_who_decodes_first() {
    is_found_out(threats::r2, decodes_first);
    is_found_out(threats::r2, believes_every_path);
}

#[test]
fn r3_finds_who_searches_the_target() {
    is_found_out(threats::r3, searches_the_target);
}

#[test]
fn r4_finds_who_trusts_suffixes() {
    is_found_out(threats::r4, trusts_suffixes);
}

#[test]
fn r5_finds_who_serves_a_mount_by_its_prefix() {
    is_found_out(threats::r5, strips_a_prefix);
    is_found_out(threats::r5, believes_every_path);
}

#[test]
fn r6_finds_who_lets_methods_through() {
    is_found_out(threats::r6, lists_methods);
    is_found_out(threats::r6, stretches_declarations);
    is_found_out(threats::r6, obeys_overrides);
}

#[test]
fn r7_finds_who_takes_no_rule_for_no_lock() {
    is_found_out(threats::r7, opens_the_unknown);
    is_found_out(threats::r7, matches_prefixes);
}
