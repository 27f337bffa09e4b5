//! The entry point of the page. Everything else is in the library.

fn main() {
    parlor_console::open();
}
