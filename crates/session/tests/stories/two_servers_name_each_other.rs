//! 503, again and again: each server says that the other has the session.

use parlor_session::{Call, Fault, Input, Intent, Posted, Reply, Request};
use serde_json::json;

use crate::story::{Story, says};

#[test]
fn hand_overs_in_a_row_are_spaced() {
    spaced(Story::chatting());
}

/// What answers a probe says nothing of the two.
#[test]
fn they_are_spaced_while_the_visitor_looks_too() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    spaced(story);
}

fn spaced(mut story: Story) {
    let until = story.now + 60_000;
    let mut hand_overs = 0;
    while story.now < until {
        if story
            .open
            .iter()
            .any(|c| matches!(c.request, Request::ReconnectSession { .. }))
        {
            story.reconnected("x");
            hand_overs += 1;
        }
        if story.open.iter().any(|c| crate::story::is_poll(&c.request)) {
            let poll = story.take_poll();
            story.fault(poll.id, Fault::AffinityChanged);
        }
        if story.open.iter().any(|c| c.request == Request::Settings) {
            story.reply_settings(json!({}));
        }
        story.wait(10);
    }
    assert!((3..=14).contains(&hand_overs), "{hand_overs}");
}

#[test]
fn a_single_one_is_at_once() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    story.reconnected("b");
    story.take_poll();
}

/// At once, however soon after the one before.
fn handed_over(story: &mut Story) {
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    story.reconnected("b");
    story.batch(
        1,
        json!([{"type": "ChasitorSessionData", "message": {"chatMessages": []}}]),
    );
    let resync = story.take_post();
    story.reply(resync.id, Reply::Posted(Posted::default()));
}

#[test]
fn a_server_that_takes_a_message_is_no_failure() {
    let mut story = Story::chatting();
    for n in 1..=6 {
        story.send("held");
        story.posted(n);
        handed_over(&mut story);
    }
}

#[test]
fn a_server_that_says_something_new_is_no_failure() {
    let mut story = Story::chatting();
    for n in 1..=6 {
        story.batch(2, json!([says(n, "news")]));
        handed_over(&mut story);
    }
}

/// A draft that stands in the composer is told to each server anew, for ever.
#[test]
fn a_server_that_takes_a_draft_is_one_of_a_loop() {
    let mut story = Story::chatting();
    let established = json!([{"type": "ChatEstablished", "message":
        {"name": "Andy", "userId": "005A", "sneakPeekEnabled": true}}]);
    story.batch(2, established);
    story.want(Intent::Draft("a lamp".into()));
    let draft = story.take_post();
    story.reply(draft.id, Reply::Posted(Posted::default()));
    handed_over(&mut story);
    story.want(Intent::Draft("a lamp, please".into()));
    story.wait(1_000);
    let draft = story.take_post();
    story.reply(draft.id, Reply::Posted(Posted::default()));
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    let asks = |call: &Call| matches!(call.request, Request::ReconnectSession { .. });
    assert!(!story.open.iter().any(asks));
}
