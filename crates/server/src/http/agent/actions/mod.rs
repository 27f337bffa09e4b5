//! The actions, by name: one way in for HTTP and for the socket. An action
//! reads its request, calls a use case or reads rows, and says what is
//! replied; writes with nothing to tell are replied to with `{}`.
//!
//! Every agent may see and do everything (access group 0), so
//! `ignore_requester_presence` makes no difference here.

mod archives;
mod chats;
mod events;
mod find;
mod page;
mod people;
mod routing;
mod templates;
mod threads;
mod transfer;

use parlor_wire::{
    agent::{
        Action, AddUserToChat, DeactivateChat, Done, ErrorType, GetChat, ListAgentsForTransfer,
        ListArchives, ListChats, ListRoutingStatuses, ListTemplates, ListThreads, MarkEventsAsSeen,
        Ping, RemoveUserFromChat, RequestFile, ResumeChat, SendEvent, SendTypingIndicator,
        SetRoutingStatus, StartChat, TransferChat,
    },
    decode_value,
};
use serde_json::{Value, json};

use super::error::{ApiError, Result};
use crate::{app::App, store::row::Agent};

pub(super) use chats::active_summaries;

/// Actions of the API that this server knows by name and does not do.
const NOT_OFFERED: [&str; 12] = [
    "follow_chat",
    "unfollow_chat",
    "send_rich_message_postback",
    "tag_thread",
    "untag_thread",
    "update_chat_properties",
    "delete_chat_properties",
    "update_thread_properties",
    "delete_thread_properties",
    "update_event_properties",
    "delete_event_properties",
    "get_customer",
];

/// Its request is no JSON, so it is another handler's.
const UPLOAD_FILE: &str = "upload_file";

/// Says so before anything else of the request is looked at: an upload is not
/// even JSON.
pub(super) fn check_offered(name: &str) -> Result<()> {
    match NOT_OFFERED.iter().find(|known| **known == name) {
        Some(name) => Err(ApiError::validation(format!(
            "this server does not offer {name} yet"
        ))),
        None => Ok(()),
    }
}

/// Does what `agent` asks.
pub(super) async fn run(app: &App, agent: &Agent, name: &str, payload: Value) -> Result<Value> {
    check_offered(name)?;
    let payload = match payload {
        Value::Null => json!({}),
        other => other,
    };
    match name {
        ListChats::NAME => write(chats::list(app, &payload, read(&payload)?).await?),
        ListThreads::NAME => write(threads::list(app, &payload, read(&payload)?).await?),
        GetChat::NAME => write(chats::one(app, read(&payload)?).await?),
        ListArchives::NAME => write(archives::list(app, &payload, read(&payload)?).await?),
        StartChat::NAME => write(chats::start(app, agent, read(&payload)?).await?),
        ResumeChat::NAME => write(chats::resume(app, agent, read(&payload)?).await?),
        DeactivateChat::NAME => write(chats::deactivate(app, agent, read(&payload)?).await?),
        AddUserToChat::NAME => write(people::add(app, agent, read(&payload)?).await?),
        RemoveUserFromChat::NAME => write(people::remove(app, agent, read(&payload)?).await?),
        TransferChat::NAME => write(transfer::transfer(app, agent, read(&payload)?).await?),
        ListAgentsForTransfer::NAME => write(transfer::targets(app, read(&payload)?).await?),
        SendEvent::NAME => write(events::send(app, agent, read(&payload)?).await?),
        SendTypingIndicator::NAME => write(events::typing(app, agent, read(&payload)?).await?),
        MarkEventsAsSeen::NAME => write(events::seen(app, agent, read(&payload)?).await?),
        SetRoutingStatus::NAME => write(routing::set(app, agent, read(&payload)?).await?),
        ListRoutingStatuses::NAME => write(routing::list(app, &payload).await?),
        ListTemplates::NAME => write(templates::list(app).await?),
        RequestFile::NAME => write(templates::request_file(app, read(&payload)?).await?),
        UPLOAD_FILE => Err(ApiError::validation("upload_file is asked over HTTP")),
        Ping::NAME => write(Done {}),
        _ => Err(ApiError::new(
            ErrorType::NotFound,
            "there is no such action",
        )),
    }
}

fn read<A: Action>(payload: &Value) -> Result<A> {
    Ok(decode_value(payload.clone())?)
}

fn write(reply: impl serde::Serialize) -> Result<Value> {
    Ok(serde_json::to_value(reply)?)
}

/// A filter that we would ignore would show what was not asked for.
fn only_filters(payload: &Value, known: &[&str]) -> Result<()> {
    let filters = payload.get("filters").and_then(Value::as_object);
    let all_known = filters.is_none_or(|f| f.keys().all(|key| known.contains(&key.as_str())));
    if all_known {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "filters: this server knows {} here",
        known.join(", ")
    )))
}
