//! The description of this API (OpenAPI): uploads, the socket and the console's session are
//! described at their handlers, and the actions here.

use parlor_wire::agent::{
    Action, AddUserToChat, DeactivateChat, DeclineChat, DeleteChatProperties,
    DeleteEventProperties, DeleteThreadProperties, EraseCustomer, ExportCustomer, FollowChat,
    GetArchiveReport, GetChat, GetCustomer, GetRecord, ListAgentsForTransfer, ListArchives,
    ListChats, ListGroups, ListOfflineMessages, ListRoutingStatuses, ListTemplates, ListThreads,
    MarkEventsAsSeen, Ping, RemoveUserFromChat, RequestFile, ResumeChat, SearchArchive, SendEvent,
    SendRichMessagePostback, SendTypingIndicator, SetRoutingStatus, StartChat, TagThread,
    TransferChat, UnfollowChat, UntagThread, UpdateArchivedThread, UpdateChatProperties,
    UpdateEventProperties, UpdateOfflineMessage, UpdateThreadProperties,
};
use serde_json::{Value, json};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{SecurityRequirement, link::LinkBuilder},
};

use super::{session, socket, upload};
use crate::http::openapi::{answers::AgentErrors, post::Post, secure};

#[derive(OpenApi)]
#[openapi(paths(
    socket::upgrade,
    upload::upload,
    session::who_am_i,
    session::sign_in,
    session::sign_out,
    session::list_sign_ins,
    session::sign_out_everywhere,
    session::end_sign_in,
))]
struct Description;

/// All requests, with version 3.6 in the paths.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    for (name, post) in actions() {
        post.tag("agent")
            .answers::<AgentErrors>()
            .add_to(&mut description, &format!("/v3.6/agent/action/{name}"));
    }
    let credentials = ["AgentToken", "AccountAndToken", "ConsoleCookie"];
    secure(
        &mut description,
        &credentials.map(|name| SecurityRequirement::new(name, Vec::<String>::new())),
    );
    description
}

