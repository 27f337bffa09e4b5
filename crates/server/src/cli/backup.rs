//! The commands `parlor backup` and `parlor restore`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Data, print};
use crate::backup::{self, Copied};

#[derive(Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    data: Data,
    /// The archive to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write over a file that exists, once the new one is whole
    #[arg(long)]
    force: bool,
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    #[command(flatten)]
    data: Data,
    /// The archive to read
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the database and the files that are there
    #[arg(long)]
    force: bool,
}

pub(super) async fn make(args: BackupArgs) -> anyhow::Result<()> {
    let context = Context::open_existing(&args.data.data).await?;
    let made_at = context.clock.now().to_rfc3339();
    context.store.close().await;
    let copied = backup::make(&args.data.data, &args.file, made_at, args.force).await?;
    print(&format!("{}  {}", args.file.display(), words(copied)))
}

pub(super) async fn restore(args: RestoreArgs) -> anyhow::Result<()> {
    let copied = backup::restore(&args.file, &args.data.data, args.force).await?;
    print(&format!("{}  {}", args.data.data.display(), words(copied)))
}

fn words(copied: Copied) -> String {
    let Copied {
        files,
        missing,
        to_erase,
    } = copied;
    let mut words = format!("files {files}");
    if missing > 0 {
        words += &format!("  deleted meanwhile {missing}");
    }
    if to_erase > 0 {
        words += &format!("  erased again at the next start {to_erase}");
    }
    words
}
