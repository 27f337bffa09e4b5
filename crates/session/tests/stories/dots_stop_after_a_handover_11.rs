//! `AgentTyping` behind `AgentNotTyping` in one batch: dots that never stop.

use parlor_session::Change;
use serde_json::json;

use crate::story::{Story, says};

fn dots(story: &Story) -> Option<bool> {
    story.changes.iter().rev().find_map(|c| match c {
        Change::AgentTyping(typing) => Some(*typing),
        _ => None,
    })
}

#[test]
fn dots_stop_by_time() {
    let mut story = Story::chatting();
    story.batch(
        2,
        json!([{"type": "AgentNotTyping", "message": {}}, {"type": "AgentTyping", "message": {}}]),
    );
    assert_eq!(dots(&story), Some(true));
    story.wait(15_000);
    assert_eq!(dots(&story), Some(false));
}

#[test]
fn dots_stop_by_a_message() {
    let mut story = Story::chatting();
    story.batch(
        2,
        json!([{"type": "AgentTyping", "message": {}}, says(2, "Hello")]),
    );
    assert_eq!(dots(&story), Some(false));
}
