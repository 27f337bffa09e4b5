//! The page's entry: everything else is in the library.

fn main() {
    parlor_console::open();
}
