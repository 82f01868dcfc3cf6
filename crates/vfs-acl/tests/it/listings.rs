//! Listings: what is shown, in which order, page by page, and what is not told.

use std::{cell::Cell, ops::ControlFlow};

use palisade_vfs_acl::{
    Acl, AclHandle, Action, Actions, Caller, CasePolicy, DefaultAccess, Listing, Mount, Page,
    Pattern, Principal, Rule, TooBroad, VfsPath,
};
use proptest::prelude::*;

use crate::{NOW, later, path, user};

fn bob() -> Principal {
    Principal::user("bob")
}

const STORE: [&str; 9] = [
    "docs/a.md",
    "docs/plans/a.md",
    "docs/plans/b.txt",
    "docs/plans/deep/c.md",
    "docs/private/d.md",
    "mine/e.md",
    "mine/f/g.md",
    "others/h.md",
    "public/i.md",
];

/// Bob owns `mine`, lists `docs/plans`, and has nothing in `docs/private` and in `others`.
fn acl() -> Acl {
    Acl::builder()
        .mount(Mount::at("docs"))
        .mount(Mount::at("docs/private"))
        .mount(Mount::at("mine").owner(bob()))
        .mount(Mount::at("others").owner(Principal::user("carol")))
        .mount(Mount::at("public").default_access(DefaultAccess::ReadForAnyone))
        .rule(Rule::grant("docs", bob(), Action::List).under("plans"))
        .build()
        .unwrap()
}

fn store() -> impl Iterator<Item = VfsPath> {
    STORE.into_iter().map(path)
}

fn pattern(text: &str) -> Pattern {
    Pattern::new(text).unwrap()
}

fn told(page: &Page) -> String {
    page.paths().iter().map(VfsPath::as_str).collect::<Vec<_>>().join(" ")
}

/// What Bob is shown of the store.
fn listed(acl: Acl, text: &str) -> String {
    let handle = AclHandle::new(acl);
    told(&Listing::new(&handle, &user("bob"), pattern(text)).page(store(), || NOW).unwrap())
}

#[test]
fn a_listing_says_which_of_the_names_that_it_is_offered_it_keeps() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let mut listing = Listing::new(&handle, &bob, pattern("**/*.md"));
    let mut kept = Vec::new();
    for path in store() {
        let before = listing.kept();
        let _goes_on = listing.offer(&path, NOW);
        kept.extend((listing.kept() > before).then_some(path));
    }
    assert_eq!(listing.finish(NOW).unwrap().paths(), kept);
}

#[test]
fn v5_a_listing_shows_what_its_caller_may_list_and_no_name_of_another_mount() {
    assert_eq!(
        listed(acl(), "**/*.md"),
        "docs/plans/a.md docs/plans/deep/c.md mine/e.md mine/f/g.md public/i.md"
    );
    assert_eq!(listed(acl(), "**"), [&STORE[1..4], &STORE[5..7], &STORE[8..]].concat().join(" "));
    assert_eq!(listed(acl(), "docs/private/*"), "");
    assert_eq!(listed(acl(), "others/h.md"), "");
}

#[test]
fn names_are_shown_to_who_lists_their_folder_unless_the_name_itself_is_taken() {
    let acl =
        |rules: Vec<Rule>| Acl::builder().mount(Mount::at("docs")).rules(rules).build().unwrap();
    let shows = |acl: &Acl, at: &str| acl.shows(&user("bob"), &path(at), NOW);
    let list = || Rule::grant("docs", bob(), Action::List);
    let folder = acl(vec![list().matching("plans")]);
    assert!(shows(&folder, "docs/plans/a") && !shows(&folder, "docs/plans/a/b"));
    assert!(!shows(&folder, "docs/plans"), "that is a name in `docs`");
    assert!(shows(&folder, "docs"), "a mount where he may do something");
    let all = |rule: Rule| acl(vec![list(), rule]);
    let hidden = all(Rule::deny("docs", Principal::Anyone, Action::List).under("plans"));
    assert!(!shows(&hidden, "docs/plans") && !shows(&hidden, "docs/plans/a"));
    assert!(shows(&hidden, "docs/a"));
    let unread = all(Rule::deny("docs", bob(), Action::Read).matching("**/*.key"));
    assert!(shows(&unread, "docs/a.key"), "to read it is another thing");
    let revoked = all(Rule::revoke("docs", bob()).matching("**/*.key"));
    assert!(!shows(&revoked, "docs/a.key"));
}

