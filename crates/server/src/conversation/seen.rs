//! Read receipts: stores up to when a user has seen events, and sends it to the
//! other side. Only events that the receiving side can see count.

use parlor_wire::{
    UserId,
    agent::{EventsMarkedAsSeen, PushBody},
};

use super::{
    Result, UnitOfWork,
    recent_events::{is_visible, newest},
};
use crate::{
    clock::Timestamp,
    presenter,
    store::row::{Agent, Event, Thread},
};

/// An agent has seen events. The visitor is sent the receipt only if this is
/// the agent who answers them; they do not know of other agents.
pub(crate) async fn by_agent(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
    up_to: Timestamp,
) -> Result<()> {
    let user = UserId::from(agent.id.clone());
    seen(work, thread, &user, up_to).await?;
    if thread.agent_id.as_ref() != Some(&agent.id) {
        return Ok(());
    }
    let shown = visible(work, thread, up_to).await?;
    let Some(shown) = shown.filter(|shown| thread.told_seen_up_to < Some(*shown)) else {
        return Ok(());
    };
    thread.told_seen_up_to = Some(shown);
    work.put_thread(thread).await?;
    let message = presenter::visitor::seen(user, shown);
    work.send_to_visitor(thread, &message, &[]).await
}

pub(super) async fn by_visitor(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    visitor: &UserId,
    up_to: Timestamp,
) -> Result<()> {
    match visible(work, thread, up_to).await? {
        Some(up_to) => seen(work, thread, visitor, up_to).await,
        None => Ok(()),
    }
}

/// The time of the newest event up to `up_to` that a visitor can see.
async fn visible(
    work: &mut UnitOfWork<'_>,
    thread: &Thread,
    up_to: Timestamp,
) -> Result<Option<Timestamp>> {
    let counts = |row: &Event| is_visible(row) && row.created_at <= up_to;
    let row = newest(work.tx.as_mut(), thread, counts).await?;
    Ok(row.map(|row| row.created_at))
}

/// Stores that `user` has seen everything up to `up_to`, and pushes it to
/// agents. An earlier time than before changes nothing.
async fn seen(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    user: &UserId,
    up_to: Timestamp,
) -> Result<()> {
    // A time in the future is cut to now: nobody has seen an event that is not
    // written yet.
    let up_to = up_to.min(work.now);
    if thread
        .seen_up_to
        .get(user)
        .is_some_and(|known| *known >= up_to)
    {
        return Ok(());
    }
    thread.seen_up_to.insert(user.clone(), up_to);
    work.put_thread(thread).await?;
    work.push(
        thread.audience(),
        &PushBody::EventsMarkedAsSeen(EventsMarkedAsSeen {
            user_id: user.clone(),
            chat_id: thread.chat_id.clone(),
            seen_up_to: up_to.to_rfc3339(),
        }),
    )
    .await
}
