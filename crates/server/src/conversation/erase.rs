//! Erases a customer: all their conversations, their devices, their name, the mails to them and
//! what was made of their answers. A row without a word of theirs says when (`erasure`).
//!
//! What must stay true: an erasure that was asked for is carried out, however often the process
//! dies meanwhile: it is pending until nothing is left, neither in the tables nor in the files
//! nor in the write-ahead log. Each conversation is deleted in a unit of work of its own, so that
//! nobody waits for long.

use std::time::Duration;

use parlor_wire::CustomerId;
use tokio::time::sleep;

use super::{Refusal, Result, UnitOfWork, access, end, file, forget};
use crate::{
    app::App,
    mail::EmailAddress,
    store::{
        Tx,
        row::{Agent, EndReason, Erasure, Role, ThreadStatus},
    },
};

/// Erasures that one run of the maintenance carries out.
const ERASED_PER_RUN_MAX: i64 = 5;

/// Readers hold the write-ahead log for some milliseconds.
const SCRUB_PAUSE: Duration = Duration::from_millis(50);
const SCRUB_ATTEMPTS: u32 = 20;

/// Owners may have everything of a customer, and erase it. Administrators may if they see all
/// conversations of theirs.
///
/// # Errors
/// [`Refusal::Forbidden`] for others, [`Refusal::NotFound`] for an unknown customer.
pub(crate) async fn require_right(tx: &mut dyn Tx, agent: &Agent, id: &CustomerId) -> Result<()> {
    if !agent.role.manages_others() {
        return Err(Refusal::Forbidden("only owners and administrators may"));
    }
    if tx.customer(id).await?.is_none() {
        return Err(Refusal::NotFound("customer"));
    }
    if agent.role == Role::Owner {
        return Ok(());
    }
    if let Some(chat) = tx.chat_of_customer(id).await? {
        for thread in tx.threads_of(&chat.id).await? {
            access::require(agent, thread.group_id)?;
        }
    }
    Ok(())
}

/// Erases a customer at the wish of an agent.
///
/// # Errors
/// As [`require_right`], and when the store or a file fails: the maintenance continues then.
pub(crate) async fn by_agent(app: &App, agent: &Agent, id: &CustomerId) -> Result<Erasure> {
    let mut tx = app.store.begin().await?;
    require_right(tx.as_mut(), agent, id).await?;
    let now = app.clock.now();
    tx.put_erasure(&requested(id, Some(agent), now)).await?;
    tx.commit().await?;
    carry_out(app, id).await
}

/// An erasure that is to be carried out.
pub(crate) fn requested(
    customer: &CustomerId,
    agent: Option<&Agent>,
    now: crate::clock::Timestamp,
) -> Erasure {
    Erasure {
        customer_id: customer.clone(),
        requested_at: now,
        agent_id: agent.map(|agent| agent.id.clone()),
        erased_at: None,
        conversations: 0,
        files: 0,
    }
}

/// Carries out erasures that others have asked for, as the command line, or that were
/// interrupted.
pub(crate) async fn carry_out_pending(app: &App) -> Result<()> {
    let mut tx = app.store.read().await?;
    let pending = tx.pending_erasures(ERASED_PER_RUN_MAX).await?;
    drop(tx);
    for erasure in pending {
        carry_out(app, &erasure.customer_id).await?;
    }
    Ok(())
}

/// Carries out what was asked for. What is returned says whether nothing is left: as long as
/// readers hold the write-ahead log, something may be, and the maintenance tries again.
async fn carry_out(app: &App, id: &CustomerId) -> Result<Erasure> {
    while delete_conversation(app, id).await? {}
    let mut work = UnitOfWork::begin(app).await?;
    if let Some(customer) = work.tx.customer(id).await? {
        delete_mails(&mut work, customer.email.as_ref().map(|it| it.0.as_str())).await?;
        work.tx.delete_customer(id).await?;
    }
    work.commit().await?;
    file::delete_doomed(app).await?;
    let is_scrubbed = scrub(app).await?;
    let mut work = UnitOfWork::begin(app).await?;
    let erasure = work.tx.erasure(id).await?;
    let mut erasure = erasure.ok_or(Refusal::NotFound("erasure"))?;
    if is_scrubbed && erasure.erased_at.is_none() {
        erasure.erased_at = Some(work.now);
        work.tx.put_erasure(&erasure).await?;
        work.commit().await?;
        let (conversations, files) = (erasure.conversations, erasure.files);
        tracing::info!(conversations, files, "a customer was erased");
    }
    Ok(erasure)
}

/// Deletes one conversation of the customer, and ends it first if it is open. Returns whether
/// there was one.
async fn delete_conversation(app: &App, id: &CustomerId) -> Result<bool> {
    let mut work = UnitOfWork::begin(app).await?;
    let Some(chat) = work.tx.chat_of_customer(id).await? else {
        return Ok(false);
    };
    let Some(customer) = work.tx.customer(id).await? else {
        return Ok(false);
    };
    let Some(mut thread) = work.tx.threads_of(&chat.id).await?.into_iter().next() else {
        work.tx.delete_chat(&chat.id).await?;
        work.commit().await?;
        return Ok(true);
    };
    if thread.status != ThreadStatus::Ended {
        end::without_agent(&mut work, thread.clone(), EndReason::Client).await?;
        let ended = work.tx.thread(&thread.id).await?;
        thread = ended.ok_or(Refusal::NotFound("thread"))?;
    }
    delete_mails(&mut work, customer.email.as_ref().map(|it| it.0.as_str())).await?;
    work.tx.delete_records_made_in(&thread.id).await?;
    let files = forget::thread(&mut work, &thread).await?;
    if let Some(mut erasure) = work.tx.erasure(id).await? {
        erasure.conversations += 1;
        erasure.files += i64::try_from(files).unwrap_or(i64::MAX);
        work.tx.put_erasure(&erasure).await?;
    }
    work.commit().await?;
    Ok(true)
}

/// Those to the customer's address, also of conversations of others.
async fn delete_mails(work: &mut UnitOfWork<'_>, email: Option<&str>) -> Result<()> {
    let Some(Ok(address)) = email.map(EmailAddress::parse) else {
        return Ok(());
    };
    Ok(work.tx.delete_mail_to(&address.hash()).await?)
}

/// Empties the write-ahead log, in which deleted rows are until it is written anew.
pub(super) async fn scrub(app: &App) -> Result<bool> {
    for _ in 0..SCRUB_ATTEMPTS {
        if app.store.scrub().await? {
            return Ok(true);
        }
        sleep(SCRUB_PAUSE).await;
    }
    Ok(false)
}
