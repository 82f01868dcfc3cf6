//! Which of several patterns wins.

use crate::{found, registry};

fn wins(patterns: &[&str], path: &str, expected: &str) {
    // The order of declaration never matters.
    let mut reversed = patterns.to_vec();
    reversed.reverse();
    for patterns in [patterns.to_vec(), reversed] {
        let winner = found(&registry(&patterns), path).map(|(pattern, _)| pattern);
        assert_eq!(winner.as_deref(), Some(expected), "{path} of {patterns:?}");
    }
}

const TABLE: &[&str] = &[
    "/post/new",
    "/post/{id}.email.html",
    "/post/{id}.html",
    "/post/x-{id}.html",
    "/post/{id}",
    "/post/{*rest}",
];

#[test]
fn literal_then_more_text_then_parameter_then_catch_all() {
    wins(TABLE, "/post/new", "/post/new");
    wins(TABLE, "/post/7.email.html", "/post/{id}.email.html");
    wins(TABLE, "/post/7.html", "/post/{id}.html");
    wins(TABLE, "/post/x-7.html", "/post/x-{id}.html");
    wins(TABLE, "/post/7", "/post/{id}");
    wins(TABLE, "/post/7/8", "/post/{*rest}");
    wins(TABLE, "/post/.html", "/post/{id}");
    wins(TABLE, "/post/.email.html", "/post/{id}.html");
}

#[test]
fn of_as_much_text_more_in_front_wins() {
    wins(&["/ab{x}", "/{x}cd", "/a{x}d"], "/ab--cd", "/ab{x}");
    wins(&["/{x}cd", "/a{x}d"], "/ab--cd", "/a{x}d");
}

#[test]
fn the_leftmost_segment_decides_first() {
    wins(&["/a/{x}", "/{x}/b"], "/a/b", "/a/{x}");
    wins(&["/{x}/b/c", "/a/{*rest}"], "/a/b/c", "/a/{*rest}");
}

#[test]
fn a_choice_that_leads_nowhere_is_taken_back_with_its_parameters() {
    wins(&["/a/b/c", "/{x}/b/d"], "/a/b/d", "/{x}/b/d");
    wins(&["/{x}.md/raw", "/{x}/info"], "/a.md/info", "/{x}/info");
    let registry = registry(&["/{a}.md/{b}/x", "/{c}/{d}/y", "/{*e}"]);
    assert_eq!(
        found(&registry, "/1.md/2/y").unwrap().1,
        [("c".to_owned(), "1.md".to_owned()), ("d".to_owned(), "2".to_owned())]
    );
    assert_eq!(found(&registry, "/1.md/2/z").unwrap().1, [("e".to_owned(), "1.md/2/z".to_owned())]);
}
