//! The agents' console: `workspace` is a state machine without I/O that makes all decisions,
//! `driver` carries out its outputs in the browser, `store` keeps what is shown as signals, and
//! `view` contains the Leptos components.

mod driver;
mod store;
mod text;
mod view;
pub mod workspace;

/// Mounts the page and asks the server who is signed in.
pub fn open() {
    let store = store::Store::new();
    let driver = driver::Driver::start(store);
    leptos::mount::mount_to_body(move || view::app(store, driver));
}
