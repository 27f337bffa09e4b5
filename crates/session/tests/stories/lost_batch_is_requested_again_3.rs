//! Without an ack, a lost answer is a lost message.

use parlor_session::{Fault, Reply};
use serde_json::json;

use crate::story::{Story, ack, says};

#[test]
fn the_ack_moves_only_when_a_batch_has_arrived() {
    let mut story = Story::chatting();
    let lost = story.take_poll();
    assert_eq!(ack(&lost), 1);
    story.fault(lost.id, Fault::Network);
    story.wait(1_000);
    assert_eq!(ack(&story.open[0]), 1);
    story.batch(2, json!([says(2, "Hello")]));
    assert_eq!(ack(&story.open[0]), 2);
    assert_eq!(story.texts(), ["Hello"]);
}

#[test]
fn an_empty_poll_repeats_the_ack() {
    let mut story = Story::chatting();
    story.wait(25_000);
    let poll = story.take_poll();
    story.reply(poll.id, Reply::NoMessages);
    assert_eq!(ack(&story.open[0]), 1);
}

#[test]
fn a_repeated_batch_is_handled_once() {
    let mut story = Story::chatting();
    story.batch(2, json!([says(2, "Hello")]));
    story.batch(2, json!([says(2, "Hello")]));
    assert_eq!(story.texts(), ["Hello"]);
}

#[test]
fn an_unreadable_answer_is_requested_again() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::Unreadable);
    story.wait(1_000);
    assert_eq!(ack(&story.take_poll()), 1);
}
