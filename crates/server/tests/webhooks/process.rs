//! Webhooks of a running `parlor serve`, which is killed.
fn _later() {}