type Described = (&'static str, Post);

/// An action that answers with what `reply` says.
fn action<A: Action<Reply: ToSchema> + ToSchema>(summary: &str, reply: &str) -> Described {
    (
        A::NAME,
        Post::of::<A>(A::NAME, summary).answers_with::<A::Reply>(reply),
    )
}

/// An action that answers `{}`.
fn done<A: Action<Reply: ToSchema> + ToSchema>(summary: &str) -> Described {
    action::<A>(summary, "Done.")
}

/// What else is known of an action.
trait Also {
    fn also(self, more: impl FnOnce(Post) -> Post) -> Self;
}

impl Also for Described {
    fn also(self, more: impl FnOnce(Post) -> Post) -> Self {
        (self.0, more(self.1))
    }
}

fn actions() -> Vec<Described> {
    let mut all = Vec::new();
    all.extend(reads());
    all.extend(chats());
    all.extend(events());
    all.extend(people());
    all.extend(notes());
    all.extend(ours());
    all.push((
        Ping::NAME,
        Post::of_nothing(Ping::NAME, "Nothing, for sockets mostly.")
            .answers_with::<parlor_wire::agent::Done>("Done."),
    ));
    all
}

fn reads() -> [Described; 4] {
    [
        action::<ListChats>(
            "Chats, the one with the newest thread first. `page_id` excludes `filters` and `sort_order`.",
            "A page of chats.",
        )
        .also(|it| {
            let first = "$response.body#/chats_summary/0/id";
            it.or_nothing()
                .link("open", link::<GetChat>(json!({ "chat_id": first })))
                .link("threads", link::<ListThreads>(json!({ "chat_id": first })))
                .link("take", link::<DeactivateChat>(json!({ "id": first })))
        }),
        action::<ListThreads>("Threads of a chat with their events.", "A page of threads."),
        action::<GetChat>(
            "A chat with one of its threads, the newest where none is named.",
            "The chat.",
        )
        .also(|it| {
            let (chat, thread) = ("$response.body#/id", "$response.body#/thread/id");
            let tag = json!({ "chat_id": chat, "thread_id": thread, "tag": "hats" });
            let properties = json!({ "shop": { "hats": 2 } });
            let properties = json!({ "chat_id": chat, "thread_id": thread, "properties": properties });
            it.link("tag", link::<TagThread>(tag))
                .link("properties", link::<UpdateThreadProperties>(properties))
        }),
        action::<ListArchives>(
            "Threads of all chats, newest first, by time and by the agents who took part.",
            "A page, each thread in its chat.",
        )
        .also(Post::or_nothing),
    ]
}

fn chats() -> [Described; 10] {
    [
        action::<StartChat>(
            "Open a chat, with a customer or without.",
            "The ids of what was made.",
        )
        .also(|it| {
            let (chat, thread) = ("$response.body#/chat_id", "$response.body#/thread_id");
            let message = json!({ "type": "message", "text": "Hello" });
            it.or_nothing()
                .link(
                    "say",
                    link::<SendEvent>(json!({ "chat_id": chat, "event": message })),
                )
                .link(
                    "open",
                    link::<GetChat>(json!({ "chat_id": chat, "thread_id": thread })),
                )
                .link("close", link::<DeactivateChat>(json!({ "id": chat })))
                .link(
                    "again",
                    link::<ResumeChat>(json!({ "chat": { "id": chat } })),
                )
        }),
        action::<ResumeChat>(
            "Open a chat again that has no open thread.",
            "The new thread.",
        ),
        done::<DeactivateChat>("Close the chat's open thread. `chat_id` is read as well as `id`."),
        done::<FollowChat>(
            "Set `is_followed` of the chat for the agent who asks. `chat_id` is read as well as `id`.",
        ),
        done::<UnfollowChat>("Take it back. `chat_id` is read as well as `id`."),
        done::<AddUserToChat>(
            "An agent answers a waiting visitor, or looks on (`visibility` `agents`).",
        ),
        done::<RemoveUserFromChat>("An agent leaves the chat."),
        done::<TransferChat>(
            "Hand the chat on to an agent or a group; without a target, back to its own group.",
        ),
        done::<DeclineChat>("Ours. Decline a waiting chat that is offered to the agent."),
        action::<ListAgentsForTransfer>(
            "To whom the chat can be handed on, the least busy first.",
            "The agents.",
        ),
    ]
}

fn events() -> [Described; 4] {
    [
        action::<SendEvent>("Write an event.", "The event's id.").also(|it| {
            let send = |event: Value| json!({ "chat_id": "PJ0MRSHTDG", "event": event });
            let button = json!({
                "type": "message", "text": "Show", "value": "hats", "postback_id": "show", "user_ids": [],
            });
            let cards = json!([{ "title": "Hats", "buttons": [button] }]);
            let email = json!([{ "type": "email", "id": "1", "label": "E-mail", "required": true }]);
            it.example("message", send(json!({ "type": "message", "text": "Hello", "visibility": "all" })))
                .example("note", send(json!({
                    "type": "message", "text": "A note", "visibility": "agents", "custom_id": "n1",
                })))
                .example("cards", send(json!({
                    "type": "rich_message", "template_id": "cards", "elements": cards,
                })))
                .example("form", send(json!({ "type": "form", "form_id": "1", "fields": email })))
                .example("file", send(json!({
                    "type": "file", "url": "https://shop.example/hat.png", "name": "hat.png",
                })))
                .example("custom", send(json!({ "type": "custom", "content": { "hats": 2 } })))
        }),
        done::<SendRichMessagePostback>("Press a button of a rich message, or let it go."),
        done::<SendTypingIndicator>("The agent types, or no longer."),
        done::<MarkEventsAsSeen>("The agent has seen all events up to a time."),
    ]
}

fn people() -> [Described; 4] {
    [
        action::<ListGroups>(
            "The groups of the site, to which chats can be handed on.",
            "All groups.",
        )
        .also(Post::or_nothing),
        done::<SetRoutingStatus>(
            "Whether an agent accepts chats; the agent who asks where none is named.",
        ),
        action::<ListRoutingStatuses>("Which agents accept chats.", "All agents.")
            .also(Post::or_nothing),
        action::<GetCustomer>("What is known of a visitor.", "The customer."),
    ]
}

fn notes() -> [Described; 8] {
    [
        done::<TagThread>("Tag a thread. At most 50 tags a thread."),
        done::<UntagThread>("Take the tag away."),
        done::<UpdateChatProperties>("Merge properties into those of the chat."),
        done::<DeleteChatProperties>("Remove properties of the chat."),
        done::<UpdateThreadProperties>("Merge properties into those of the thread."),
        done::<DeleteThreadProperties>("Remove properties of the thread."),
        done::<UpdateEventProperties>("Merge properties into those of the event."),
        done::<DeleteEventProperties>("Remove properties of the event."),
    ]
}

fn ours() -> [Described; 10] {
    [
        action::<SearchArchive>(
            "Ours. Search the conversations that are over, the newest first (`ARCHIVE.md`, Search).",
            "A page of what was found.",
        )
        .also(Post::or_nothing),
        done::<UpdateArchivedThread>(
            "Ours. Mark a conversation that is over as read or unread.",
        ),
        action::<GetArchiveReport>(
            "Ours. Sums of the conversations that began in some days.",
            "The report.",
        )
        .also(|it| it.example("month", json!({ "from": "2026-11-01", "to": "2026-11-30" }))),
        action::<ListTemplates>(
            "Ours. What the settings file has ready to be sent.",
            "The templates of all deployments.",
        )
        .also(Post::or_nothing),
        action::<ListOfflineMessages>(
            "Ours. The messages that visitors have left and nobody has answered, the oldest hundred; or the callbacks \
             that are due next.",
            "The messages, and how many there are.",
        )
        .also(Post::or_nothing),
        done::<UpdateOfflineMessage>(
            "Ours. Mark a message or a callback as done, or open it again.",
        ),
        action::<GetRecord>("Ours. A record of the site, by an id of `attachedRecords`.", "The record."),
        action::<ExportCustomer>(
            "Ours. Everything that is stored of a customer, for owners and administrators.",
            "The document (`PRIVACY.md`).",
        ),
        action::<EraseCustomer>(
            "Ours. Delete everything of a customer for good, for owners and administrators.",
            "What stays.",
        ),
        done::<RequestFile>("Ours. Ask the visitor for a file (`FileTransfer`), or take it back."),
    ]
}

/// A request that goes on with what was answered.
fn link<A: Action>(body: Value) -> utoipa::openapi::link::Link {
    LinkBuilder::new()
        .operation_id(A::NAME)
        .request_body(Some(body))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The actions that `actions::run` knows.
    #[test]
    fn every_action_is_described() {
        let source = include_str!("actions/mod.rs");
        let served = source.lines().filter(|line| line.contains("::NAME =>"));
        assert_eq!(served.count(), actions().len());
    }
}
