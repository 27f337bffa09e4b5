//! How a document for the browser is compiled smaller than stable Rust can: the standard library is
//! built with it, from its sources, so that a panic is a bare trap and all that would have told of
//! it (messages, places in the sources, formatting) is not there at all. A browser has no standard
//! error, so nothing of it was ever read, and it was a tenth of what a visitor loads.
//!
//! The flags are unstable: so `rust-toolchain.toml` names one compiler to the last digit, and
//! `RUSTC_BOOTSTRAP` lets that one take them. Only the shipped documents are built so; tests, lints,
//! `cargo xtask dev` and the endpoint see stable Rust, and code that needs more fails there.

use std::process::Command;

const FLAGS: &[(&str, &str)] = &[
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    ("CARGO_UNSTABLE_PANIC_IMMEDIATE_ABORT", "true"),
    ("CARGO_PROFILE_RELEASE_WASM_PANIC", "immediate-abort"),
    // `{:?}` writes nothing, and a place in the sources is nowhere: strangers need not read how the
    // builder's machine names its folders.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Zfmt-debug=none -Zlocation-detail=none",
    ),
];

/// Sets them for a call of cargo.
pub(crate) fn flags(command: &mut Command) -> &mut Command {
    command.envs(FLAGS.iter().copied())
}
