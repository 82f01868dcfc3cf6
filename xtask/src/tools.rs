//! The programs the steps need: found, installed where we may, or named with the command that brings them.

use std::env;

use crate::{
    Failure,
    command::{run, succeeds},
};

/// A program of the machine.
struct Tool {
    program: &'static str,
    /// The Debian packages that bring it.
    package: &'static str,
    why: &'static str,
}

/// What a program must be able to do beyond being there, and what brings that.
struct Ability {
    program: &'static str,
    /// Succeeds where it is able to.
    probe: &'static [&'static str],
    package: &'static str,
    why: &'static str,
}

const NEEDED: [Tool; 20] = [
    Tool { program: "cc", package: "gcc libc6-dev", why: "links programs, and compiles zstd" },
    Tool { program: "bash", package: "bash", why: "runs the transcript of the README" },
    Tool { program: "curl", package: "curl", why: "asks the server, as the README does" },
    Tool { program: "kill", package: "procps", why: "stops the servers that tests started" },
    Tool { program: "openssl", package: "openssl", why: "asks for suites that must be refused" },
    Tool { program: "xmllint", package: "libxml2-utils", why: "checks feeds and site maps" },
    Tool { program: "valgrind", package: "valgrind", why: "counts instructions" },
    Tool { program: "pdftotext", package: "poppler-utils", why: "reads PDFs back" },
    Tool { program: "slowhttptest", package: "slowhttptest", why: "is slow at servers" },
    Tool { program: "brotli", package: "brotli", why: "decodes answers where curl does not" },
    Tool { program: "zstd", package: "zstd", why: "decodes answers where curl does not" },
    Tool { program: "redis-server", package: "redis-server", why: "is what instances share" },
    Tool { program: "redis-cli", package: "redis-tools", why: "pauses and breaks it for tests" },
    Tool {
        program: "psql",
        package: "postgresql-client",
        why: "asks past our code, as an intruder",
    },
    Tool {
        program: "setpriv",
        package: "util-linux",
        why: "runs PostgreSQL as somebody else than root",
    },
    Tool { program: "python3", package: "python3", why: "runs clients that others wrote" },
    Tool { program: "node", package: "nodejs", why: "runs clients that others wrote" },
    Tool { program: "npm", package: "npm", why: "installs them" },
    Tool { program: "chromium", package: "chromium", why: "loads pages as a browser does" },
    Tool { program: "chromedriver", package: "chromium-driver", why: "tells it what to do" },
];

/// Of the oldest version that the clients of the tests run on.
const ABLE: [Ability; 3] = [
    Ability {
        program: "sh",
        // Its programs are on nobody's path, but in a folder of their version.
        probe: &[
            "-c",
            "for it in /usr/lib/postgresql/1[5-8]/bin/postgres /usr/pgsql-15/bin/postgres; do test -x $it && exit; done; command -v postgres",
        ],
        package: "postgresql",
        why: "PostgreSQL is where instances keep users and what was done",
    },
    Ability {
        program: "python3",
        probe: &["-c", "import ensurepip, venv"],
        package: "python3-venv",
        why: "installs clients for itself",
    },
    Ability {
        program: "node",
        probe: &["-e", "process.exit(Number(parseInt(process.versions.node) < 18))"],
        package: "nodejs",
        why: "has `fetch` from version 18 on",
    },
];

/// For `cargo xtask bench` alone.
const USEFUL: [Tool; 1] = [Tool { program: "wrk", package: "wrk", why: "puts servers under load" }];

/// Components of the Rust toolchain.
const COMPONENTS: [(&str, &[&str]); 2] =
    [("rustfmt", &["fmt", "--version"]), ("clippy", &["clippy", "--version"])];

/// Makes sure that all is there.
pub(crate) fn ensure() -> Result<(), Failure> {
    for tool in USEFUL.iter().filter(|tool| !tool.is_there()) {
        println!(
            "note: {} is not there ({}); optional, from the package {}",
            tool.program, tool.why, tool.package
        );
    }
    components()?;
    let missing = missing();
    if missing.is_empty() {
        let programs = NEEDED.map(|tool| tool.program).join(", ");
        println!("all there: cargo, rustfmt, clippy, {programs}");
        return Ok(());
    }
    let packages: Vec<&str> =
        missing.iter().flat_map(|(_, package)| package.split_whitespace()).collect();
    install(&packages)?;
    match self::missing().first() {
        Some((what, _)) => Err(format!("{what} is still not there after the installation")),
        None => Ok(()),
    }
}

/// What is not there, and the packages that bring it.
fn missing() -> Vec<(String, &'static str)> {
    let tools = NEEDED.iter().filter(|tool| !tool.is_there());
    let tools = tools.map(|tool| (format!("{} ({})", tool.program, tool.why), tool.package));
    let unable = ABLE.iter().filter(|able| !succeeds(able.program, able.probe));
    let unable = unable.map(|able| {
        let Ability { program, package, why, .. } = able;
        (format!("{package} for {program} ({why})"), *package)
    });
    tools.chain(unable).collect()
}

fn components() -> Result<(), Failure> {
    for (component, probe) in COMPONENTS {
        if succeeds("cargo", probe) {
            continue;
        }
        if !succeeds("rustup", &["--version"]) {
            return Err(format!(
                "{component} is missing: install it with the package of your toolchain, or `rustup component add {component}`"
            ));
        }
        run("rustup", &["component", "add", component], &[])?;
    }
    Ok(())
}

/// Installs with apt where that needs no password; else says what to type.
fn install(packages: &[&str]) -> Result<(), Failure> {
    let by_hand = format!(
        "missing packages; install them with\n  sudo apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if !succeeds("apt-get", &["--version"]) {
        return Err(by_hand);
    }
    let is_root = succeeds("sh", &["-c", "test \"$(id -u)\" = 0"]);
    let prefix: &[&str] = if is_root {
        &[]
    } else if succeeds("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        return Err(by_hand);
    };
    let apt = |rest: &[&str]| {
        let words: Vec<&str> = [prefix, &["apt-get"], rest].concat();
        let (program, arguments) = words.split_first().ok_or("nothing to run")?;
        run(program, arguments, &[("DEBIAN_FRONTEND", "noninteractive")])
    };
    println!("installing {}", packages.join(" "));
    // An index that cannot be refreshed may still be good enough: the installation decides.
    if let Err(stale) = apt(&["update", "-qq"]) {
        println!("note: {stale}");
    }
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
        .map_err(|failure| format!("{failure}\n{by_hand}"))
}

impl Tool {
    fn is_there(&self) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| folder.join(self.program).is_file())
    }
}
