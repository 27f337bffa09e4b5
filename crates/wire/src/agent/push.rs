//! What agents are told without asking, by action. A push of an action that is not
//! known here is kept, so that a new endpoint does not break an old console.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::OfflineMessageUpdated;
use crate::chat::{Access, Chat, Queue};
use crate::error::{DecodeError, decode_value};
use crate::event::{Event, Properties, PropertyNames, Toggled, Visibility};
use crate::id::{AgentId, ChatId, CustomerId, EventId, ThreadId, UserId};
use crate::lenient;
use crate::user::{RoutingStatus, User};

macro_rules! pushes {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) => $action:literal,)+) => {
        /// What happened, by the push's action.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "action", content = "payload")]
        pub enum PushBody {
            $(
                $(#[$doc])*
                #[serde(rename = $action)]
                $variant($payload),
            )+
            /// An action that this version does not know, as it came.
            #[serde(untagged)]
            Unknown {
                /// The action's name.
                action: String,
                /// The payload.
                payload: Value,
            },
        }

        impl PushBody {
            /// The action's name.
            pub fn action(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $action,)+
                    Self::Unknown { action, .. } => action,
                }
            }

            /// Reads a payload by its action.
            pub fn from_payload(action: String, payload: Value) -> Result<Self, DecodeError> {
                Ok(match action.as_str() {
                    $($action => Self::$variant(decode_value(payload)?),)+
                    _ => Self::Unknown { action, payload },
                })
            }

            /// The JSON of the payload.
            pub fn to_payload(&self) -> Result<Value, serde_json::Error> {
                match self {
                    $(Self::$variant(payload) => serde_json::to_value(payload),)+
                    Self::Unknown { payload, .. } => Ok(payload.clone()),
                }
            }
        }
    };
}

pushes! {
    /// A new thread was opened.
    IncomingChat(Box<IncomingChat>) => "incoming_chat",
    /// An event was added.
    IncomingEvent(Box<IncomingEvent>) => "incoming_event",
    /// An event was changed.
    EventUpdated(Box<IncomingEvent>) => "event_updated",
    /// Somebody types, or no longer.
    IncomingTypingIndicator(IncomingTypingIndicator) => "incoming_typing_indicator",
    /// What the customer has typed so far, and not sent.
    IncomingSneakPeek(IncomingSneakPeek) => "incoming_sneak_peek",
    /// A chat went to somebody else, or back to the queue.
    ChatTransferred(ChatTransferred) => "chat_transferred",
    /// Ours: a waiting chat is offered to one agent, or to nobody any more.
    ChatOffered(ChatOffered) => "chat_offered",
    /// Other groups may see a chat now.
    ChatAccessUpdated(ChatAccessUpdated) => "chat_access_updated",
    /// Ours: the agent is a member of other groups now, and sees other chats.
    AgentGroupsUpdated(AgentGroupsUpdated) => "agent_groups_updated",
    /// Ours: a thread was deleted for good.
    ThreadDeleted(ThreadDeleted) => "thread_deleted",
    /// A thread was closed.
    ChatDeactivated(ChatDeactivated) => "chat_deactivated",
    /// Somebody came in.
    UserAddedToChat(Box<UserAddedToChat>) => "user_added_to_chat",
    /// Somebody left.
    UserRemovedFromChat(UserRemovedFromChat) => "user_removed_from_chat",
    /// Somebody has seen events.
    EventsMarkedAsSeen(EventsMarkedAsSeen) => "events_marked_as_seen",
    /// An agent takes chats now, or no longer.
    RoutingStatusSet(RoutingStatusSet) => "routing_status_set",
    /// Places in the queue have changed: those that are named.
    QueuePositionsUpdated(Vec<QueuePosition>) => "queue_positions_updated",
    /// Somebody pressed a button of a rich message, or let it go.
    IncomingRichMessagePostback(IncomingRichMessagePostback) => "incoming_rich_message_postback",
    /// Properties of a chat were set.
    ChatPropertiesUpdated(PropertiesUpdated) => "chat_properties_updated",
    /// Properties of a chat were deleted.
    ChatPropertiesDeleted(PropertiesDeleted) => "chat_properties_deleted",
    /// Properties of a thread were set.
    ThreadPropertiesUpdated(PropertiesUpdated) => "thread_properties_updated",
    /// Properties of a thread were deleted.
    ThreadPropertiesDeleted(PropertiesDeleted) => "thread_properties_deleted",
    /// Properties of an event were set.
    EventPropertiesUpdated(PropertiesUpdated) => "event_properties_updated",
    /// Properties of an event were deleted.
    EventPropertiesDeleted(PropertiesDeleted) => "event_properties_deleted",
    /// A thread was given a tag.
    ThreadTagged(ThreadTag) => "thread_tagged",
    /// A tag was taken from a thread.
    ThreadUntagged(ThreadTag) => "thread_untagged",
    /// The page says something else of the customer now.
    CustomerSessionFieldsUpdated(CustomerSessionFieldsUpdated) => "customer_session_fields_updated",
    /// Ours: a message was left, answered, marked as done, or opened again.
    OfflineMessageUpdated(Box<OfflineMessageUpdated>) => "offline_message_updated",
    /// The customer's client was not heard for a minute, or is heard again. Ours.
    CustomerPresenceSet(CustomerPresenceSet) => "customer_presence_set",
}

