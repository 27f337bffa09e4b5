//! Conversions: goals of the site that visitors have reached, attributed to their last chat
//! that began within the window (`docs/ARCHIVE.md`, Goals and conversions).
//!
//! What must stay true: the same goal counts once for a chat in [`SAME_GOAL`]; what is written
//! changes when the archive's record of the chat was written, so that exports have it again.

use std::time::Duration;

use parlor_wire::{AgentId, SessionId, limits::NAME_MAX_BYTES};

use super::{
    Refusal, Result, UnitOfWork,
    history::{self, Visitor},
    invalid,
};
use crate::{
    app::App,
    clock::Timestamp,
    goals::Goal,
    store::{
        Tx,
        row::{Conversion, Customer, NewConversion, Thread},
    },
};

/// A page that is loaded again, or a page of thanks that is opened once more, is no second
/// order: so long a visit lasts, as web statistics count visits.
const SAME_GOAL: Duration = Duration::from_secs(30 * 60);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The visitor's page says that they have reached a goal. Without a chat to which it could be
/// attributed, nothing is stored.
///
/// # Errors
/// [`Refusal::NotFound`] for a goal that there is not; as [`history::list`] for the visitor.
pub(crate) async fn track(app: &App, visitor: &Visitor, name: &str) -> Result<()> {
    if name.len() > NAME_MAX_BYTES {
        return Err(invalid(format!(
            "goal has more than {NAME_MAX_BYTES} bytes"
        )));
    }
    let goal = app.config.goals.iter().find(|goal| goal.name == name);
    let goal = goal.ok_or(Refusal::NotFound("goal"))?;
    let mut read = UnitOfWork::begin_read(app).await?;
    let customer = history::customer(&mut read, visitor).await?;
    drop(read);
    match customer {
        Some(customer) => reached(app, &customer, &[goal]).await,
        None => Ok(()),
    }
}

/// The visitor has opened a page and has no open chat. One for whom the site vouches is not
/// known by their device alone.
pub(super) async fn page_opened(app: &App, customer: &Customer, address: &str) -> Result<()> {
    let goals = reached_at(app, address);
    if goals.is_empty() || customer.identity_hash.is_some() {
        return Ok(());
    }
    reached(app, customer, &goals).await
}

/// The visitor has opened a page during a chat.
pub(super) async fn page_opened_in(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    address: &str,
) -> Result<()> {
    for goal in reached_at(work.app, address) {
        if goal.is_of(thread.deployment_id.as_ref()) {
            add(work, thread, goal).await?;
        }
    }
    Ok(())
}

fn reached_at<'a>(app: &'a App, address: &str) -> Vec<&'a Goal> {
    let goals = app.config.goals.iter();
    goals.filter(|goal| goal.is_reached_at(address)).collect()
}

async fn reached(app: &App, customer: &Customer, goals: &[&Goal]) -> Result<()> {
    // Counted as the pages of a session are.
    let one = SessionId::from(customer.id.as_str());
    app.limiter.pages_per_session.take(&one)?;
    let mut work = UnitOfWork::begin(app).await?;
    let Some(chat) = work.tx.chat_of_customer(&customer.id).await? else {
        return Ok(());
    };
    let mut threads = work.tx.threads_of(&chat.id).await?;
    threads.retain(|thread| is_within(app, work.now, thread));
    let mut has_added = false;
    for goal in goals {
        if let Some(thread) = last_chat(work.tx.as_mut(), goal, &threads).await? {
            has_added |= add(&mut work, thread, goal).await?;
        }
    }
    match has_added {
        true => work.commit().await,
        false => Ok(()),
    }
}

fn is_within(app: &App, now: Timestamp, thread: &Thread) -> bool {
    let window = DAY.saturating_mul(app.config.archive.conversion_window_days);
    thread.created_at >= now.minus(window)
}

/// The newest of these threads, which are in order, to which the goal can be attributed. A
/// message that was left is no chat.
async fn last_chat<'t>(
    tx: &mut dyn Tx,
    goal: &Goal,
    threads: &'t [Thread],
) -> Result<Option<&'t Thread>> {
    for thread in threads.iter().rev() {
        let was_chat = thread.queued_at.is_some() || thread.accepted_at.is_some();
        let is_of_goal = goal.is_of(thread.deployment_id.as_ref());
        if is_of_goal && (was_chat || tx.offline_message(&thread.id).await?.is_none()) {
            return Ok(Some(thread));
        }
    }
    Ok(None)
}

/// Returns whether it counts.
async fn add(work: &mut UnitOfWork<'_>, thread: &Thread, goal: &Goal) -> Result<bool> {
    let ids = std::slice::from_ref(&thread.id);
    let known = work.tx.conversions_of(ids).await?;
    let since = work.now.minus(SAME_GOAL);
    let is_same = |it: &Conversion| it.what.goal_id == goal.id && it.what.created_at > since;
    if known.iter().any(is_same) {
        return Ok(false);
    }
    // The first of a thread is the customer.
    let agents = thread.user_ids.get(1..).unwrap_or_default();
    let last_agent = agents.last().map(|id| AgentId::from(id.as_str()));
    let row = NewConversion {
        thread_id: thread.id.clone(),
        goal_id: goal.id,
        goal_name: goal.name.clone(),
        agent_id: thread.agent_id.clone().or(last_agent),
        group_id: thread.group_id,
        created_at: work.now,
    };
    work.tx.add_conversion(&row).await?;
    work.archive_changed(&thread.id);
    Ok(true)
}
