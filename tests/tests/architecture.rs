//! The structure promised by docs/architecture.md, asserted from the workspace itself.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Which crates of the workspace each may use in its own code. Tests may use more.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let projector = ["domain", "projection"];
    [
        ("domain", &[][..]),
        ("stats", &[]),
        ("proof", &[]),
        ("witness", &["proof"]),
        ("vault", &["domain"]),
        ("log", &["domain", "proof", "vault"]),
        ("access", &["domain", "log"]),
        ("projection", &["domain"]),
        ("runtime", &["domain", "log", "projection"]),
        ("exchange", &["domain", "log"]),
        ("backtest", &["domain", "log", "projection", "stats"]),
        ("demo", &["domain"]),
        ("engagement", &projector),
        ("satisfaction", &projector),
        ("outcomes", &projector),
        ("quality", &projector),
        (
            "http",
            &["access", "backtest", "domain", "exchange", "log", "projection", "proof", "replay", "runtime"],
        ),
        ("replay", &["access", "domain", "exchange", "log", "proof", "runtime"]),
        (
            "cli",
            &[
                "access",
                "domain",
                "log",
                "projection",
                "runtime",
                "exchange",
                "backtest",
                "demo",
                "http",
                "replay",
                "engagement",
                "satisfaction",
                "outcomes",
                "quality",
                "proof",
                "witness",
            ],
        ),
        ("tests", &["domain", "log", "runtime", "cli", "demo", "exchange", "projection", "http"]),
        (
            "benches",
            &[
                "access",
                "backtest",
                "domain",
                "log",
                "runtime",
                "cli",
                "demo",
                "exchange",
                "projection",
                "http",
            ],
        ),
    ]
    .into_iter()
    .map(|(name, uses)| (name, uses.iter().copied().collect()))
    .collect()
}

#[test]
fn crates_depend_in_one_direction_only() {
    let allowed = allowed();
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let mut seen = BTreeSet::new();
    for package in &metadata.packages {
        let name =
            package.name.strip_prefix("throughline-").expect("every crate is named throughline-…").to_owned();
        let may = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("`{name}` has no room in the architecture yet"));
        for dependency in
            package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal)
        {
            if let Some(used) = dependency.name.strip_prefix("throughline-") {
                assert!(may.contains(used), "`{name}` must not depend on `{used}`");
            }
        }
        seen.insert(name);
    }
    assert_eq!(seen.len(), allowed.len(), "every room of the architecture has its crate");
}

#[test]
fn nothing_but_the_tests_has_the_seams_of_the_fault_suite() {
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let mut with_seams = BTreeSet::new();
    for package in &metadata.packages {
        for (feature, turns_on) in &package.features {
            assert!(
                feature == "faults" || !turns_on.iter().any(|on| on.contains("faults")),
                "{}: the feature {feature} turns the seams on",
                package.name
            );
        }
        // What only a crate's own tests use is in no build.
        let built = package.dependencies.iter().filter(|used| used.kind != DependencyKind::Development);
        if built.into_iter().any(|used| used.features.iter().any(|feature| feature == "faults")) {
            with_seams.insert(package.name.to_string());
        }
    }
    assert_eq!(with_seams, BTreeSet::from(["throughline-tests".to_owned()]));
}

#[test]
fn pure_crates_reach_no_disk_network_clock_or_store() {
    let forbidden = ["sled", "tokio", "axum", "bincode", "fs4", "rand", "getrandom", "tracing", "rayon"];
    let metadata = MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    for package in &metadata.packages {
        let pure =
            ["domain", "proof", "projection", "stats", "engagement", "satisfaction", "outcomes", "quality"];
        if !pure.contains(&package.name.trim_start_matches("throughline-")) {
            continue;
        }
        for dependency in
            package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal)
        {
            assert!(
                !forbidden.contains(&dependency.name.as_str()),
                "{} uses {}",
                package.name,
                dependency.name
            );
        }
        let folder = package.manifest_path.parent().unwrap().as_std_path().join("src");
        for (path, text) in sources(&folder).into_iter().filter(|(_, text)| !text.contains("#![cfg(test)]")) {
            for reach in ["std::fs", "std::net", "std::env", "Timestamp::now", "SystemTime", "Instant::now"] {
                assert!(!code(&text).contains(reach), "{} reaches for {reach}", path.display());
            }
        }
    }
}

#[test]
fn each_library_is_named_only_where_it_belongs() {
    let rules: [(&str, &[&str]); 3] = [
        ("bincode::", &["crates/log/src/codec.rs"]),
        ("sled::", &["crates/log/src/", "crates/runtime/src/"]),
        ("StatusCode", &["crates/http/src/problem.rs", "crates/http/src/problem/"]),
    ];
    for (path, text) in
        sources(&root().join("crates")).into_iter().chain(sources(&root().join("projections")))
    {
        let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if shown.contains("/tests/") {
            continue;
        }
        for (name, places) in rules {
            let at_home = places.iter().any(|place| shown.starts_with(place));
            assert!(at_home || !code(&text).contains(name), "{shown} names {name}");
        }
    }
}

#[test]
fn no_file_is_two_things() {
    for folder in ["crates", "projections", "tests", "benches"] {
        for (path, text) in sources(&root().join(folder)) {
            let lines = text.lines().count();
            assert!(lines <= 400, "{} has {lines} lines; past 400 it is two things", path.display());
        }
    }
}

#[test]
fn a_projector_is_registered_in_one_line() {
    for projector in ["engagement", "satisfaction", "outcomes", "quality"] {
        let name = format!("throughline_{projector}");
        let named: Vec<PathBuf> = sources(&root().join("crates"))
            .into_iter()
            .filter(|(path, text)| {
                let is_test = path.components().any(|part| part.as_os_str() == "tests")
                    || path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"));
                !is_test && code(text).contains(&name)
            })
            .map(|(path, _)| path)
            .collect();
        assert_eq!(named, [root().join("crates/cli/src/lib.rs")], "{projector} is named elsewhere too");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The text without comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}
