//! Sending that works while receiving is dead, with a window that looks
//! normal: what visitors complain about most.

use parlor_session::{Change, Connection, Fault};
use serde_json::json;

use crate::story::{Story, says};

#[test]
fn polling_goes_on_after_an_hour_without_network() {
    let mut story = Story::chatting();
    for _ in 0..200 {
        let poll = story.take_poll();
        story.fault(poll.id, Fault::Network);
        story.wait(30_000);
    }
    story.batch(2, json!([says(2, "Still there?")]));
    assert_eq!(story.texts(), ["Still there?"]);
}

#[test]
fn the_visitor_is_told_after_two_seconds_and_told_again_when_it_is_over() {
    let mut story = Story::chatting();
    let connection = |story: &Story| {
        story.changes.iter().rev().find_map(|c| match c {
            Change::Connection(connection) => Some(*connection),
            _ => None,
        })
    };
    let poll = story.take_poll();
    story.fault(poll.id, Fault::Network);
    story.wait(1_999);
    assert_eq!(connection(&story), None);
    story.wait(1);
    assert_eq!(connection(&story), Some(Connection::Reconnecting));
    story.wait(1_000);
    story.batch(2, json!([]));
    assert_eq!(connection(&story), Some(Connection::Connected));
}

#[test]
fn a_message_that_goes_out_does_not_hide_that_nothing_comes_in() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::Network);
    story.send("Hello?");
    story.posted(2);
    story.wait(2_000);
    let reconnecting = Change::Connection(Connection::Reconnecting);
    assert!(story.changes.contains(&reconnecting));
}