#[test]
fn a_page_ends_where_it_is_told_to_and_the_next_goes_on_behind_it() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let mut pages = Vec::new();
    let mut after: Option<VfsPath> = None;
    loop {
        let mut listing = Listing::new(&handle, &bob, pattern("**")).at_most(2);
        if let Some(after) = &after {
            listing = listing.after(after);
        }
        let page = listing.page(store(), || NOW).unwrap();
        pages.push(told(&page));
        match page.next() {
            Some(next) => after = Some(next.clone()),
            None => break,
        }
    }
    assert_eq!(
        pages,
        [
            "docs/plans/a.md docs/plans/b.txt",
            "docs/plans/deep/c.md mine/e.md",
            "mine/f/g.md public/i.md",
            ""
        ]
    );
}

#[test]
fn a_listing_of_a_folder_matches_from_there_on() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let below = |folder: &str, text: &str| {
        let listing = Listing::new(&handle, &bob, pattern(text)).below(path(folder));
        told(&listing.page(store(), || NOW).unwrap())
    };
    assert_eq!(below("docs/plans", "*"), "docs/plans/a.md docs/plans/b.txt");
    assert_eq!(below("docs/plans", "**/*.md"), "docs/plans/a.md docs/plans/deep/c.md");
    assert_eq!(below("min", "**"), "");
    assert_eq!(below("others", "**"), "");
}

#[test]
fn v5_the_store_is_asked_for_no_mount_that_the_caller_may_not_see() {
    let handle = AclHandle::new(acl());
    let scopes = |below: Option<&str>, text: &str, who: Caller<'_>| {
        let mut listing = Listing::new(&handle, who, pattern(text));
        if let Some(below) = below {
            listing = listing.below(path(below));
        }
        listing.scopes(NOW).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    let identity = user("bob");
    let bob = Caller::from(&identity);
    assert_eq!(scopes(None, "**", bob), "docs mine public");
    assert_eq!(scopes(None, "**", Caller::ANONYMOUS), "public");
    assert_eq!(scopes(None, "docs/plans/**/*.md", bob), "docs/plans");
    assert_eq!(scopes(None, "{docs/plans,docs/x}/*", bob), "docs");
    assert_eq!(scopes(Some("docs"), "plans/deep/*", bob), "docs/plans/deep");
    assert_eq!(scopes(Some("docs/private"), "**", bob), "");
    assert_eq!(scopes(None, "others/**", bob), "");
}

#[test]
fn scopes_are_in_the_order_of_what_is_in_them_and_none_lies_in_another() {
    let names = ["a", "a.b", "a-b", "a/b", "a/b/c", "b"];
    let mounts = names.map(|name| Mount::at(name).owner(bob()));
    let mut builder = Acl::builder();
    for mount in mounts {
        builder = builder.mount(mount);
    }
    let handle = AclHandle::new(builder.build().unwrap());
    let bob = user("bob");
    let mut listing = Listing::new(&handle, &bob, pattern("**"));
    let scopes: Vec<String> = listing.scopes(NOW).iter().map(ToString::to_string).collect();
    assert_eq!(scopes, ["a-b", "a.b", "a", "b"]);
    let contents: Vec<String> = scopes.iter().map(|scope| format!("{scope}/x")).collect();
    assert!(contents.is_sorted());
}

#[test]
fn v5_what_is_revoked_in_the_middle_of_a_listing_is_not_on_its_page() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let mut listing = Listing::new(&handle, &bob, pattern("**"));
    for path in store().take(3) {
        assert_eq!(listing.offer(&path, NOW), ControlFlow::Continue(()));
    }
    handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::user("bob")))).unwrap();
    for path in store().skip(3) {
        assert_eq!(listing.offer(&path, NOW), ControlFlow::Continue(()));
    }
    let page = listing.finish(NOW).unwrap();
    assert_eq!(told(&page), "mine/e.md mine/f/g.md public/i.md");
}

