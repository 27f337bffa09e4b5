//! The agents' page: a machine that decides (`desk`), a driver that does, a store that shows, and
//! views that are looked at and clicked.

mod driver;
mod store;
mod text;
mod view;
pub mod workspace;

/// Shows the page, and asks the endpoint who is signed in.
pub fn open() {
    let store = store::Store::new();
    let driver = driver::Driver::start(store);
    leptos::mount::mount_to_body(move || view::app(store, driver));
}
