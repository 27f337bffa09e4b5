//! From hello to the first words, both ways.

use parlor_session::{Author, Change, Intent, Request, SendState, Stage};
use serde_json::json;

use crate::story::{Story, is_poll, says};

#[test]
fn hello_waiting_chatting() {
    let mut story = Story::new(None);
    assert_eq!(story.stage, Stage::Hello);
    story.reply_settings(json!({"buttons": []}));
    story.want(Intent::StartConversation);
    assert_eq!(story.stage, Stage::Starting);
    story.reply_session("73061fa0");

    assert!(
        is_poll(&story.open[0].request),
        "polls before anything is asked for"
    );
    let init = story.open[1].clone();
    assert_eq!(init.number, Some(1));
    let Request::Init { session_id, .. } = &init.request else {
        panic!("{init:?}");
    };
    assert_eq!(session_id, "s");
    story.posted(1);

    story.batch(
        1,
        json!([{"type": "ChatRequestSuccess", "message": {"queuePosition": 2, "estimatedWaitTime": 60}}]),
    );
    assert_eq!(
        story.stage,
        Stage::Waiting {
            position: Some(2),
            served_at: Some(story.now + 60_000)
        }
    );
    story.batch(
        2,
        json!([{"type": "QueueUpdate", "message": {"position": 0, "estimatedWaitTime": -1}}]),
    );
    let unknown = Stage::Waiting {
        position: None,
        served_at: None,
    };
    assert_eq!(story.stage, unknown, "never a zero");

    let id = story.send("  I am here already  ");
    story.posted(2);
    assert_eq!(story.lines.last().unwrap().id, id);
    assert_eq!(story.lines.last().unwrap().state, Some(SendState::Sent));

    story.batch(
        3,
        json!([
            {"type": "ChatEstablished", "message": {"name": "Andy", "userId": "005A", "sneakPeekEnabled": true}},
            says(4, "Hello, how can I help you?")
        ]),
    );
    assert_eq!(story.stage, Stage::Chatting);
    assert!(story.changes.contains(&Change::SneakPeek(true)));
    assert!(story.changes.contains(&Change::Unread(1)));
    let last = story.lines.last().unwrap();
    assert!(matches!(&last.author, Author::Agent(card) if card.name == "Andy"));
    assert_eq!(
        story.texts(),
        ["I am here already", "Hello, how can I help you?"]
    );
    story.want(Intent::WindowShown(true));
    assert_eq!(story.changes.last(), Some(&Change::Unread(0)));
}

#[test]
fn a_message_that_is_too_long_says_so_and_is_not_sent() {
    let mut story = Story::chatting();
    story.send(&"x".repeat(16 * 1024));
    story.posted(2);
    story.send(&"x".repeat(16 * 1024 + 1));
    assert!(matches!(
        story.lines.last().unwrap().state,
        Some(SendState::Failed(parlor_session::FailedBecause::TooLong))
    ));
    assert!(!story.open.iter().any(|c| c.request.is_post()));
    let id = story.lines.last().unwrap().id.clone();
    story.want(Intent::Delete(id));
    assert_eq!(story.texts().len(), 1);
}
