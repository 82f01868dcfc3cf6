//! Licence expressions, and who is named.

use super::{expression::evaluate, *};

fn holds(expression: &str) -> Result<bool, String> {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];
    evaluate(expression, &|licence| allowed.contains(&licence))
}

#[test]
fn an_expression_holds_if_its_licences_do() {
    for expression in [
        "MIT",
        "GPL-3.0 OR MIT",
        "MIT OR GPL-3.0 AND GPL-2.0",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        "MIT/GPL-3.0",
        "((MIT))",
    ] {
        assert_eq!(holds(expression), Ok(true), "{expression}");
    }
}

#[test]
fn an_expression_fails_if_one_needed_licence_is_not_allowed() {
    for expression in [
        "GPL-3.0-or-later",
        "MIT AND GPL-3.0",
        "(MIT OR GPL-3.0) AND GPL-2.0",
        "MIT AND GPL-3.0 OR GPL-2.0",
        "MIT WITH Classpath-exception-2.0",
        "mit",
    ] {
        assert_eq!(holds(expression), Ok(false), "{expression}");
    }
}

#[test]
fn what_is_no_expression_is_no_licence() {
    for expression in [
        "",
        "MIT OR",
        "AND MIT",
        "(MIT",
        "MIT)",
        "MIT Apache-2.0",
        "MIT WITH",
        "MIT WITH OR",
        "M!T",
        "()",
    ] {
        assert!(holds(expression).is_err(), "{expression}");
    }
}

#[test]
fn offenders_are_named() {
    let package = |name: &str, license: Option<&str>| Package {
        name: name.into(),
        version: "1.2.3".into(),
        description: None,
        license: license.map(Into::into),
        license_file: None,
        manifest_path: String::new(),
        dependencies: Vec::new(),
    };
    let packages = [
        package("good", Some("MIT")),
        package("bad", Some("GPL-3.0")),
        package("none", None),
        package("odd", Some("GPL-3.0")),
    ];
    let deny = "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"odd\", allow = [\"GPL-3.0\"] }]\n";
    let offenders = judge(&packages, deny).expect("a deny.toml");
    assert_eq!(offenders, ["bad 1.2.3: GPL-3.0", "none 1.2.3: names no licence (no file either)"]);
}
