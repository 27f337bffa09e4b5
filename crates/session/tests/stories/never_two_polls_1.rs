//! Polls that overlap end the chat (409). The harness of every story counts
//! them; this one tries to provoke a second.

use parlor_session::{Fault, Input, Intent};

use crate::story::Story;

#[test]
fn nothing_opens_a_second_poll() {
    let mut story = Story::chatting();
    story.send("one");
    story.want(Intent::WindowShown(true));
    story.input(Input::Wake);
    story.posted(2);
    story.wait(10_000);
    let first = story.take_poll();
    story.fault(first.id, Fault::Network);
    story.wait(10_000);
    assert!(story.take_poll().id > first.id);
}

#[test]
fn a_poll_that_outlives_its_time_is_aborted_before_the_next() {
    let mut story = Story::chatting();
    let first = story.open[0].id;
    story.wait(45_000);
    assert_eq!(story.aborted, [first]);
    assert_eq!(story.open.len(), 1);
}

#[test]
fn an_answer_to_an_aborted_poll_is_ignored() {
    let mut story = Story::chatting();
    let first = story.open[0].id;
    story.wait(45_000);
    let open = story.open.clone();
    story.reply(first, parlor_session::Reply::NoMessages);
    assert_eq!(story.open, open);
}
