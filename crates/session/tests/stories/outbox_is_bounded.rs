//! What waits is bounded by count, bytes and age, each with a reason that the
//! visitor is told, and nothing is dropped.

use parlor_session::{FailedBecause, SendState, limits};

use crate::story::Story;

fn offline() -> Story {
    let mut story = Story::chatting();
    story.send("on its way");
    story
}

#[test]
fn too_many() {
    let mut story = offline();
    for n in 1..limits::OUTBOX_MAX {
        let id = story.send(&format!("{n}"));
        assert_eq!(story.state(&id), Some(SendState::Queued));
    }
    let id = story.send("one too many");
    let full = SendState::Failed(FailedBecause::OutboxFull);
    assert_eq!(story.state(&id), Some(full));
}

#[test]
fn too_long_altogether() {
    let mut story = offline();
    let long = "x".repeat(parlor_wire::limits::MESSAGE_TEXT_MAX_BYTES);
    let fit = limits::OUTBOX_MAX_BYTES / long.len() - 1;
    for _ in 0..fit {
        let id = story.send(&long);
        assert_eq!(story.state(&id), Some(SendState::Queued));
    }
    story.send(&long);
    let id = story.send(&long);
    let full = SendState::Failed(FailedBecause::OutboxFull);
    assert_eq!(story.state(&id), Some(full));
}

#[test]
fn a_message_that_is_too_old_is_sent_only_when_tried_again() {
    let mut story = offline();
    story.take_post();
    let id = story.lines.last().unwrap().id.clone();
    story.now += limits::OUTBOX_MAX_AGE;
    let mut story = story.reloaded();
    let old = SendState::Failed(FailedBecause::TooOld);
    assert_eq!(story.state(&id), Some(old));
    assert_eq!(story.saved.as_ref().unwrap().unsent.len(), 1);
    assert!(story.saved.as_ref().unwrap().outbox.is_empty());

    story.want(parlor_session::Intent::Retry(id.clone()));
    assert_eq!(story.state(&id), Some(SendState::Queued));
    assert!(story.saved.unwrap().unsent.is_empty());
}
