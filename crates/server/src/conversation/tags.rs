//! Tags of threads. A thread has a tag or has it not, so that repeating a
//! request changes nothing.

use parlor_wire::{
    ChatId, ThreadId,
    agent::{PushBody, ThreadTag},
    limits::{TAG_MAX_BYTES, THREAD_TAGS_MAX},
};

use super::{Result, UnitOfWork, access, invalid};
use crate::store::row::Agent;

pub(crate) async fn tag(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    (chat, id): (&ChatId, &ThreadId),
    tag: &str,
) -> Result<()> {
    let mut thread = access::thread(work.tx.as_mut(), agent, chat, id).await?;
    let mut tags = thread.tags.clone();
    tags.push(tag.to_owned());
    let tags = distinct("tag", tags)?;
    if tags == thread.tags {
        return Ok(());
    }
    thread.tags = tags;
    work.put_thread(&thread).await?;
    let tagged = pair(chat, id, tag);
    work.push(thread.audience(), &PushBody::ThreadTagged(tagged))
        .await
}

pub(crate) async fn untag(
    work: &mut UnitOfWork<'_>,
    agent: &Agent,
    (chat, id): (&ChatId, &ThreadId),
    tag: &str,
) -> Result<()> {
    let mut thread = access::thread(work.tx.as_mut(), agent, chat, id).await?;
    let before = thread.tags.len();
    thread.tags.retain(|known| known != tag);
    if thread.tags.len() == before {
        return Ok(());
    }
    work.put_thread(&thread).await?;
    let untagged = pair(chat, id, tag);
    work.push(thread.audience(), &PushBody::ThreadUntagged(untagged))
        .await
}

fn pair(chat: &ChatId, thread: &ThreadId, tag: &str) -> ThreadTag {
    ThreadTag {
        chat_id: chat.clone(),
        thread_id: thread.clone(),
        tag: tag.to_owned(),
    }
}

/// Removes duplicates and checks the limits. `path` is the field's name for
/// errors.
pub(super) fn distinct(path: &str, tags: Vec<String>) -> Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for tag in tags {
        if tag.trim().is_empty() || tag.len() > TAG_MAX_BYTES {
            return Err(invalid(format!(
                "{path}: expected 1 to {TAG_MAX_BYTES} bytes"
            )));
        }
        if all.contains(&tag) {
            continue;
        }
        if all.len() >= THREAD_TAGS_MAX {
            return Err(invalid(format!(
                "{path}: a thread has at most {THREAD_TAGS_MAX}"
            )));
        }
        all.push(tag);
    }
    Ok(all)
}
