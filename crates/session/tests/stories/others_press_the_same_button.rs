//! A button that several may press: what an agent pressed is the agent's, and
//! the visitor's own press comes and goes beside it.

use parlor_session::{Change, Intent, LineId, Press, Reply, Request};
use serde_json::{Value, json};

use crate::story::Story;

const CARD: &str = "T_2";

/// As a poll brings it: the card, pressed by these.
fn card(kind: &str, pressed_by: &[&str]) -> Value {
    let event = json!({"id": CARD, "type": "rich_message", "template_id": "cards",
        "author_id": "005A", "elements": [{"title": "The blue hat",
            "buttons": [{"text": "Like", "postback_id": "like", "user_ids": pressed_by}]}]});
    json!([{"type": "CustomEvent", "message": {"type": kind, "data": event.to_string()}}])
}

fn pressed(story: &Story) -> Vec<(String, Press)> {
    let of_card = |change: &Change| match change {
        Change::Pressed { id, buttons } if id.0 == CARD => Some(buttons.clone()),
        _ => None,
    };
    story
        .changes
        .iter()
        .rev()
        .find_map(of_card)
        .unwrap_or_default()
}

/// The visitor presses, and the endpoint takes it.
fn press(story: &mut Story) {
    story.want(Intent::Press {
        line: LineId(CARD.into()),
        element: 0,
        button: 0,
    });
    let call = story.take_post();
    assert!(matches!(call.request, Request::StateUpdate(_)));
    story.reply(call.id, Reply::Posted(Default::default()));
}

#[test]
fn an_agents_press_is_not_the_visitors() {
    let mut story = Story::chatting();
    let known = json!([{"type": "ChatRequestSuccess", "message": {"customerId": "v"}}]);
    story.batch(2, known);
    story.batch(3, card("rich_message", &["005A"]));
    assert_eq!(pressed(&story), []);
    press(&mut story);
    story.batch(4, card("event_updated", &["005A", "v"]));
    assert_eq!(pressed(&story), [("like".to_owned(), Press::On)]);
    press(&mut story);
    assert_eq!(pressed(&story), []);
    story.batch(5, card("event_updated", &["005A"]));
    assert_eq!(pressed(&story), []);
}
