//! "E-mail me the conversation": the newest address is sent, once it is its turn, and the line that
//! says so comes from the endpoint.

use parlor_session::{Body, Intent, Notice, Request, StateUpdate};
use serde_json::json;

use crate::story::Story;

fn wants(story: &mut Story, email: &str) {
    story.want(Intent::RequestTranscript(email.to_owned()));
}

#[test]
fn the_newest_address_is_sent() {
    let mut story = Story::chatting();
    wants(&mut story, "one@example.com");
    let asked = |story: &Story| match &story.open.last().unwrap().request {
        Request::StateUpdate(StateUpdate::TranscriptRequested { email }) => email.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&story), "one@example.com");
    wants(&mut story, "two@example.com");
    wants(&mut story, "three@example.com");
    story.posted(0);
    assert_eq!(asked(&story), "three@example.com");
    let event = json!({ "id": "T_9", "type": "system_message", "visibility": "all",
        "created_at": "2026-01-01T00:00:00.000000Z",
        "system_message_type": "transcript.requested", "text": "The visitor wants a copy" });
    story.batch(
        2,
        json!([{ "type": "CustomEvent", "message": {
            "type": "system_message", "data": event.to_string() } }]),
    );
    let line = story.lines.last().unwrap();
    assert_eq!(*line.body, Body::Notice(Notice::TranscriptRequested));
}
