//! The commands `parlor customer export` and `erase`.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use tokio::time::{Instant, sleep};

use super::{Context, Data, print, private};
use crate::{
    app::{App, Config},
    backup::{self, BackupError},
    conversation::{erase, export},
    data_folder::{FILES_FOLDER, FolderLock, LockError},
    files::{FileVariant, Files},
    private::Private,
    store::{
        Store as _,
        row::{Customer, Erasure},
    },
};

/// How long the command waits for a running server, which erases within seconds.
const ERASURE_TIMEOUT: Duration = Duration::from_secs(60);

/// How often it looks.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Subcommand)]
pub(super) enum CustomerVerb {
    /// Write everything that is stored of a customer to a new folder: a document, customer.json,
    /// and the files
    Export(ExportArgs),
    /// Erase everything that is stored of a customer, for good
    Erase(WhoArgs),
}

#[derive(Args)]
pub(super) struct WhoArgs {
    #[command(flatten)]
    data: Data,
    /// The id of the customer, or their e-mail address: all who gave this address
    #[arg(value_name = "ID|EMAIL", value_parser = private)]
    who: Private<String>,
}

#[derive(Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    who: WhoArgs,
    /// The folder, which must not exist. With several customers, each has a folder in it
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) async fn run(verb: CustomerVerb) -> anyhow::Result<()> {
    match verb {
        CustomerVerb::Export(args) => export(args).await,
        CustomerVerb::Erase(args) => erase(args).await,
    }
}

/// The customers of this id or address.
async fn find(context: &Context, who: &Private<String>) -> anyhow::Result<Vec<Customer>> {
    let mut tx = context.store.read().await?;
    let mut found: Vec<Customer> = tx
        .customer(&who.0.as_str().into())
        .await?
        .into_iter()
        .collect();
    if found.is_empty() && who.0.contains('@') {
        found = tx.customers_by_email(&who.0).await?;
    }
    if found.is_empty() {
        bail!("there is no such customer");
    }
    Ok(found)
}

async fn export(args: ExportArgs) -> anyhow::Result<()> {
    let data = &args.who.data.data;
    let context = Context::open_existing(data).await?;
    let found = find(&context, &args.who.who).await?;
    let out = &args.out;
    if out.exists() {
        return Err(BackupError::Exists(out.clone()).into());
    }
    for customer in &found {
        let folder = match found.len() {
            1 => out.clone(),
            _ => out.join(customer.id.as_str()),
        };
        let mut tx = context.store.read().await?;
        let now = context.clock.now();
        let exported = export::customer(tx.as_mut(), &customer.id, now).await?;
        drop(tx);
        let in_folder = || format!("cannot write to {}", folder.display());
        let count = write(&exported, &data.join(FILES_FOLDER), &folder).with_context(in_folder)?;
        print(&format!(
            "{}  {}  files {count}",
            customer.id,
            folder.display()
        ))?;
    }
    context.store.close().await;
    Ok(())
}

/// Returns how many files were written: those that were deleted meanwhile are left out.
fn write(export: &export::Export, files: &Path, folder: &Path) -> anyhow::Result<usize> {
    backup::create_private(folder)?;
    let mut document = backup::private(&folder.join("customer.json"))?;
    serde_json::to_writer_pretty(&mut document, &export.to_json()?)?;
    document.write_all(b"\n")?;
    document.sync_all()?;
    let mut count = 0;
    for row in &export.files {
        let from = files.join(&row.key).join(FileVariant::File.as_str());
        let mut from = match File::open(from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        // As the document names it, so that two files of one name are not confused.
        let into = folder.join(FILES_FOLDER).join(&row.key);
        backup::create_private(&into)?;
        io::copy(&mut from, &mut backup::private(&into.join(&row.name.0))?)?;
        count += 1;
    }
    Ok(count)
}

async fn erase(args: WhoArgs) -> anyhow::Result<()> {
    let data = &args.data.data;
    let context = Context::open_existing(data).await?;
    let found = find(&context, &args.who).await?;
    let mut tx = context.store.begin().await?;
    for customer in &found {
        let requested = erase::requested(&customer.id, None, context.clock.now());
        tx.put_erasure(&requested).await?;
    }
    tx.commit().await?;
    for customer in &found {
        let done = carried_out(&context, data, customer).await?;
        let (conversations, files) = (done.conversations, done.files);
        let id = &customer.id;
        print(&format!(
            "{id}  erased  conversations {conversations}  files {files}"
        ))?;
    }
    context.store.close().await;
    Ok(())
}

/// Waits until the server that runs has erased a customer, or does it if none runs: whoever
/// deletes files holds the folder's lock.
async fn carried_out(
    context: &Context,
    data: &Path,
    customer: &Customer,
) -> anyhow::Result<Erasure> {
    let begun = Instant::now();
    loop {
        let mut tx = context.store.read().await?;
        let erasure = tx.erasure(&customer.id).await?;
        drop(tx);
        if let Some(erasure) = erasure.filter(|it| it.erased_at.is_some()) {
            return Ok(erasure);
        }
        match FolderLock::take(data) {
            Ok(_lock) => {
                let config = Config {
                    files: Files::folder(&data.join(FILES_FOLDER))?,
                    ..Config::default()
                };
                let store = Arc::new(context.store.clone());
                let (clock, entropy) = (context.clock.clone(), context.entropy.clone());
                let app = App::new(store, clock, entropy, config);
                erase::carry_out_pending(&app).await?;
                app.tasks.close();
                app.tasks.wait().await;
            }
            Err(LockError::Held(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if begun.elapsed() > ERASURE_TIMEOUT {
            bail!("the erasure is asked for, and not complete yet: the server goes on with it");
        }
        sleep(CHECK_INTERVAL).await;
    }
}
