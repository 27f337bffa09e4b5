//! Deletes what is older than a deployment keeps it (`[deployment.retention]`): conversations,
//! or only their files, the pages that visitors opened, or the addresses from which they came.
//! All ages count from the end of a conversation.
//!
//! What must stay true: each run does a bounded amount of work, and no unit of work takes longer
//! than some others of this server do.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use parlor_wire::{DeploymentId, ThreadId};

use super::{Result, UnitOfWork, forget};
use crate::{
    app::App,
    clock::Timestamp,
    store::row::{EndedThreads, RetentionPolicy, Thread, ThreadDetails, ThreadStatus},
};

/// Conversations deleted in one run. Each has a unit of work of its own, of some milliseconds.
/// With a run every five seconds, a year of a busy site is gone in a day.
const DELETED_PER_RUN_MAX: i64 = 20;

/// Conversations looked at in one run for each of the other kinds. Few have something left.
const READ_PER_RUN_MAX: i64 = 100;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What is taken from a conversation that stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Files,
    Pages,
    Addresses,
}

impl Part {
    const ALL: [Self; 3] = [Self::Files, Self::Pages, Self::Addresses];

    fn days(self, policy: &RetentionPolicy) -> Option<u32> {
        match self {
            Self::Files => policy.files_days,
            Self::Pages => policy.pages_days,
            Self::Addresses => policy.addresses_days,
        }
    }
}

/// How far each deployment was looked at, by the ends of its conversations. In memory: after a
/// start, the run begins with the oldest again, which costs reads alone.
#[derive(Debug, Default)]
pub(crate) struct RetentionProgress(Mutex<BTreeMap<(DeploymentId, Part), (Timestamp, ThreadId)>>);

impl RetentionProgress {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(DeploymentId, Part), (Timestamp, ThreadId)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one run has removed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Removed {
    conversations: usize,
    files: usize,
    /// Conversations whose pages were removed.
    pages: usize,
    /// The same for addresses.
    addresses: usize,
}

/// Removes some of what is too old, and logs how much.
pub(super) async fn run(app: &App) -> Result<()> {
    let mut tx = app.store.read().await?;
    let deployments = tx.deployments().await?;
    drop(tx);
    let mut removed = Removed::default();
    for deployment in deployments {
        let policy = deployment.settings.retention;
        if let Some(days) = policy.chats_days {
            delete_conversations(app, &deployment.id, days, &mut removed).await?;
        }
        for part in Part::ALL {
            if let Some(days) = part.days(&policy) {
                remove_part(app, &deployment.id, part, days, &mut removed).await?;
            }
        }
    }
    if removed != Removed::default() {
        let Removed {
            conversations,
            files,
            pages,
            addresses,
        } = removed;
        tracing::info!(
            conversations,
            files,
            pages,
            addresses,
            "what is kept no longer was removed"
        );
        // If readers hold it up, what was deleted is overwritten a little later.
        app.store.scrub().await?;
    }
    Ok(())
}

fn ended(app: &App, deployment: &DeploymentId, days: u32, limit: i64) -> EndedThreads {
    EndedThreads {
        deployment_id: deployment.clone(),
        after: None,
        before: app.clock.now().minus(DAY.saturating_mul(days)),
        limit,
    }
}

async fn delete_conversations(
    app: &App,
    deployment: &DeploymentId,
    days: u32,
    removed: &mut Removed,
) -> Result<()> {
    let wanted = ended(app, deployment, days, DELETED_PER_RUN_MAX);
    let mut tx = app.store.read().await?;
    let old = tx.ended_threads(&wanted).await?;
    drop(tx);
    for thread in old {
        let mut work = UnitOfWork::begin(app).await?;
        let thread = work.tx.thread(&thread.id).await?;
        let Some(thread) = thread.filter(|it| it.status == ThreadStatus::Ended) else {
            continue;
        };
        removed.files += forget::thread(&mut work, &thread).await?;
        work.commit().await?;
        removed.conversations += 1;
    }
    Ok(())
}

async fn remove_part(
    app: &App,
    deployment: &DeploymentId,
    part: Part,
    days: u32,
    removed: &mut Removed,
) -> Result<()> {
    let key = (deployment.clone(), part);
    let mut wanted = ended(app, deployment, days, READ_PER_RUN_MAX);
    wanted.after = app.retention.lock().get(&key).cloned();
    let mut tx = app.store.read().await?;
    let threads = tx.ended_threads(&wanted).await?;
    let last = threads
        .last()
        .and_then(|it| Some((it.ended_at?, it.id.clone())));
    let mut old = Vec::new();
    for thread in threads {
        let has_part = match part {
            Part::Files => !tx.files_of_thread(&thread.id).await?.is_empty(),
            Part::Pages => has_pages(&thread.details.0),
            Part::Addresses => has_address(&thread.details.0),
        };
        if has_part {
            old.push(thread.id);
        }
    }
    drop(tx);
    if !old.is_empty() {
        let mut work = UnitOfWork::begin(app).await?;
        for id in &old {
            if let Some(thread) = work.tx.thread(id).await? {
                remove_from(&mut work, thread, part, removed).await?;
            }
        }
        work.commit().await?;
    }
    if let Some(last) = last {
        app.retention.lock().insert(key, last);
    }
    Ok(())
}

async fn remove_from(
    work: &mut UnitOfWork<'_>,
    mut thread: Thread,
    part: Part,
    removed: &mut Removed,
) -> Result<()> {
    let details = &mut thread.details.0;
    match part {
        Part::Files => {
            removed.files += work.delete_files(&thread).await?;
            return Ok(());
        }
        Part::Pages => {
            details.pages.clear();
            details.referrer = None;
            removed.pages += 1;
        }
        Part::Addresses => {
            details.address = None;
            details.location = None;
            removed.addresses += 1;
        }
    }
    work.put_thread(&thread).await
}

fn has_pages(details: &ThreadDetails) -> bool {
    !details.pages.is_empty() || details.referrer.is_some()
}

/// With the place where it is thought to be.
fn has_address(details: &ThreadDetails) -> bool {
    details.address.is_some() || details.location.is_some()
}
