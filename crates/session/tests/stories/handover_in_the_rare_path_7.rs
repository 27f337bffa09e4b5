//! 503: the wrong verb in the rare path was never noticed, since nobody could
//! test it. `ReconnectSession` is a GET, `ChasitorResyncState` a POST, and
//! nothing else is posted before it.

use parlor_session::{Fault, Input, Reply, Request};
use parlor_wire::visitor::ReconnectSession;
use serde_json::json;

use crate::story::{Story, ack, is_poll};

fn reconnected(affinity: &str) -> Reply {
    Reply::Reconnected(ReconnectSession {
        reset_sequence: Some(true),
        affinity_token: affinity.into(),
    })
}

#[test]
fn cancel_reconnect_poll_resync_resend() {
    let mut story = Story::chatting();
    story.send("held");
    let post = story.take_post();
    let poll = story.open[0].id;
    story.fault(post.id, Fault::AffinityChanged);
    assert_eq!(story.aborted, [poll], "what was open is cancelled");

    let reconnect = story.open.remove(0);
    assert!(story.open.is_empty());
    assert_eq!(
        reconnect.request,
        Request::ReconnectSession { offset: Some(10) }
    );
    assert!(!reconnect.request.is_post());
    assert_eq!(reconnect.number, None);
    assert_eq!(reconnect.credentials.unwrap().affinity, "null");
    story.reply(reconnect.id, reconnected("efae1fa0"));

    assert_eq!(ack(&story.open[0]), -1);
    assert_eq!(
        story.open[0].credentials.as_ref().unwrap().affinity,
        "efae1fa0"
    );
    assert_eq!(story.open.len(), 1, "nothing is posted yet");
    story.batch(
        1,
        json!([{"type": "ChasitorSessionData", "message": {"chatMessages": []}}]),
    );

    let resync = story.take_post();
    assert!(matches!(resync.request, Request::ResyncState(_)));
    assert_eq!(resync.number, None);
    assert!(!story.open.iter().any(|c| c.request.is_post()));
    story.reply(resync.id, Reply::Posted(Default::default()));

    let held = story.take_post();
    assert_eq!(held.number, Some(1), "numbers start again");
    assert_eq!(held.request, post.request, "under the same id of its own");
}

#[test]
fn a_handover_during_the_handover() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    let reconnect = story.open.remove(0);
    story.reply(reconnect.id, reconnected("a"));
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    // So soon after the other, it counts as a failure.
    story.wait(500);
    let again = story.open.remove(0);
    assert!(matches!(again.request, Request::ReconnectSession { .. }));
    story.reply(again.id, reconnected("b"));
    assert!(is_poll(&story.open[0].request));
}

/// The visitor looks, and the new server is asked.
fn visible_and_handed_over() -> Story {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    story
}

/// Found by the browser: while a hand-over waited, nobody said so.
#[test]
fn a_slow_hand_over_is_shown_as_an_outage() {
    let mut story = visible_and_handed_over();
    story.wait(1_900);
    assert!(!story.in_trouble());
    story.wait(200);
    assert!(story.in_trouble());
    // An answer to a probe says that the network is there.
    story.reply_settings(json!({}));
    assert_eq!(story.aborted.len(), 1, "the call that hangs");
    story.reconnected("b");
    story.batch(
        1,
        json!([{"type": "ChasitorSessionData", "message": {"chatMessages": []}}]),
    );
    assert!(!story.in_trouble());
}

/// The endpoint may be slow with it while everything else is quick.
#[test]
fn a_slow_hand_over_is_not_restarted_by_each_probe() {
    let mut story = visible_and_handed_over();
    let until = story.now + 6_000;
    while story.now < until {
        if story.open.iter().any(|c| c.request == Request::Settings) {
            story.reply_settings(json!({}));
        }
        story.wait(50);
    }
    // The first probe's answer is the first that is known of the network.
    assert_eq!(story.aborted.len(), 1);
    story.reconnected("b");
}

#[test]
fn a_reconnect_that_is_lost_is_tried_again() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    for _ in 0..3 {
        let reconnect = story.open.remove(0);
        story.fault(reconnect.id, Fault::Network);
        story.wait(3_000);
    }
    assert!(!story.open[0].request.is_post());
}
