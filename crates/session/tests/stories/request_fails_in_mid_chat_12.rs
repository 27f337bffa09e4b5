//! `ChatRequestFail` can come in mid-chat.

use parlor_session::{FailReason, FailedBecause, SendState, Stage};
use serde_json::json;

use crate::story::Story;

#[test]
fn the_chat_ends_and_unsent_messages_are_marked() {
    let mut story = Story::chatting();
    story.send("on its way");
    story.batch(
        2,
        json!([{"type": "ChatRequestFail", "message": {"reason": "InternalFailure"}}]),
    );
    assert_eq!(story.stage, Stage::Failed(FailReason::Internal));
    assert_eq!(
        story.lines.last().unwrap().state,
        Some(SendState::Failed(FailedBecause::Ended))
    );
    story.wait(600_000);
    assert!(story.open.is_empty());
}
