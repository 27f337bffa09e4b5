//! What leaves arrives, and nothing comes back: within five seconds the window
//! says so, and within two of the network's return all is well again.

use parlor_session::{Input, Intent, Posted, Reply, Request};
use serde_json::json;

use crate::story::{Story, is_poll, says};

/// A conversation that is looked at, over an endpoint that holds as asked.
fn looked_at() -> Story {
    let mut story = Story::chatting();
    story.wait(2_000);
    story.input(Input::Visibility(true));
    held(&mut story, 3_000);
    story
}

/// The endpoint answers the open poll after having held it.
fn held(story: &mut Story, millis: u64) {
    let poll = story.take_poll();
    let Request::Messages { hold, .. } = poll.request else {
        panic!("no poll");
    };
    assert_eq!(hold, Some(millis));
    story.wait(millis + 100);
    story.reply(poll.id, Reply::NoMessages);
}

#[test]
fn the_outage_is_shown_within_five_seconds() {
    let mut story = looked_at();
    story.wait(4_800);
    assert!(!story.in_trouble());
    story.wait(200);
    assert!(story.in_trouble());
}

/// Found by the simulation: as long as no poll had been answered empty, a lost
/// one was waited for as long as an endpoint that holds polls as it likes takes.
#[test]
fn the_outage_is_shown_as_soon_if_no_poll_was_ever_empty() {
    let mut story = begun(true);
    story.wait(5_000);
    assert!(story.in_trouble());
}

/// Found by the simulation: a poll that was asked for a moment before the
/// visitor looked was waited for for as long as if nobody did.
#[test]
fn the_outage_is_shown_as_soon_if_the_poll_is_from_before_the_visitor_looked() {
    let mut story = begun(false);
    story.wait(1_000);
    story.input(Input::Visibility(true));
    story.wait(5_000);
    assert!(story.in_trouble());
}

/// Found by the simulation: an answer that had waited for a frozen tab was taken
/// for one of an endpoint that holds polls as it likes.
#[test]
fn the_outage_is_shown_as_soon_after_the_tab_was_frozen() {
    let mut story = looked_at();
    let poll = story.take_poll();
    story.now += 6_000;
    story.reply(poll.id, Reply::NoMessages);
    story.wait(5_000);
    assert!(story.in_trouble());
}

/// Over an endpoint that is known to hold as asked, and no poll was empty yet.
fn begun(looked_at: bool) -> Story {
    let mut story = Story::new(None);
    let buttons = json!([{"id": "573000000000001", "isAvailable": true}]);
    let welcome = json!({"organizationId": "00D000000000001"});
    story.reply_settings(json!({"buttons": buttons, "welcome": welcome}));
    story.input(Input::Visibility(looked_at));
    story.want(Intent::StartConversation);
    story.reply_session("73061fa0");
    story.posted(1);
    story.batch(1, json!([says(1, "Hello")]));
    story
}

#[test]
fn probes_find_the_network_and_every_call_is_made_at_once() {
    let mut story = looked_at();
    let mine = story.send("Are you there?");
    story.wait(20_000);
    assert!(story.in_trouble());
    let probes = |story: &Story| {
        let is_probe = |r: &Request| *r == Request::Settings;
        story.open.iter().filter(|c| is_probe(&c.request)).count()
    };
    // Of a browser's six connections, dead ones leave one free for the next.
    assert!((1..=2).contains(&probes(&story)), "{:?}", story.open);
    assert!(story.open.len() < 6, "{:?}", story.open);

    // The network is back: the next probe is answered.
    let before = story.open.iter().map(|c| c.id).max().unwrap();
    let back = story.now;
    while !story
        .open
        .iter()
        .any(|c| c.request == Request::Settings && c.id > before)
    {
        story.wait(50);
    }
    let probe = story.take(|r| *r == Request::Settings);
    story.reply(probe.id, Reply::Settings(Box::default()));
    assert!(story.now - back <= 1_100);
    let post = story.take_post();
    story.reply(post.id, Reply::Posted(Posted::default()));
    assert_eq!(story.state(&mine), Some(parlor_session::SendState::Sent));
    assert!(story.open.iter().any(|c| is_poll(&c.request)));
    story.batch(2, json!([says(2, "I am")]));
    assert!(!story.in_trouble());
    assert_eq!(probes(&story), 0);
}

/// Found by the simulation: a probe that failed at once was sent again at once.
#[test]
fn probes_that_fail_at_once_are_still_spaced() {
    let mut story = looked_at();
    story.wait(6_000);
    let mut probes = 0;
    for _ in 0..500 {
        while story.open.iter().any(|c| c.request == Request::Settings) {
            let probe = story.take(|r| *r == Request::Settings);
            story.fault(probe.id, parlor_session::Fault::Network);
            probes += 1;
        }
        story.wait(10);
    }
    assert!((4..=7).contains(&probes), "{probes}");
}

#[test]
fn a_connection_with_three_seconds_of_delay_works() {
    let mut story = looked_at();
    for _ in 0..5 {
        let poll = story.take_poll();
        let Request::Messages {
            hold: Some(hold), ..
        } = poll.request
        else {
            panic!("not held shortly");
        };
        story.wait(hold + 3_000);
        assert!(!story.aborted.contains(&poll.id));
        story.reply(poll.id, Reply::NoMessages);
    }
}

/// Found by the simulation: after one slow answer, the endpoint counted as one that
/// ignores `hold`, and that the next poll was lost was noticed after 40 s.
#[test]
fn a_slow_answer_does_not_hide_that_the_next_one_is_lost() {
    let mut story = looked_at();
    let slow = story.take_poll();
    story.wait(3_000 + 2_700);
    story.reply(slow.id, Reply::NoMessages);
    assert!(!story.in_trouble());
    let lost = story.open.iter().find(|c| is_poll(&c.request)).unwrap().id;
    // It may be as slow as the one before.
    story.wait(8_000);
    assert!(!story.in_trouble());
    story.wait(1_000);
    assert!(story.in_trouble());
    story.wait(2_100);
    assert!(story.aborted.contains(&lost));
}

/// After an empty poll without `hold`, the endpoint counted as one that ignores it.
#[test]
fn the_outage_is_shown_as_soon_after_nobody_has_looked_for_a_minute() {
    let mut story = looked_at();
    story.input(Input::Visibility(false));
    held(&mut story, 3_000);
    let unlimited = story.take_poll();
    assert!(matches!(
        unlimited.request,
        Request::Messages { hold: None, .. }
    ));
    story.wait(30_000);
    story.reply(unlimited.id, Reply::NoMessages);
    story.wait(1_000);
    story.input(Input::Visibility(true));
    story.wait(5_000);
    assert!(story.in_trouble());
}

#[test]
fn an_endpoint_that_ignores_hold_is_no_outage() {
    let mut story = Story::chatting();
    story.wait(2_000);
    story.input(Input::Visibility(true));
    for _ in 0..3 {
        story.wait(25_000);
        assert!(!story.in_trouble());
        let poll = story.take_poll();
        story.reply(poll.id, Reply::NoMessages);
    }
}