#[test]
fn v5_what_was_revoked_fills_no_page() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let mut listing = Listing::new(&handle, &bob, pattern("**")).at_most(3);
    assert!(listing.offer(&path(STORE[1]), NOW).is_continue());
    handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::user("bob")))).unwrap();
    for path in store().skip(2) {
        if listing.offer(&path, NOW).is_break() {
            break;
        }
    }
    // Two places are left for what comes behind it.
    assert_eq!(told(&listing.finish(NOW).unwrap()), "mine/e.md mine/f/g.md");
}

#[test]
fn v5_a_cursor_is_no_name_that_was_revoked_meanwhile() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let mut listing = Listing::new(&handle, &bob, pattern("**")).at_most(2);
    for path in store() {
        if listing.offer(&path, NOW).is_break() {
            break;
        }
    }
    handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::user("bob")))).unwrap();
    let page = listing.finish(NOW).unwrap();
    assert_eq!((told(&page).as_str(), page.next()), ("", None));
}

#[test]
fn a_grant_that_ends_in_the_middle_of_a_listing_shows_nothing_more() {
    let grant = Rule::grant("docs", bob(), Action::List).until(later(5));
    let handle =
        AclHandle::new(Acl::builder().mount(Mount::at("docs")).rule(grant).build().unwrap());
    let bob = user("bob");
    let second = Cell::new(0);
    let clock = || {
        second.set(second.get() + 1);
        later(second.get())
    };
    let paths = (0..10).map(|number| path(&format!("docs/{number}")));
    let page = Listing::new(&handle, &bob, pattern("**")).page(paths, clock).unwrap();
    assert_eq!(told(&page), "", "it is asked once more when the page is handed out");
}

#[test]
fn v4_a_pattern_made_to_take_long_ends_the_page_and_goes_on() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let paths: Vec<VfsPath> =
        (0..100).map(|n| path(&format!("mine/{n:03}/{}", "a".repeat(200)))).collect();
    let bomb = || pattern(&format!("**/*{}b", "a".repeat(100)));
    let (mut after, mut pages) = (None::<VfsPath>, 0);
    loop {
        let mut listing = Listing::new(&handle, &bob, bomb()).within_steps(200_000);
        if let Some(after) = &after {
            listing = listing.after(after);
        }
        let page = listing.page(paths.iter().cloned(), || NOW).unwrap();
        assert_eq!(page.paths(), []);
        pages += 1;
        let Some(next) = page.next() else { break };
        assert!(after.as_ref().is_none_or(|after| after < next), "it gets on");
        after = Some(next.clone());
    }
    assert!((2..=100).contains(&pages), "{pages}");
    let one = Listing::new(&handle, &bob, bomb()).within_steps(1_000);
    assert_eq!(one.page(paths, || NOW), Err(TooBroad));
}

#[test]
fn v5_names_that_are_not_shown_are_never_matched_and_never_a_cursor() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    // Matching any of these would take more than all steps there are; a decision takes 50.
    let hidden = (0..100).map(|n| path(&format!("others/{n:03}/{}", "a".repeat(200))));
    let bomb = || pattern(&format!("**/*{}b", "a".repeat(100)));
    let page = Listing::new(&handle, &bob, bomb()).within_steps(5_000).page(hidden.clone(), || NOW);
    assert_eq!(page.map(|page| (page.paths().len(), page.next().cloned())), Ok((0, None)));
    let page = Listing::new(&handle, &bob, bomb()).within_steps(4_999).page(hidden.clone(), || NOW);
    assert_eq!(page, Err(TooBroad), "and not a page whose cursor is one of them");
    let seen = path("mine/a");
    let listing = Listing::new(&handle, &bob, pattern("*")).within_steps(2_000);
    let page = listing.page([seen.clone()].into_iter().chain(hidden), || NOW).unwrap();
    assert_eq!(page.next(), Some(&seen), "the last that he was shown, though it did not match");
}

