//! The program of the chat document. All code is in the library.

fn main() {
    parlor_widget::start();
}
