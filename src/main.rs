//! The chat document's program: everything is in the library beside it.

fn main() {
    parlor_widget::start();
}
