//! 409 means two things: a second poll, which ends the chat, and a number out
//! of turn, which is sent again under the right one.

use parlor_session::{EndedBy, FailedBecause, Fault, SendState, Stage};

use crate::story::Story;

#[test]
fn a_duplicate_poll_ends_the_chat_and_drops_nothing() {
    let mut story = Story::chatting();
    let mine = story.send("not confirmed");
    let poll = story.take_poll();
    story.fault(poll.id, Fault::DuplicatePoll);
    assert_eq!(story.stage, Stage::Ended(EndedBy::Lost));
    let failed = SendState::Failed(FailedBecause::Lost);
    assert_eq!(story.state(&mine), Some(failed));
    story.wait(600_000);
    assert!(story.is_at_rest());
}

#[test]
fn out_of_sync_continues_from_the_last_number_carried_out() {
    let mut story = Story::chatting();
    story.send("Hello");
    let post = story.take_post();
    story.fault(post.id, Fault::OutOfSync { actual: 8 });
    story.wait(1_000);
    let again = story.take_post();
    assert_eq!(again.number, Some(9));
    assert_eq!(again.request, post.request);
}

#[test]
fn a_reconnect_that_is_refused_as_wrong_is_not_repeated() {
    let mut story = Story::chatting();
    let poll = story.take_poll();
    story.fault(poll.id, Fault::AffinityChanged);
    let reconnect = story.open.remove(0);
    story.fault(reconnect.id, Fault::Refused);
    assert_eq!(story.stage, Stage::Ended(EndedBy::Lost));
}
