//! A webhook of a conversation that there is not, by which `parlor webhook test` tries a
//! receiver.

use serde_json::json;

use super::{
    NEW_CHAT_SESSION, STATUS_CHANGED, agent_event,
    chat_session::{ChatSession, Company, Kind, Report, User},
    lifecycle::Status,
};
use crate::{clock::Timestamp, store::row::Organization};

/// The body of a webhook of this event.
pub(super) fn sample(hook: &str, event: &str, now: Timestamp) -> String {
    let body = match event {
        NEW_CHAT_SESSION => serde_json::to_string(&[session(Status::Created, now)]),
        STATUS_CHANGED => serde_json::to_string(&[session(Status::Missed, now)]),
        event => {
            let payload = json!({ "chat_id": "SAMPLECHAT", "thread_id": "SAMPLE" });
            agent_event::body(hook, &"00D000000000000".into(), event, &payload)
        }
    };
    // All of them are texts and numbers.
    body.unwrap_or_default()
}

fn session(status: Status, now: Timestamp) -> ChatSession {
    let site = Organization {
        id: "00D000000000000".into(),
        name: "Sample".to_owned(),
        switch_url: None,
    };
    let visitor = User::contact(&site, 1, Some("A visitor"), Company::default());
    let time = now.to_rfc3339();
    ChatSession {
        id: "SAMPLE".to_owned(),
        name: "Chat Request from A visitor".to_owned(),
        kind: Kind::Request,
        status,
        past_status: status.past(),
        report: Report {
            creator_waited: 0,
            handled_date_time: String::new(),
            chat_duration: 0,
        },
        reference: None,
        creator: visitor.clone(),
        callback: None,
        target_users: Vec::new(),
        close_record: None,
        closed_date_time: match status.is_open() {
            true => String::new(),
            false => time.clone(),
        },
        users: match status.is_open() {
            true => vec![visitor.clone()],
            false => Vec::new(),
        },
        participants: vec![visitor],
        last_message_id: None,
        created_date_time: time.clone(),
        last_modified_date_time: time,
    }
}
