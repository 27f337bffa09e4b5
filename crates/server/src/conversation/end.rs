//! Ends a conversation: the thread, the chat until there is another thread, and the
//! visitor's sessions.

use parlor_wire::{
    UserId,
    agent::{ChatDeactivated, PushBody},
    visitor::Message,
};

use super::{Result, UnitOfWork, customer, queue, records, transcript};
use crate::{
    presenter::{self, visitor::system},
    store::row::{Agent, EndReason, Session, Thread, ThreadStatus, Visibility},
};

/// Ends the thread on behalf of an agent. Ending it again changes nothing.
pub(crate) async fn by_agent(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    agent: &Agent,
) -> Result<()> {
    let text = format!("{} closed the chat", agent.name);
    let vars = [("agent", agent.name.as_str())];
    let user = Some(agent.id.as_ref().into());
    let note = (system::ENDED_BY_AGENT, text, &vars[..]);
    end(work, thread, EndReason::Agent, note, user).await
}

/// Ends the session's thread on behalf of the visitor, or because the visitor's
/// client is gone. Ending it again changes nothing.
pub(crate) async fn by_visitor(
    work: &mut UnitOfWork<'_>,
    session: &Session,
    reason: EndReason,
) -> Result<()> {
    let thread = match &session.thread_id {
        Some(id) => work.tx.thread(id).await?,
        None => None,
    };
    let Some(thread) = thread else {
        let mut session = session.clone();
        if session.closed_at.is_none() {
            let ended = Message::ChatEnded(presenter::visitor::ended(reason, work.now, &[]));
            work.send_to_session(&mut session, &ended, &[]).await?;
            work.close_session(&mut session).await?;
        }
        return Ok(());
    };
    // A session that was left open: of a message, whose thread is never open.
    if thread.status == ThreadStatus::Ended {
        return match session.closed_at {
            Some(_) => Ok(()),
            None => work.close_session(&mut session.clone()).await,
        };
    }
    without_agent(work, thread, reason).await
}

/// Ends a thread on behalf of the visitor, or because somebody is gone or does not
/// answer. Ending it again changes nothing.
pub(crate) async fn without_agent(
    work: &mut UnitOfWork<'_>,
    mut thread: Thread,
    reason: EndReason,
) -> Result<()> {
    let (kind, text) = match reason {
        EndReason::ClientTimeout => (system::ENDED_INACTIVE, "The visitor went away"),
        EndReason::AgentTimeout => (system::ENDED_DISCONNECTED, "The agent went away"),
        EndReason::Client | EndReason::Agent => {
            (system::ENDED_BY_VISITOR, "The visitor ended the chat")
        }
    };
    let customer = customer::display_name(work, &thread).await?;
    let agent = work.agent_of(&thread).await?.map(|agent| agent.name);
    let named = [("customer", &customer), ("agent", &agent)];
    let vars: Vec<_> = named
        .iter()
        .filter_map(|(var, name)| Some((*var, name.as_deref()?)))
        .collect();
    let note = (kind, text.to_owned(), &vars[..]);
    end(work, &mut thread, reason, note, None).await
}

async fn end(
    work: &mut UnitOfWork<'_>,
    thread: &mut Thread,
    reason: EndReason,
    (kind, text, vars): (&str, String, &[(&str, &str)]),
    user_id: Option<UserId>,
) -> Result<()> {
    if thread.status == ThreadStatus::Ended {
        return Ok(());
    }
    let before = thread.clone();
    work.append_system_message(thread, kind, text, vars, Visibility::All)
        .await?;
    thread.status = ThreadStatus::Ended;
    thread.ended_at = Some(work.now);
    thread.end_reason = Some(reason);
    thread.details.0.lifecycle.ended_by.clone_from(&user_id);
    work.put_thread(thread).await?;
    transcript::send(work, thread).await?;
    // A chat has no second open thread.
    if let Some(mut chat) = work.tx.chat(&thread.chat_id).await? {
        chat.active = false;
        work.tx.put_chat(&chat).await?;
    }
    let attached = records::told(work.tx.as_mut(), &thread.id).await?;
    let ended = presenter::visitor::ended(reason, work.now, &attached);
    let ended = Message::ChatEnded(ended);
    for mut session in work.tx.sessions_of(&thread.id).await? {
        work.send_to_session(&mut session, &ended, &["AgentTyping", "QueueUpdate"])
            .await?;
        work.close_session(&mut session).await?;
    }
    work.push(
        thread.audience(),
        &PushBody::ChatDeactivated(ChatDeactivated {
            chat_id: thread.chat_id.clone(),
            thread_id: Some(thread.id.clone()),
            user_id,
        }),
    )
    .await?;
    queue::changed(work, &before);
    Ok(())
}
