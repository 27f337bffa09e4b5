//! The open poll looks alive and brings nothing, while every answer to a POST
//! says that there is news.

use parlor_session::{Input, Posted, Reply};
use serde_json::json;

use crate::story::{Story, ack, says};

fn posted(story: &mut Story, latest_offset: i64) {
    let post = story.take_post();
    story.input(Input::Reply {
        id: post.id,
        reply: Box::new(Reply::Posted(Posted::default())),
        latest_offset: Some(latest_offset),
    });
}

#[test]
fn the_poll_is_replaced_after_three_seconds_and_the_outage_is_shown() {
    let mut story = Story::chatting();
    let dead = story.open[0].id;
    story.send("Hello?");
    posted(&mut story, 11);
    story.wait(2_999);
    assert_eq!(story.aborted, []);
    story.wait(1);
    assert_eq!(story.aborted, [dead]);
    assert_eq!(ack(&story.open[0]), 1);
    assert!(story.in_trouble());
    story.batch(2, json!([says(2, "Here")]));
    assert!(!story.in_trouble());
}

#[test]
fn a_poll_that_returns_in_time_is_left_alone() {
    let mut story = Story::chatting();
    story.send("Hello?");
    posted(&mut story, 20);
    story.batch(2, json!([says(2, "Hello")]));
    story.wait(10_000);
    assert_eq!(story.aborted, []);
}
