//! Followers of a chat (Agent Chat API, `follow_chat`). Every agent receives
//! the pushes of every chat of their groups here, so that following is only a
//! mark, `is_followed`.

use parlor_wire::ChatId;

use super::{Refusal, Result, UnitOfWork, access};
use crate::store::row::Agent;

pub(crate) async fn follow(work: &mut UnitOfWork<'_>, agent: &Agent, id: &ChatId) -> Result<()> {
    let chat = work.tx.chat(id).await?;
    let chat = chat.ok_or(Refusal::NotFound("chat"))?;
    access::require(agent, chat.group_id)?;
    Ok(work.tx.put_follower(&chat.id, &agent.id).await?)
}

pub(crate) async fn unfollow(work: &mut UnitOfWork<'_>, agent: &Agent, id: &ChatId) -> Result<()> {
    let chat = work.tx.chat(id).await?;
    let chat = chat.ok_or(Refusal::NotFound("chat"))?;
    access::require(agent, chat.group_id)?;
    Ok(work.tx.delete_follower(&chat.id, &agent.id).await?)
}
