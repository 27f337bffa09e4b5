//! A loop without back-off is an attack on one's own server.

use parlor_session::{EndedBy, Fault, Reply, Stage};

use crate::story::{Story, is_poll};

fn failures_in_a_minute(fault: &Fault) -> usize {
    let mut story = Story::chatting();
    let until = story.now + 60_000;
    let mut failures = 0;
    while story.now < until {
        if story.open.iter().any(|c| is_poll(&c.request)) {
            let poll = story.take_poll();
            story.fault(poll.id, fault.clone());
            failures += 1;
        }
        story.wait(10);
    }
    failures
}

#[test]
fn a_broken_endpoint_is_asked_a_few_times_a_minute() {
    for fault in [
        Fault::Network,
        Fault::Unreadable,
        Fault::Unavailable { retry_after: None },
    ] {
        let failures = failures_in_a_minute(&fault);
        assert!((3..=12).contains(&failures), "{fault:?}: {failures}");
    }
}

#[test]
fn a_session_that_is_gone_is_not_asked_again() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::SessionGone);
    assert_eq!(story.stage, Stage::Ended(EndedBy::Lost));
    story.wait(600_000);
    assert!(story.is_at_rest());
}

#[test]
fn the_pause_that_the_endpoint_asks_for_is_kept() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    let retry_after = Some(20_000);
    story.fault(poll.id, Fault::Unavailable { retry_after });
    story.wait(19_000);
    assert!(story.open.is_empty());
    story.wait(1_000);
    story.take_poll();
}

#[test]
fn a_poll_that_is_not_held_is_not_asked_in_a_loop() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.reply(poll.id, Reply::NoMessages);
    assert!(story.open.is_empty());
    story.wait(1_000);
    story.take_poll();
}
