//! What a pattern matches, and which texts are no pattern.

use palisade_route_registry::Pattern;

use crate::values;

fn matches(pattern: &str, path: &str, expected: &[&str]) {
    let found = values(pattern, path).unwrap_or_else(|| panic!("{pattern} does not match {path}"));
    assert_eq!(found, expected, "{pattern} {path}");
}

fn misses(pattern: &str, path: &str) {
    assert_eq!(values(pattern, path), None, "{pattern} {path}");
}

fn wrong(pattern: &str, expected: &str) {
    let error = Pattern::parse(pattern).expect_err(pattern).to_string();
    assert!(error.contains(expected), "{error}");
    // A mistake is one line: control characters are escaped, quotes and backslashes are not.
    let shown: String =
        pattern.escape_debug().to_string().replace("\\\\", "\\").replace("\\'", "'");
    assert!(error.contains(&format!("`{shown}`")), "{error}");
}

#[test]
fn a_pattern_is_anchored_at_both_ends() {
    matches("/feed.xml", "/feed.xml", &[]);
    misses("/feed.xml", "/feed.xml/x");
    misses("/feed.xml", "/x/feed.xml");
    misses("/feed.xml", "/feed.xmlx");
    misses("/feed.xml", "feed.xml");
    misses("/feed.xml", "");
}

#[test]
fn a_dot_is_a_dot() {
    misses("/feed.xml", "/feedaxml");
    misses("/post/:id.md", "/post/7amd");
}

#[test]
fn a_parameter_is_one_segment_that_is_not_empty() {
    matches("/post/:id", "/post/7", &["7"]);
    matches("/post/{id}", "/post/a.b:c", &["a.b:c"]);
    misses("/post/:id", "/post/");
    misses("/post/:id", "/post");
    misses("/post/:id", "/post/7/");
    misses("/post/:id", "/post/7/8");
    misses("/a/:x/b", "/a//b");
}

#[test]
fn text_around_a_parameter_leaves_something_to_it() {
    matches("/post/:id.xhtml", "/post/7.xhtml", &["7"]);
    matches("/post/:id.xhtml", "/post/.xhtml.xhtml", &[".xhtml"]);
    misses("/post/:id.xhtml", "/post/.xhtml");
    matches("/img-{id}.png", "/img-7.png", &["7"]);
    misses("/img-{id}.png", "/img-.png");
    misses("/aba{x}aba", "/aba");
    misses("/ab{x}ba", "/aba");
    matches("/@{name}", "/@bob", &["bob"]);
}

#[test]
fn a_catch_all_takes_one_segment_or_more() {
    matches("/assets/{*rest}", "/assets/a/b.css", &["a/b.css"]);
    matches("/assets/*rest", "/assets/a/", &["a/"]);
    matches("/assets/*", "/assets/a", &["a"]);
    misses("/assets/*", "/assets/");
    misses("/assets/*", "/assets");
    misses("/assets/*", "/assets-v2");
    misses("/assets/*", "/assets-v2/a");
    misses("/*", "/");
}

#[test]
fn a_slash_at_the_end_is_part_of_the_pattern() {
    matches("/admin/", "/admin/", &[]);
    misses("/admin/", "/admin");
    misses("/admin", "/admin/");
    matches("/", "/", &[]);
    misses("/", "/x");
}

#[test]
fn names_of_other_languages_objects_are_plain_text() {
    matches("/:page", "/constructor", &["constructor"]);
    matches("/constructor", "/constructor", &[]);
    misses("/feed.xml", "/__proto__");
}

#[test]
fn parameters_are_decoded_once() {
    matches("/post/:id", "/post/a%20b", &["a b"]);
    matches("/post/:id", "/post/caf%C3%A9", &["café"]);
    matches("/post/:id", "/post/100%25", &["100%"]);
    matches("/:a/:b", "/%40/%3A", &["@", ":"]);
}

#[test]
fn both_ways_to_write_a_parameter_are_the_same_template() {
    for pattern in ["/user/:id/pages/:slug.email.html", "/user/{id}/pages/{slug}.email.html"] {
        let pattern = Pattern::parse(pattern).unwrap();
        assert_eq!(pattern.template(), "/user/{id}/pages/{slug}.email.html");
        assert_eq!(pattern.names().collect::<Vec<_>>(), ["id", "slug"]);
    }
    assert_eq!(Pattern::parse("/a/*rest").unwrap().template(), "/a/{rest}");
}

#[test]
fn malformed_patterns_say_what_is_allowed() {
    wrong("", "a `/` at the start");
    wrong("feed.xml", "a `/` at the start");
    wrong("/a//b", "no empty segment");
    wrong("//", "no empty segment");
    wrong("/a/../b", "no dot segment");
    wrong("/.", "no dot segment");
    wrong("/{id", "`}`");
    wrong("/id}", "at most one");
    wrong("/{a}{b}", "at most one");
    wrong("/{a}-{b}", "at most one");
    wrong("/:a-:b", "elsewhere write `{name}`");
    wrong("/img-:id.png", "elsewhere write `{name}`");
    wrong("/:", "name");
    wrong("/{}", "name");
    wrong("/{1a}", "name");
    wrong("/{id:[0-9]+}", "name");
    wrong("/:id?", "text of");
    wrong("/*rest/x", "last segment");
    wrong("/{*rest}.png", "alone in its segment");
    wrong("/*.png", "name");
    wrong("/a*", "last segment");
    wrong("/:id/{id}", "the parameter `id` once");
    wrong("/:rest/*", "the parameter `rest` once");
    wrong("/caf\u{e9}", "text of");
    wrong("/a%20b", "no escape");
    wrong("/a;b", "text of");
    wrong("/a\\b", "text of");
    wrong("/a?b", "text of");
    wrong("/a b", "text of");
    wrong("/a\nb", "text of");
    wrong(&"/a".repeat(33), "at most 32 segments");
    wrong("/:a/:b/:c/:d/:e/:f/:g/:h/:i", "at most 8 parameters");
}

#[test]
fn the_largest_pattern_keeps_all_its_parameters() {
    let pattern = "/:a/:b/:c/:d/:e/:f/:g/*h";
    matches(pattern, "/1/2/3/4/5/6/7/8/9", &["1", "2", "3", "4", "5", "6", "7", "8/9"]);
}
