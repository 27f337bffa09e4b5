//! All actions by name, for HTTP and the socket alike. An action decodes its
//! request, calls a use case or reads rows, and encodes its reply; writes that
//! have nothing to return reply with `{}`.
//!
//! An agent may see and change the chats of their groups
//! (`conversation::access`). Whether they take part in a chat makes no difference:
//! `ignore_requester_presence` is not looked at.

mod archive;
mod archives;
mod chats;
mod events;
mod find;
mod groups;
mod offline_messages;
mod page;
mod properties;
mod records;
mod routing;
mod templates;
mod threads;
mod transfer;
mod users;

use parlor_wire::{
    agent::{
        Action, AddUserToChat, DeactivateChat, DeclineChat, DeleteChatProperties,
        DeleteEventProperties, DeleteThreadProperties, Done, EraseCustomer, ErrorType,
        ExportCustomer, FollowChat, GetArchiveReport, GetChat, GetCustomer, GetRecord,
        ListAgentsForTransfer, ListArchives, ListChats, ListGroups, ListOfflineMessages,
        ListRoutingStatuses, ListTemplates, ListThreads, MarkEventsAsSeen, Ping,
        RemoveUserFromChat, RequestFile, ResumeChat, SearchArchive, SendEvent,
        SendRichMessagePostback, SendTypingIndicator, SetRoutingStatus, StartChat, TagThread,
        TransferChat, UnfollowChat, UntagThread, UpdateArchivedThread, UpdateChatProperties,
        UpdateEventProperties, UpdateOfflineMessage, UpdateThreadProperties,
    },
    decode_value,
};
use serde_json::{Value, json};

use super::error::{ApiError, Result};
use crate::{app::App, store::row::Agent};

pub(super) use chats::active_summaries;

/// Its request is not JSON; it has a handler of its own.
const UPLOAD_FILE: &str = "upload_file";

