//! 503, again and again: each server says that the other has the session.

use parlor_session::Fault;

use crate::story::Story;

#[test]
fn hand_overs_in_a_row_are_spaced() {
    let mut story = Story::chatting();
    let until = story.now + 60_000;
    let mut hand_overs = 0;
    while story.now < until {
        if story
            .open
            .iter()
            .any(|c| matches!(c.request, parlor_session::Request::ReconnectSession { .. }))
        {
            story.reconnected("x");
            hand_overs += 1;
        }
        if story.open.iter().any(|c| crate::story::is_poll(&c.request)) {
            let poll = story.take_poll();
            story.fault(poll.id, Fault::AffinityChanged);
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
