//! A browser may be killed between any two outputs: what is shown as on its way
//! is on the device by then.

use parlor_session::{Change, Fault, Intent, Output, SendState, Stage};
use serde_json::json;

use crate::story::Story;

#[test]
fn the_save_comes_before_the_line_and_the_call() {
    let mut story = Story::chatting();
    story.send("Hello");
    let Some(Output::Save(saved)) = story.last.first() else {
        panic!("not saved first: {:?}", story.last);
    };
    assert_eq!(saved.outbox[0].text, "Hello");
    assert!(matches!(story.last[1], Output::Change(Change::Line { .. })));
    assert!(story.last.iter().any(|o| matches!(o, Output::Call(_))));
}

#[test]
fn a_message_from_before_the_session_survives_a_crash() {
    let mut story = Story::new(None);
    story.reply_settings(json!({}));
    story.want(Intent::StartConversation);
    let mine = story.send("in a hurry");

    let mut story = story.reloaded();
    assert_eq!(story.stage, Stage::Starting);
    assert_eq!(story.state(&mine), Some(SendState::Queued));
    story.reply_session("a");
    story.posted(0);
    story.posted(1);
    assert_eq!(story.state(&mine), Some(SendState::Sent));
}

#[test]
fn end_chat_survives_a_crash() {
    let mut story = Story::chatting();
    story.want(Intent::EndChat);
    assert!(story.saved.as_ref().unwrap().session.as_ref().unwrap().end);
    let mut story = story.reloaded();
    story.reconnected("b");
    story.batch(
        2,
        json!([{"type": "ChasitorSessionData", "message": {"agent": {"name": "Andy"}}}]),
    );
    story.posted(0);
    let end = story.take_post();
    assert!(matches!(end.request, parlor_session::Request::ChatEnd(_)));
}

#[test]
fn unavailable_storage_is_shown_once() {
    let mut story = Story::chatting();
    story.input(parlor_session::Input::StorageAvailable(false));
    story.input(parlor_session::Input::StorageAvailable(false));
    let said = story
        .changes
        .iter()
        .filter(|c| **c == Change::StorageAvailable(false));
    assert_eq!(said.count(), 1);
    let mine = story.send("all the same");
    let post = story.take_post();
    story.fault(post.id, Fault::Network);
    assert_eq!(story.state(&mine), Some(SendState::Sending));
}
