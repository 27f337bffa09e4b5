//! `AgentDisconnect`: the session is alive, another agent may come.

use parlor_session::{Change, Stage};
use serde_json::json;

use crate::story::Story;

#[test]
fn the_chat_goes_on_and_another_agent_comes() {
    let mut story = Story::chatting();
    story.batch(2, json!([{"type": "AgentDisconnect", "message": {}}]));
    assert_eq!(story.stage, Stage::Chatting);
    assert_eq!(story.changes.last(), Some(&Change::Agent(None)));
    story.send("Anybody?");
    story.posted(3);
    story.batch(
        3,
        json!([{"type": "ChatEstablished", "message": {"name": "Maria", "userId": "005B",
            "sneakPeekEnabled": false}}]),
    );
    let agent = story.changes.iter().rev().find_map(|c| match c {
        Change::Agent(agent) => agent.clone(),
        _ => None,
    });
    assert_eq!(agent.unwrap().name, "Maria");
}
