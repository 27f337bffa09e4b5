//! The binary `parlor`. Everything is in the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    parlor_server::cli::run().await
}
