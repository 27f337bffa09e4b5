//! The tab that leads is closed, at every step of a send.

use parlor_session::{Change, Fault, Input, Intent, Request, SendState};
use serde_json::json;

use crate::desk::{Desk, is_poll, mine, says};

fn two() -> Desk {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.batch(0, 2, json!([says(2, "Hello")]));
    desk.open();
    desk
}

fn sent_once(desk: &mut Desk, at: usize, id: &str) {
    let post = desk.take(at, Request::is_post);
    let Request::Message(message) = &post.request else {
        panic!("not a message: {post:?}");
    };
    assert_eq!(message.custom_id.as_deref(), Some(id));
    let posted = parlor_session::Posted {
        position: Some(3),
        ..Default::default()
    };
    desk.reply(at, &post, parlor_session::Reply::Posted(posted));
    assert!(!desk.tabs[at].calls.iter().any(|c| c.request.is_post()));
    let sent = ("one".to_owned(), Some(SendState::Sent));
    assert_eq!(desk.shown(at)[1..], [sent]);
}

#[test]
fn the_other_goes_on_at_once_and_nothing_flickers() {
    let mut desk = two();
    let before = desk.tabs[1].tab.mirror().clone();
    desk.kill(0);
    assert_eq!(*desk.tabs[1].tab.mirror(), before);
    desk.handed_over(1, 3, json!([]));
    assert_eq!(desk.polls(), 1);
    assert_eq!(*desk.tabs[1].tab.mirror(), before);
}

/// Another conversation was asked for below what there was of the first, and
/// nothing was said in it yet.
#[test]
fn what_is_said_next_stands_below_the_conversation_before() {
    let mut desk = two();
    let poll = desk.take(0, is_poll);
    let fault = Fault::SessionGone;
    desk.input(0, Input::Fault { id: poll.id, fault });
    desk.want(0, Intent::StartAgain);
    desk.given_a_session(0, "s2");
    desk.posted(0, 0);
    let success = json!({"queuePosition": 1, "visitorId": "v"});
    desk.batch(
        0,
        1,
        json!([{"type": "ChatRequestSuccess", "message": success}]),
    );
    desk.kill(0);
    desk.handed_over(1, 2, json!([]));
    let mut first = says(1, "Welcome");
    first["message"]["eventId"] = json!("U_1");
    desk.batch(1, 3, json!([first]));
    let texts: Vec<_> = desk.shown(1).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["Hello", "Welcome"]);
}

#[test]
fn its_own_message_was_not_answered() {
    let mut desk = two();
    desk.want(0, Intent::Send("one".into()));
    desk.kill(0);
    desk.handed_over(1, 3, json!([]));
    sent_once(&mut desk, 1, "t0-2");
}

#[test]
fn its_own_message_had_arrived() {
    let mut desk = two();
    desk.want(0, Intent::Send("one".into()));
    desk.kill(0);
    desk.handed_over(1, 3, json!([mine(3, "t0-2", "one")]));
    assert!(!desk.tabs[1].calls.iter().any(|c| c.request.is_post()));
    assert_eq!(desk.shown(1)[1].1, Some(SendState::Sent));
}

#[test]
fn a_follower_asked_and_the_leader_died_before_it_heard() {
    let mut desk = two();
    desk.freeze(0);
    desk.want(1, Intent::Send("one".into()));
    assert_eq!(desk.shown(1)[1].1, Some(SendState::Queued));
    assert_eq!(desk.asked.len(), 1, "kept on the device");
    desk.kill(0);
    assert!(desk.asked.is_empty());
    desk.handed_over(1, 3, json!([]));
    sent_once(&mut desk, 1, "t1-1");
}

#[test]
fn both_die_and_a_third_tab_finds_it_on_the_device() {
    let mut desk = two();
    desk.freeze(0);
    desk.want(1, Intent::Send("one".into()));
    desk.kill(1);
    desk.kill(0);
    let third = desk.open();
    desk.handed_over(third, 3, json!([]));
    let post = desk.take(third, Request::is_post);
    assert!(matches!(&post.request, Request::Message(m) if m.custom_id.as_deref() == Some("t1-1")));
}

#[test]
fn the_leader_had_it_and_the_follower_did_not_hear_so() {
    let mut desk = two();
    desk.freeze(1);
    // What a frozen tab's visitor wanted just before.
    desk.want(1, Intent::Send("one".into()));
    desk.tabs[0].calls.retain(|c| !c.request.is_post());
    desk.thaw(1);
    desk.kill(0);
    desk.handed_over(1, 3, json!([]));
    sent_once(&mut desk, 1, "t1-1");
}

#[test]
fn a_click_that_nobody_took_in_time_is_not_done_later() {
    let mut desk = two();
    desk.freeze(0);
    desk.tabs[1].frozen = true;
    desk.want(1, Intent::EndChat);
    desk.now += 60_000;
    desk.kill(0);
    assert!(!desk.saved.as_ref().unwrap().session.as_ref().unwrap().end);
}

#[test]
fn it_had_not_heard_that_what_was_typed_here_was_sent() {
    let mut desk = two();
    desk.want(1, Intent::Draft("on".into()));
    desk.batch(0, 3, json!([says(3, "Are you there?")]));
    assert_eq!(desk.saved.as_ref().unwrap().draft, "on");
    desk.freeze(0);
    desk.want(1, Intent::Send("one".into()));
    desk.kill(0);
    let empty = Change::Draft(String::new());
    assert!(desk.tabs[1].tab.mirror().shows(&empty));
    assert_eq!(desk.saved.as_ref().unwrap().draft, "");
}
