//! The deployment ends conversations that are not answered (Chat REST API,
//! `chasitorIdleTimeout`): the visitor is warned in time, agents are told of the
//! warning, and the visitor may stay.

use parlor_session::{Change, Fault, Intent, Request};
use serde_json::json;

use crate::story::{Story, says};

/// The agent has asked something, and the visitor has not answered for ten seconds.
fn warned() -> (Story, u64) {
    let mut story = Story::chatting();
    let idle = json!({"isEnabled": true, "warningTime": 10, "timeoutTime": 20});
    story.batch(
        2,
        json!([
            {"type": "ChatEstablished", "message": {"name": "Bo", "userId": "005B",
                "chasitorIdleTimeout": idle}},
            says(2, "Which size?"),
        ]),
    );
    let asked_at = story.now;
    assert_eq!(ends_at(&story), None);
    story.wait(10_000);
    (story, asked_at + 20_000)
}

/// The end that is displayed.
fn ends_at(story: &Story) -> Option<u64> {
    let newest = story.changes.iter().rev().find_map(|change| match change {
        Change::EndsAt(at) => Some(*at),
        _ => None,
    });
    newest.flatten()
}

fn reported(story: &mut Story) -> String {
    match story.take_post().request {
        Request::IdleWarning(warning) => warning.idle_timeout_warning_event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_visitor_is_warned_and_agents_are_told() {
    let (mut story, end) = warned();
    assert_eq!(ends_at(&story), Some(end));
    assert_eq!(reported(&mut story), "triggered");
}

#[test]
fn who_says_that_they_are_there_has_the_whole_time_again() {
    let (mut story, _) = warned();
    story.posted(0);
    story.want(Intent::Stay);
    assert_eq!(ends_at(&story), None);
    assert_eq!(reported(&mut story), "cleared");
}

/// Otherwise the endpoint would end a conversation whose visitor has said that they are there.
#[test]
fn that_they_are_there_is_repeated_until_it_is_answered() {
    let (mut story, _) = warned();
    story.posted(0);
    story.want(Intent::Stay);
    let lost = story.take_post();
    story.fault(lost.id, Fault::Network);
    story.wait(5_000);
    let again = story.take_post();
    assert_eq!((again.number, again.request), (lost.number, lost.request));
}

#[test]
fn an_answer_ends_the_countdown() {
    let (mut story, _) = warned();
    story.send("The large one");
    assert_eq!(ends_at(&story), None);
}