/// Runs an action on behalf of `agent`.
pub(super) async fn run(app: &App, agent: &Agent, name: &str, payload: Value) -> Result<Value> {
    let payload = match payload {
        Value::Null => json!({}),
        other => other,
    };
    match name {
        ListChats::NAME => {
            encode_reply(chats::list(app, agent, &payload, decode_payload(&payload)?).await?)
        }
        ListThreads::NAME => {
            encode_reply(threads::list(app, agent, &payload, decode_payload(&payload)?).await?)
        }
        GetChat::NAME => encode_reply(chats::get(app, agent, decode_payload(&payload)?).await?),
        ListArchives::NAME => {
            encode_reply(archives::list(app, agent, &payload, decode_payload(&payload)?).await?)
        }
        SearchArchive::NAME => {
            encode_reply(archive::search(app, agent, decode_payload(&payload)?).await?)
        }
        UpdateArchivedThread::NAME => {
            encode_reply(archive::update(app, agent, decode_payload(&payload)?).await?)
        }
        GetArchiveReport::NAME => {
            encode_reply(archive::report(app, agent, decode_payload(&payload)?).await?)
        }
        StartChat::NAME => encode_reply(chats::start(app, agent, decode_payload(&payload)?).await?),
        ResumeChat::NAME => {
            encode_reply(chats::resume(app, agent, decode_payload(&payload)?).await?)
        }
        DeactivateChat::NAME => {
            encode_reply(chats::deactivate(app, agent, decode_payload(&payload)?).await?)
        }
        DeclineChat::NAME => {
            encode_reply(users::decline(app, agent, decode_payload(&payload)?).await?)
        }
        AddUserToChat::NAME => {
            encode_reply(users::add(app, agent, decode_payload(&payload)?).await?)
        }
        RemoveUserFromChat::NAME => {
            encode_reply(users::remove(app, agent, decode_payload(&payload)?).await?)
        }
        TransferChat::NAME => {
            encode_reply(transfer::transfer(app, agent, decode_payload(&payload)?).await?)
        }
        ListAgentsForTransfer::NAME => {
            encode_reply(transfer::targets(app, agent, decode_payload(&payload)?).await?)
        }
        SendEvent::NAME => encode_reply(events::send(app, agent, decode_payload(&payload)?).await?),
        SendTypingIndicator::NAME => {
            encode_reply(events::typing(app, agent, decode_payload(&payload)?).await?)
        }
        MarkEventsAsSeen::NAME => {
            encode_reply(events::seen(app, agent, decode_payload(&payload)?).await?)
        }
        SetRoutingStatus::NAME => {
            encode_reply(routing::set(app, agent, decode_payload(&payload)?).await?)
        }
        ListRoutingStatuses::NAME => {
            encode_reply(routing::list(app, &payload, decode_payload(&payload)?).await?)
        }
        FollowChat::NAME => {
            encode_reply(chats::follow(app, agent, decode_payload(&payload)?).await?)
        }
        UnfollowChat::NAME => {
            encode_reply(chats::unfollow(app, agent, decode_payload(&payload)?).await?)
        }
        GetCustomer::NAME => {
            encode_reply(users::customer(app, agent, decode_payload(&payload)?).await?)
        }
        ExportCustomer::NAME => {
            encode_reply(users::export(app, agent, decode_payload(&payload)?).await?)
        }
        EraseCustomer::NAME => {
            encode_reply(users::erase(app, agent, decode_payload(&payload)?).await?)
        }
        SendRichMessagePostback::NAME => {
            encode_reply(events::toggle_button(app, agent, decode_payload(&payload)?).await?)
        }
        TagThread::NAME => {
            encode_reply(properties::tag(app, agent, decode_payload(&payload)?).await?)
        }
        UntagThread::NAME => {
            encode_reply(properties::untag(app, agent, decode_payload(&payload)?).await?)
        }
        UpdateChatProperties::NAME => {
            encode_reply(properties::update_chat(app, agent, decode_payload(&payload)?).await?)
        }
        DeleteChatProperties::NAME => {
            encode_reply(properties::delete_chat(app, agent, decode_payload(&payload)?).await?)
        }
        UpdateThreadProperties::NAME => {
            encode_reply(properties::update_thread(app, agent, decode_payload(&payload)?).await?)
        }
        DeleteThreadProperties::NAME => {
            encode_reply(properties::delete_thread(app, agent, decode_payload(&payload)?).await?)
        }
        UpdateEventProperties::NAME => {
            encode_reply(properties::update_event(app, agent, decode_payload(&payload)?).await?)
        }
        DeleteEventProperties::NAME => {
            encode_reply(properties::delete_event(app, agent, decode_payload(&payload)?).await?)
        }
        ListGroups::NAME => encode_reply(groups::list(app, decode_payload(&payload)?).await?),
        ListTemplates::NAME => encode_reply(templates::list(app).await?),
        RequestFile::NAME => {
            encode_reply(templates::request_file(app, agent, decode_payload(&payload)?).await?)
        }
        ListOfflineMessages::NAME => {
            encode_reply(offline_messages::list(app, agent, decode_payload(&payload)?).await?)
        }
        UpdateOfflineMessage::NAME => {
            encode_reply(offline_messages::update(app, agent, decode_payload(&payload)?).await?)
        }
        GetRecord::NAME => encode_reply(records::get(app, agent, decode_payload(&payload)?).await?),
        UPLOAD_FILE => Err(ApiError::validation("upload_file is asked over HTTP")),
        Ping::NAME => encode_reply(Done {}),
        _ => Err(ApiError::new(
            ErrorType::NotFound,
            "there is no such action",
        )),
    }
}

fn decode_payload<A: Action>(payload: &Value) -> Result<A> {
    Ok(decode_value(payload.clone())?)
}

fn encode_reply(reply: impl serde::Serialize) -> Result<Value> {
    Ok(serde_json::to_value(reply)?)
}

/// Refuses unknown filters: ignoring one would return what was not asked for.
fn require_known_filters(payload: &Value, known: &[&str]) -> Result<()> {
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
