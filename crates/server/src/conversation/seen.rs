//! Who has seen what.

use parlor_wire::{
    UserId,
    agent::{EventsMarkedAsSeen, PushBody},
};

use super::{Result, Work};
use crate::{clock::Timestamp, store::row::Thread};

/// Everything up to `up_to` counts as seen by `user`; earlier than before is
/// no news.
pub(crate) async fn seen(
    work: &mut Work<'_>,
    thread: &mut Thread,
    user: &UserId,
    up_to: Timestamp,
) -> Result<()> {
    // Nobody has seen what is not written yet.
    let up_to = up_to.min(work.now);
    if thread
        .seen_up_to
        .get(user)
        .is_some_and(|known| *known >= up_to)
    {
        return Ok(());
    }
    thread.seen_up_to.insert(user.clone(), up_to);
    work.tx.put_thread(thread).await?;
    work.push(&PushBody::EventsMarkedAsSeen(EventsMarkedAsSeen {
        user_id: user.clone(),
        chat_id: thread.chat_id.clone(),
        seen_up_to: up_to.to_rfc3339(),
    }))
    .await
}
