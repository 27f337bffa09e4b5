//! The clock jumped: the device slept, or somebody put it back.

use parlor_session::Input;
use serde_json::json;

use crate::story::{Story, ack, says};

#[test]
fn the_poll_from_before_the_sleep_is_replaced_at_once() {
    let mut story = Story::chatting();
    let old = story.open[0].id;
    story.now += 3_600_000;
    story.input(Input::Wake);
    assert_eq!(story.aborted, [old]);
    assert_eq!(story.open.len(), 1);
    assert_eq!(ack(&story.open[0]), 1);
}

#[test]
fn a_clock_put_back_delays_nothing() {
    let mut story = Story::chatting();
    story.send("Hello");
    let post = story.take_post();
    story.now -= 600_000;
    story.fault(post.id, parlor_session::Fault::Network);
    assert!(story.wake_at.unwrap() < story.now + 60_000);
    story.wait(1_000);
    assert_eq!(story.take_post().number, post.number, "the same again");
    story.batch(2, json!([says(2, "Hello")]));
    assert_eq!(story.texts(), ["Hello", "Hello"]);
}
