//! The visitor comes back to the window, or the network is said to be there:
//! nobody is to wait for the rest of a pause.

use parlor_session::{Fault, Input, Request};

use crate::story::{Story, is_poll};

fn pausing() -> Story {
    let mut story = Story::chatting();
    for _ in 0..8 {
        let poll = story.take_poll();
        story.fault(poll.id, Fault::Network);
        story.wait(30_000);
    }
    let poll = story.take_poll();
    story.fault(poll.id, Fault::Network);
    assert!(story.open.is_empty());
    story
}

#[test]
fn pauses_end_and_start_short_again() {
    let mut story = pausing();
    story.input(Input::Visibility(true));
    let poll = story.take_poll();
    story.fault(poll.id, Fault::Network);
    story.wait(500);
    story.take_poll();
}

#[test]
fn the_pause_that_the_endpoint_asked_for_is_kept() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    let retry_after = Some(20_000);
    story.fault(poll.id, Fault::Unavailable { retry_after });
    story.input(Input::Visibility(true));
    assert!(!story.open.iter().any(|c| is_poll(&c.request)));
}

#[test]
fn an_old_poll_is_replaced_and_a_fresh_one_is_not() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    assert_eq!(story.aborted, []);
    let old = story.open[0].id;
    story.wait(10_000);
    story.input(Input::Visibility(true));
    assert_eq!(story.aborted, [old]);
    assert!(matches!(
        story.open[0].request,
        Request::Messages { hold: Some(_), .. }
    ));
    // Four events of one return to the window are one poll.
    for _ in 0..3 {
        story.input(Input::Visibility(true));
    }
    assert_eq!(story.aborted, [old]);
}