#[test]
fn what_the_store_offers_twice_or_out_of_order_is_passed_over() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let paths = ["mine/b", "mine/a", "mine/b", "mine/c"].map(path);
    let page = Listing::new(&handle, &bob, pattern("**")).page(paths, || NOW).unwrap();
    assert_eq!(told(&page), "mine/b mine/c");
}

#[test]
fn a_page_has_a_cap_whoever_asks() {
    let handle = AclHandle::new(acl());
    let bob = user("bob");
    let paths = || (0..10_001).map(|number| path(&format!("mine/{number:05}")));
    let count = |listing: Listing<'_>| listing.page(paths(), || NOW).unwrap().paths().len();
    let listing = || Listing::new(&handle, &bob, pattern("**"));
    assert_eq!(count(listing()), 1_000);
    assert_eq!(count(listing().at_most(usize::MAX)), 10_000);
    assert_eq!(count(listing().at_most(0)), 1);
}

#[test]
fn v2_a_listing_in_a_store_without_case_matches_in_any() {
    let mount = Mount::at("docs").case(CasePolicy::Folded).owner(bob());
    let handle = AclHandle::new(Acl::builder().mount(mount).build().unwrap());
    let case = handle.current().case_of(&path("docs")).unwrap();
    let folded = Pattern::with_case("Plans/**/*.MD", case).unwrap();
    let bob = user("bob");
    let mut listing = Listing::new(&handle, &bob, folded).below(path("docs"));
    assert_eq!(listing.scopes(NOW), [path("docs")], "the store may have `plans` and `PLANS`");
    let paths = ["docs/PLANS/a.md", "docs/b.md", "docs/plans/B.Md"].map(path);
    assert_eq!(told(&listing.page(paths, || NOW).unwrap()), "docs/PLANS/a.md docs/plans/B.Md");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Page after page, a listing is all that is shown and matches, in order, each once; and reading the scopes alone misses
    /// nothing.
    #[test]
    fn pages_are_together_all_that_is_shown_and_matches(
        paths in prop::collection::btree_set("[mn](/[ab]){1,3}", 0..30),
        rules in prop::collection::vec(("[ab](/[ab]){0,1}", any::<bool>(), any::<bool>()), 0..6),
        text in r"(\*\*|[mn*]|m/a)(/(\*\*|[ab*?])){0,3}",
        most in 1_usize..5,
    ) {
        let rule = |(under, denies, of_n): &(String, bool, bool)| {
            let mount = if *of_n { "n" } else { "m" };
            let rule = if *denies { Rule::deny(mount, bob(), Actions::ALL) } else { Rule::grant(mount, bob(), Actions::ALL) };
            rule.under(under.clone())
        };
        let builder = Acl::builder().mount(Mount::at("m")).mount(Mount::at("n").owner(bob()));
        let acl = builder.rules(rules.iter().map(rule)).build().unwrap();
        let Ok(pattern) = Pattern::new(&text) else { return Ok(()) };
        let paths: Vec<VfsPath> = paths.iter().map(|text| path(text)).collect();
        let bob = user("bob");
        let expected: Vec<VfsPath> = paths.iter().filter(|path| acl.shows(&bob, path, NOW) && pattern.matches(path.as_str())).cloned().collect();
        let handle = AclHandle::new(acl);
        let scopes = Listing::new(&handle, &bob, pattern.clone()).scopes(NOW);
        let read: Vec<VfsPath> = scopes.iter().flat_map(|scope| {
            let is_inside = |path: &&VfsPath| path.is_within(scope) && *path != scope;
            paths.iter().filter(is_inside).cloned().collect::<Vec<_>>()
        }).collect();
        prop_assert!(read.is_sorted());
        let (mut all, mut after) = (Vec::new(), None::<VfsPath>);
        loop {
            let mut listing = Listing::new(&handle, &bob, pattern.clone()).at_most(most);
            if let Some(after) = &after {
                listing = listing.after(after);
            }
            let page = listing.page(read.iter().cloned(), || NOW).unwrap();
            all.extend(page.paths().iter().cloned());
            match page.next() {
                Some(next) => after = Some(next.clone()),
                None => break,
            }
        }
        prop_assert_eq!(all, expected);
    }
}
