//! The receivers of `docs/WEBHOOKS.md`.
fn _later() {}
