//! The page is loaded anew in mid-chat.

use parlor_session::{EndedBy, Fault, Reply, Request, SendState, Stage};
use parlor_wire::visitor::ReconnectSession;
use serde_json::json;

use crate::story::{Story, says};

#[test]
fn conversation_outbox_and_draft_are_restored() {
    let mut story = Story::chatting();
    story.batch(2, json!([says(2, "Hello")]));
    let mine = story.send("not answered yet");
    story.want(parlor_session::Intent::Draft("half a sen".into()));

    let mut story = story.reloaded();
    assert_eq!(story.stage, Stage::Resuming);
    assert_eq!(story.lines.last().unwrap().state, Some(SendState::Queued));
    let draft = parlor_session::Change::Draft("half a sen".into());
    assert!(story.changes.contains(&draft));

    let reconnect = story.take(|r| matches!(r, Request::ReconnectSession { offset: Some(20) }));
    story.reply(
        reconnect.id,
        Reply::Reconnected(ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: "b".into(),
        }),
    );
    story.batch(
        3,
        json!([{"type": "ChasitorSessionData", "message": {"chatMessages": [
            {"type": "Agent", "name": "Andy", "content": "Hello", "timestamp": 2, "sequence": 2, "eventId": "T_2"}
        ], "agent": {"name": "Andy", "userId": "005A"}}}]),
    );
    assert_eq!(story.stage, Stage::Chatting);
    assert_eq!(story.texts(), ["Hello", "not answered yet"]);
    let resync = story.take_post();
    story.reply(resync.id, Reply::Posted(Default::default()));
    let Request::Message(message) = story.take_post().request else {
        panic!("the message was forgotten");
    };
    assert_eq!(message.custom_id, Some(mine.0));
}

#[test]
fn an_unconfirmed_request_is_repeated() {
    let mut story = Story::new(None);
    story.reply_settings(json!({}));
    story.want(parlor_session::Intent::StartConversation);
    story.reply_session("a");

    let mut story = story.reloaded();
    let reconnect = story.take(|r| matches!(r, Request::ReconnectSession { .. }));
    story.reply(
        reconnect.id,
        Reply::Reconnected(ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: "b".into(),
        }),
    );
    story.batch(1, json!([{"type": "ChasitorSessionData", "message": {}}]));
    assert_eq!(story.stage, Stage::Starting);
    story.posted(0);
    assert!(matches!(story.take_post().request, Request::Init { .. }));
}

#[test]
fn place_and_wait_are_shown_again() {
    let mut story = Story::chatting().reloaded();
    let reconnect = story.take(|r| matches!(r, Request::ReconnectSession { .. }));
    story.reply(
        reconnect.id,
        Reply::Reconnected(ReconnectSession {
            reset_sequence: Some(true),
            affinity_token: "b".into(),
        }),
    );
    let waits = json!({"queuePosition": 2, "estimatedWaitTime": 60});
    story.batch(
        3,
        json!([{"type": "ChasitorSessionData", "message": waits}]),
    );
    let expected = Stage::Waiting {
        position: Some(2),
        served_at: Some(story.now + 60_000),
    };
    assert_eq!(story.stage, expected);
}

#[test]
fn a_lost_session_is_displayed_and_the_draft_is_kept() {
    let mut story = Story::chatting();
    story.want(parlor_session::Intent::Draft("half a sen".into()));
    let mut story = story.reloaded();
    let reconnect = story.take(|r| matches!(r, Request::ReconnectSession { .. }));
    story.fault(reconnect.id, Fault::SessionGone);
    assert_eq!(story.stage, Stage::Ended(EndedBy::Lost));
    let saved = story.saved.unwrap();
    assert_eq!(saved.session, None);
    assert_eq!(saved.draft, "half a sen");
}
