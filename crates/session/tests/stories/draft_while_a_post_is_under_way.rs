//! The visitor writes on while an answer is awaited. Found by the simulation:
//! the sneak peek was due, could not go, and asked to be woken at once, for ever.

use parlor_session::{Fault, Input, Intent, Output};
use serde_json::json;

use crate::story::Story;

fn wakes_at_once(story: &mut Story) -> bool {
    story.input(Input::Wake);
    let now = story.now;
    let soon = |output: &Output| matches!(output, Output::WakeAt(at) if *at <= now);
    story.last.iter().any(soon)
}

#[test]
fn a_signal_that_cannot_be_sent_schedules_no_wake_up() {
    let mut story = Story::chatting();
    story.batch(
        2,
        json!([{"type": "ChatTransferred", "message": {"name": "Bo", "userId": "005B",
            "sneakPeekEnabled": true, "sequence": 2, "eventId": "T_2"}}]),
    );
    story.send("Hello");
    story.want(Intent::Draft("and".into()));
    story.wait(1_000);
    assert!(!wakes_at_once(&mut story));
}

#[test]
fn a_pause_before_nothing_schedules_no_wake_up() {
    let mut story = Story::chatting();
    story.want(Intent::Draft("and".into()));
    let typing = story.take_post();
    story.fault(typing.id, Fault::Network);
    story.want(Intent::Draft(String::new()));
    story.wait(20_000);
    assert!(!wakes_at_once(&mut story));
}
