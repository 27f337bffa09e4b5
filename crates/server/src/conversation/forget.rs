//! Deletes conversations for good: because somebody asks for it, because they are as old as the
//! site keeps them, or because a person is erased.
//!
//! What must stay true: nothing of a deleted conversation stays in a row, in memory or in a
//! file. Its rows go in one transaction. The bytes of its files are deleted after it: their rows
//! say so until it is done, so that a process that dies in between does it at its next start.
//!
//! A customer of whom no conversation is left is deleted too, with their devices, also if the
//! site vouches for them: when they come back they are a new customer of the same name, and
//! there is nothing that they could miss.

use parlor_wire::agent::{PushBody, ThreadDeleted};

use super::{Result, UnitOfWork, invalid};
use crate::store::row::{Thread, ThreadStatus};

/// Deletes one conversation, and the chat and customer if it was their last. Agents who could
/// see it are told, and the visitor's client finds its session gone. Returns how many files are
/// deleted after the commit.
///
/// # Errors
/// [`Refusal::Invalid`](super::Refusal::Invalid) while it is open.
pub(crate) async fn thread(work: &mut UnitOfWork<'_>, thread: &Thread) -> Result<usize> {
    if thread.status != ThreadStatus::Ended {
        return Err(invalid("the conversation is open: end it first"));
    }
    let deleted = work.delete_thread(thread).await?;
    let left = work.tx.threads_of(&thread.chat_id).await?;
    let chat = work.tx.chat(&thread.chat_id).await?;
    match (left.last(), chat) {
        (Some(newest), Some(mut chat)) => {
            chat.last_thread_at = newest.created_at;
            chat.group_id = newest.group_id;
            chat.active = left.iter().any(|it| it.status != ThreadStatus::Ended);
            work.tx.put_chat(&chat).await?;
        }
        (None, Some(chat)) => {
            work.tx.delete_chat(&chat.id).await?;
            work.tx.delete_customer(&chat.customer_id).await?;
        }
        (_, None) => {}
    }
    let told = ThreadDeleted {
        chat_id: thread.chat_id.clone(),
        thread_id: thread.id.clone(),
        chat_deleted: left.is_empty(),
    };
    // Last, because what was pushed of the conversation is deleted with it.
    work.push(thread.audience(), &PushBody::ThreadDeleted(told))
        .await?;
    Ok(deleted)
}
