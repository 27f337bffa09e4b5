//! Which of our crates may depend on which.
//!
//! Reads `cargo metadata` and fails when a dependency appears that is not listed here. Whoever adds
//! one says in ARCHITECTURE.md why it is needed; usually the code that needs it belongs into another
//! crate.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test: what is not as expected fails it"
)]

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

const MAY_KNOW: &[(&str, &[&str])] = &[
    ("parlor-wire", &[]),
    ("parlor-links", &[]),
    ("parlor-session", &["parlor-wire"]),
    ("parlor-server", &["parlor-wire"]),
    ("parlor-console", &["parlor-links", "parlor-wire"]),
    (
        "parlor-widget",
        &["parlor-links", "parlor-session", "parlor-wire"],
    ),
    (
        "parlor-sim",
        &["parlor-server", "parlor-session", "parlor-wire"],
    ),
    ("parlor-load", &["parlor-wire"]),
    ("xtask", &[]),
];

#[test]
fn no_edge_between_our_crates_but_the_listed() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(name).collect();
    let listed: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        ours, listed,
        "a crate came or went: the list says what it may know"
    );

    let mut found = Vec::new();
    for package in &packages {
        let from = name(package);
        let dependencies = package["dependencies"].as_array().unwrap();
        for to in dependencies.iter().map(name) {
            let allowed = MAY_KNOW
                .iter()
                .any(|(it, may)| *it == from && may.contains(&to));
            if ours.contains(to) && !allowed {
                found.push(format!("{from} knows {to}"));
            }
        }
    }
    assert!(found.is_empty(), "walls are broken: {found:?}");
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}