/// The customer is away, as with a phone that is locked, or has come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerPresenceSet {
    /// The chat.
    pub chat_id: ChatId,
    /// The thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// The customer.
    pub customer_id: CustomerId,
    /// Whether the customer's client is heard.
    #[serde(deserialize_with = "lenient::boolean_or_false")]
    pub present: bool,
}

/// A new thread was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingChat {
    /// The chat, with the new thread as `thread`.
    pub chat: Chat,
    /// Who opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_id: Option<UserId>,
    /// Where it was before, when it was handed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transferred_from: Option<Parties>,
}

/// Groups and agents on one side of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Parties {
    /// Groups by their numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_ids: Option<Vec<i64>>,
    /// Agents by their ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_ids: Option<Vec<AgentId>>,
}

/// An event was added or changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingEvent {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    pub thread_id: ThreadId,
    /// The event as it is now.
    pub event: Event,
}

/// Somebody types, or no longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingTypingIndicator {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Who, and whether.
    pub typing_indicator: TypingIndicator,
}

/// Who types, and whether they still do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TypingIndicator {
    /// Who.
    pub author_id: UserId,
    /// Who may see it; everybody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// In seconds since 1970.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub timestamp: Option<i64>,
    /// Whether they type now.
    #[serde(deserialize_with = "lenient::boolean")]
    pub is_typing: bool,
}

/// What the customer has typed so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingSneakPeek {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Who, and what.
    pub sneak_peek: SneakPeek,
}

/// Text that is typed and not sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SneakPeek {
    /// Who types it.
    pub author_id: UserId,
    /// As it is now.
    pub text: String,
    /// In seconds since 1970.
    #[serde(
        default,
        deserialize_with = "lenient::optional_integer",
        skip_serializing_if = "Option::is_none"
    )]
    pub timestamp: Option<i64>,
}

/// A chat went to somebody else, or back to the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatTransferred {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Who did it; absent when the router did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_id: Option<UserId>,
    /// `manual`, `inactive` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// To whom.
    #[serde(default)]
    pub transferred_to: Parties,
    /// Its place, when it waits again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
}

/// A waiting chat is offered to one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatOffered {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// Who is asked; absent when nobody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// RFC 3339: when the next one is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Other groups may see a chat now. It goes to those who could see it before: whoever is in none of
/// the groups sees it no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatAccessUpdated {
    /// Which chat.
    pub id: ChatId,
    /// From now on.
    pub access: Access,
}

/// The agent is a member of other groups now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentGroupsUpdated {
    /// Which agent: the one who receives this.
    pub agent_id: AgentId,
    /// All of their groups, by their numbers.
    pub group_ids: Vec<i64>,
}

/// A thread was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatDeactivated {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Who closed it; absent when the router did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// A thread was deleted for good: nothing of it can be read any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadDeleted {
    /// Of which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// It was the last of the chat, which is deleted with it.
    #[serde(default, deserialize_with = "lenient::boolean_or_false")]
    pub chat_deleted: bool,
}

/// Somebody came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserAddedToChat {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread; absent when none is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Who.
    pub user: User,
    /// `manual`, `assigned` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who did it; absent when the router did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_id: Option<UserId>,
}

/// Somebody left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRemovedFromChat {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread; absent when none is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Who.
    pub user_id: UserId,
    /// `manual`, `transferred` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who did it; absent when the router did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester_id: Option<UserId>,
}

/// Somebody has seen all events up to a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsMarkedAsSeen {
    /// Who.
    pub user_id: UserId,
    /// In which chat.
    pub chat_id: ChatId,
    /// RFC 3339: the `created_at` of the newest event that was seen.
    pub seen_up_to: String,
}

/// An agent takes chats now, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingStatusSet {
    /// Which agent.
    pub agent_id: AgentId,
    /// From now on.
    pub status: RoutingStatus,
}

/// The place of one thread in its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePosition {
    /// Which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// Its place now.
    pub queue: Queue,
}

/// Somebody pressed a button of a rich message, or let it go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncomingRichMessagePostback {
    /// Who.
    pub user_id: UserId,
    /// In which chat.
    pub chat_id: ChatId,
    /// The thread with the rich message.
    pub thread_id: ThreadId,
    /// The rich message.
    pub event_id: EventId,
    /// Which button, and how it is now.
    pub postback: Toggled,
}

/// Properties were set: of the event if there is one, or else of the thread, or else of
/// the chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PropertiesUpdated {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Of which event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Those that were set; others stay as they were.
    pub properties: Properties,
}

/// Properties were deleted, as in [`PropertiesUpdated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertiesDeleted {
    /// In which chat.
    pub chat_id: ChatId,
    /// In which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<ThreadId>,
    /// Of which event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// Those that are gone.
    pub properties: PropertyNames,
}

/// A thread and a tag that it was given, or that was taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadTag {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// The tag.
    pub tag: String,
}

/// The page says something else of the customer now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerSessionFieldsUpdated {
    /// Which customer.
    pub id: CustomerId,
    /// Where they are.
    pub active_chat: ActiveChat,
    /// All of them.
    pub session_fields: Vec<BTreeMap<String, Value>>,
}

/// The chat that a customer is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveChat {
    /// Which chat.
    pub chat_id: ChatId,
    /// Its open thread.
    pub thread_id: ThreadId,
}
