//! A retry under a new number puts the message there twice.

use parlor_session::{Fault, SendState};

use crate::story::Story;

#[test]
fn the_same_number_until_it_is_answered() {
    let mut story = Story::chatting();
    story.send("Hello");
    let first = story.take_post();
    story.fault(first.id, Fault::Network);
    assert_eq!(story.lines.last().unwrap().state, Some(SendState::Sending));
    story.wait(1_000);
    let second = story.take_post();
    assert_eq!(second.number, first.number);
    assert_eq!(second.request, first.request);
}

#[test]
fn a_post_without_an_answer_is_repeated_under_its_number() {
    let mut story = Story::chatting();
    story.send("Hello");
    let number = story.open.last().unwrap().number;
    story.wait(17_000);
    assert_eq!(story.take_post().number, number);
}

#[test]
fn the_next_message_waits_for_the_one_before() {
    let mut story = Story::chatting();
    story.send("one");
    story.send("two");
    let first = story.take_post();
    assert!(!story.open.iter().any(|c| c.request.is_post()));
    story.fault(first.id, Fault::Network);
    story.wait(1_000);
    story.posted(2);
    assert_eq!(story.take_post().number, first.number.map(|n| n + 1));
}

#[test]
fn out_of_sync_is_resent_from_the_last_number_carried_out() {
    let mut story = Story::chatting();
    story.send("Hello");
    let post = story.take_post();
    story.fault(post.id, Fault::OutOfSync { actual: 7 });
    story.wait(1_000);
    assert_eq!(story.take_post().number, Some(8));
}

#[test]
fn a_post_without_an_answer_is_repeated_soon_even_after_failures() {
    let mut story = Story::chatting();
    story.send("Hello");
    for _ in 0..6 {
        let post = story.take_post();
        story.fault(post.id, Fault::Unavailable { retry_after: None });
        story.wait(30_000);
    }
    let lost = story.take_post();
    // The longest wait for an answer, and the first pause.
    story.wait(16_000);
    assert_eq!(story.take_post().number, lost.number);
}
