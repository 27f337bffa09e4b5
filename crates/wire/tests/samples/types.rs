//! Which type each of the samples in `fixtures/` is of: one list for all tests that read them, here
//! and in the widget.

pub(crate) use parlor_wire::visitor::{self, Wrapped, control};
pub(crate) use parlor_wire::{
    Access, Chat, ChatSummary, Event, MyProfile, Properties, Thread, User, agent, event,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Calls a macro with all of them.
macro_rules! for_each_sample {
    ($call:ident) => {
        $call! {
            "agent/agent_groups_updated" => agent::Frame,
            "agent/chat_access_updated" => agent::Frame,
            "agent/chat_deactivated" => agent::Frame,
            "agent/chat_offered" => agent::Frame,
            "agent/chat_transferred" => agent::Frame,
            "agent/event_updated" => agent::Frame,
            "agent/events_marked_as_seen" => agent::Frame,
            "agent/incoming_chat" => agent::Frame,
            "agent/incoming_event" => agent::Frame,
            "agent/incoming_multicast" => agent::Frame,
            "agent/incoming_sneak_peek" => agent::Frame,
            "agent/incoming_typing_indicator" => agent::Frame,
            "agent/list_chats" => agent::ListChats,
            "agent/list_chats_page" => agent::ListChats,
            "agent/list_chats_without_threads" => agent::ListChats,
            "agent/list_groups_reply" => Vec<agent::Group>,
            "agent/list_offline_messages" => agent::OfflineMessages,
            "agent/list_templates_reply" => agent::Templates,
            "agent/login" => agent::Request,
            "agent/offline_message_updated" => agent::Frame,
            "agent/queue_positions_updated" => agent::Frame,
            "agent/request_file" => agent::RequestFile,
            "agent/response" => agent::Frame,
            "agent/response_error" => agent::Frame,
            "agent/routing_status_set" => agent::Frame,
            "agent/send_event" => agent::SendEvent,
            "agent/send_event_after_another" => agent::SendEvent,
            "agent/send_event_to_a_thread" => agent::SendEvent,
            "agent/start_chat" => agent::StartChat,
            "agent/start_chat_with_all_members" => agent::StartChat,
            "agent/thread_deleted" => agent::Frame,
            "agent/transfer_chat" => agent::TransferChat,
            "agent/transfer_chat_of_others" => agent::TransferChat,
            "agent/transfer_chat_with_note" => agent::TransferChat,
            "agent/update_offline_message" => agent::UpdateOfflineMessage,
            "agent/user_added_to_chat" => agent::Frame,
            "agent/user_removed_from_chat" => agent::Frame,
            "chat/access" => AccessSample,
            "chat/chat" => Chat,
            "chat/chat_with_one_thread" => Chat,
            "chat/chat_summary" => ChatSummary,
            "chat/chat_summary_with_restricted_access" => ChatSummary,
            "chat/properties" => PropertiesSample,
            "chat/thread" => Thread,
            "event/custom" => Event,
            "event/file" => Event,
            "event/filled_form" => Event,
            "event/filled_form_fields" => Fields<event::FilledField>,
            "event/form" => Event,
            "event/form_fields" => Fields<event::FormField>,
            "event/message" => Event,
            "event/rich_message" => Event,
            "event/system_message" => Event,
            "user/agent" => User,
            "user/customer" => User,
            "user/my_profile" => MyProfile,
            "user/my_profile_with_groups" => MyProfile,
            "visitor/availability" => Wrapped<visitor::Availability>,
            "visitor/breadcrumb" => visitor::Breadcrumb,
            "visitor/breadcrumb_with_title" => visitor::Breadcrumb,
            "visitor/chasitor_init" => visitor::ChasitorInit,
            "visitor/chasitor_init_with_our_members" => visitor::ChasitorInit,
            "visitor/chasitor_resync_state" => visitor::ResyncState,
            "visitor/chasitor_session_data" => visitor::ChasitorSessionData,
            "visitor/chasitor_sneak_peek" => visitor::SneakPeek,
            "visitor/chat_end" => visitor::ChatEnd,
            "visitor/chat_end_reason" => visitor::ChatEnd,
            "visitor/chat_established" => visitor::ChatEstablished,
            "visitor/chat_message" => visitor::AgentMessage,
            "visitor/chat_message_markdown" => visitor::AgentMessage,
            "visitor/chat_message_request" => visitor::ChatMessage,
            "visitor/chat_message_with_custom_id" => visitor::ChatMessage,
            "visitor/chat_request_fail" => visitor::ChatRequestFail,
            "visitor/chat_request_success" => visitor::ChatRequestSuccess,
            "visitor/chat_transferred" => visitor::ChatTransferred,
            "visitor/custom_event" => visitor::CustomEvent,
            "visitor/custom_event_request" => visitor::CustomEvent,
            "visitor/events_seen" => control::EventsSeen,
            "visitor/history" => Wrapped<visitor::History>,
            "visitor/history_thread" => Wrapped<Thread>,
            "visitor/messages" => visitor::Batch,
            "visitor/messages_of_all_kinds" => visitor::Batch,
            "visitor/messages_with_our_members" => visitor::Batch,
            "visitor/multi_noun" => visitor::MultiNoun,
            "visitor/multi_noun_data" => visitor::MultiNoun,
            "visitor/new_visitor_breadcrumb" => visitor::NewVisitorBreadcrumb,
            "visitor/press" => control::Press,
            "visitor/queue_update" => visitor::QueueUpdate,
            "visitor/rating" => control::Rating,
            "visitor/transcript_request" => control::TranscriptRequest,
            "visitor/identify" => control::Identify,
            "visitor/reconnect_session" => Wrapped<visitor::ReconnectSession>,
            "visitor/reconnect_session_message" => visitor::ReconnectSession,
            "visitor/seen_up_to" => control::SeenUpTo,
            "visitor/session_fields" => control::SessionFields,
            "visitor/settings" => Wrapped<visitor::Settings>,
            "visitor/settings_with_prechat" => Wrapped<visitor::Settings>,
            "visitor/session_id" => visitor::SessionIdReply,
            "visitor/switch_server" => Wrapped<visitor::SwitchServer>,
            "visitor/goal_reached" => visitor::GoalReached,
            "visitor/thread_seen" => visitor::ThreadSeen,
            "visitor/visitor_id" => Wrapped<visitor::VisitorIdReply>,
        }
    };
}
pub(crate) use for_each_sample;

/// Samples that print a structure inside an object of one key.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccessSample {
    access: Access,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PropertiesSample {
    properties: Properties,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Fields<T> {
    fields: Vec<T>,
}

/// `120` and `120.0` are the same JSON number.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 => json!(float as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, plain(value)))
            .collect(),
        other => other,
    }
}
