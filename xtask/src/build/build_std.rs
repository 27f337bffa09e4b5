//! The standard library of the shipped documents is compiled with them, from its sources and for
//! size, and without the messages of panics: in a browser nobody reads those. The Leptos book
//! describes this in its chapter on binary size.
//!
//! The flags are unstable. `rust-toolchain.toml` therefore pins one compiler, and `RUSTC_BOOTSTRAP`
//! lets it accept them. Tests, lints, `cargo xtask dev` and the endpoint are compiled without them.
//!
//! `PARLOR_BUILD_STD=0` turns it off: the documents are then compiled with the standard library that
//! comes with the compiler. They work the same, and are larger.

use std::env;
use std::process::Command;

const SWITCH: &str = "PARLOR_BUILD_STD";

const FLAGS: &[(&str, &str)] = &[
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    ("CARGO_UNSTABLE_PANIC_IMMEDIATE_ABORT", "true"),
    ("CARGO_PROFILE_RELEASE_WASM_PANIC", "immediate-abort"),
    // `{:?}` writes nothing, and the builder's paths are in no panic message.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Zfmt-debug=none -Zlocation-detail=none",
    ),
];

pub(crate) fn is_on() -> bool {
    env::var_os(SWITCH).is_none_or(|value| value != "0")
}

/// Lets this call of cargo compile the standard library too, unless the switch is off.
pub(crate) fn enable(cargo: &mut Command) -> &mut Command {
    match is_on() {
        true => cargo.envs(FLAGS.iter().copied()),
        false => cargo,
    }
}
