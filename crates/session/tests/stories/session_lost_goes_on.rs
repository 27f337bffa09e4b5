//! 403: the endpoint does not know the session any more. It is said, nothing of
//! what was written is lost, and a new session goes on below the old lines.

use parlor_session::{
    EndedBy, FailedBecause, Fault, Input, Intent, Posted, Reply, SendState, Stage,
};
use serde_json::json;

use crate::story::{Story, says};

fn lost() -> (Story, parlor_session::LineId) {
    let mut story = Story::chatting();
    story.batch(2, json!([says(2, "Hello")]));
    let mine = story.send("never confirmed");
    story.want(Intent::Draft("half a sen".into()));
    let poll = story.take_poll();
    story.fault(poll.id, Fault::SessionGone);
    assert_eq!(story.stage, Stage::Ended(EndedBy::Lost));
    (story, mine)
}

fn go_on(story: &mut Story) {
    story.want(Intent::StartAgain);
    story.reply_session("c");
    story.posted(0);
}

#[test]
fn unconfirmed_messages_are_offered_again_below_the_history() {
    let (mut story, mine) = lost();
    let failed = SendState::Failed(FailedBecause::Lost);
    assert_eq!(story.state(&mine), Some(failed));
    let saved = story.saved.clone().unwrap();
    assert_eq!(saved.draft, "half a sen");
    assert_eq!(saved.unsent[0].message.text, "never confirmed");

    go_on(&mut story);
    assert_eq!(story.texts(), ["Hello", "never confirmed"]);
    assert_eq!(story.state(&mine), Some(failed), "not sent unasked");
    story.want(Intent::Retry(mine.clone()));
    story.posted(1);
    assert_eq!(story.state(&mine), Some(SendState::Sent));
    assert_eq!(story.texts(), ["Hello", "never confirmed"]);
    assert!(story.saved.unwrap().unsent.is_empty());
}

#[test]
fn numbers_of_the_new_thread_do_not_go_among_the_old_lines() {
    let (mut story, _) = lost();
    go_on(&mut story);
    story.batch(
        1,
        json!([{"type": "ChatMessage", "message": {"name": "Bo", "text": "And now?",
            "eventId": "U_1", "sequence": 1}}]),
    );
    assert_eq!(story.texts(), ["Hello", "And now?", "never confirmed"]);
}

#[test]
fn a_message_that_had_arrived_after_all_stays_in_its_conversation() {
    let (mut story, mine) = lost();
    go_on(&mut story);
    story.batch(
        1,
        json!([{"type": "ChatMessage", "message": {"name": "Bo", "text": "And now?",
            "eventId": "U_1", "sequence": 1}}]),
    );
    story.want(Intent::Retry(mine.clone()));
    let post = story.take_post();
    story.input(Input::Reply {
        id: post.id,
        reply: Box::new(Reply::Posted(Posted {
            event_id: Some("T_3".into()),
            position: Some(3),
            created_at: None,
        })),
        latest_offset: None,
    });
    assert_eq!(story.texts(), ["Hello", "never confirmed", "And now?"]);
}

#[test]
fn it_survives_a_reload_and_a_deletion_is_for_good() {
    let (story, mine) = lost();
    let mut story = story.reloaded();
    let failed = SendState::Failed(FailedBecause::Lost);
    assert_eq!(story.state(&mine), Some(failed));
    story.want(Intent::Delete(mine));
    assert!(story.lines.is_empty());
    assert!(story.reloaded().lines.is_empty());
}

#[test]
fn what_an_ended_chat_left_unsent_is_offered_in_the_next() {
    let mut story = Story::chatting();
    let mine = story.send("too late");
    story.batch(
        2,
        json!([{"type": "ChatEnded", "message": {"reason": "agent"}}]),
    );
    story.want(Intent::StartAgain);
    let ended = SendState::Failed(FailedBecause::Ended);
    assert_eq!(story.state(&mine), Some(ended));
}
