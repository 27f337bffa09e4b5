//! `ChasitorSessionData.chatMessages` appended to what is on screen shows
//! everything twice.

use parlor_session::{Fault, Reply, SendState};
use parlor_wire::visitor::ReconnectSession;
use serde_json::json;

use crate::story::{Story, says};

#[test]
fn known_lines_are_not_displayed_again_and_missed_ones_are() {
    let mut story = Story::chatting();
    let mine = story.send("mine");
    let post = story.take_post();
    story.fault(post.id, Fault::Network);
    story.batch(2, json!([says(3, "known")]));
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    let reconnect = story.open.remove(0);
    story.reply(
        reconnect.id,
        Reply::Reconnected(ReconnectSession {
            reset_sequence: None,
            affinity_token: "b".into(),
        }),
    );
    story.batch(
        1,
        json!([{"type": "ChasitorSessionData", "message": {"chatMessages": [
            {"type": "Chasitor", "name": "Jon", "content": "mine", "timestamp": 1, "sequence": 2,
             "eventId": "T_2", "customId": mine.0},
            {"type": "Agent", "name": "Andy", "content": "known", "timestamp": 2, "sequence": 3, "eventId": "T_3"},
            {"type": "Agent", "name": "Andy", "content": "missed", "timestamp": 3, "sequence": 4, "eventId": "T_4"}
        ], "agent": {"name": "Andy", "userId": "005A"}}}, says(4, "missed")]),
    );
    assert_eq!(story.texts(), ["mine", "known", "missed"]);
    let line = story.lines.iter().find(|l| l.id == mine).unwrap();
    assert_eq!(line.state, Some(SendState::Sent));
    let resync = story.take_post();
    story.reply(resync.id, Reply::Posted(Default::default()));
    assert!(
        !story.open.iter().any(|c| c.request.is_post()),
        "what the endpoint has is not sent again"
    );
}
