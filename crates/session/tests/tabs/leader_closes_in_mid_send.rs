//! The tab that leads is closed, at every step of a send.

use parlor_session::{Change, Fault, Input, Intent, Request, SendState};
use serde_json::json;

use crate::device::{Device, is_poll, mine, says};

fn two() -> Device {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.batch(0, 2, json!([says(2, "Hello")]));
    device.open();
    device
}

fn sent_once(device: &mut Device, at: usize, id: &str) {
    let post = device.take(at, Request::is_post);
    let Request::Message(message) = &post.request else {
        panic!("not a message: {post:?}");
    };
    assert_eq!(message.custom_id.as_deref(), Some(id));
    let posted = parlor_session::Posted {
        position: Some(3),
        ..Default::default()
    };
    device.reply(at, &post, parlor_session::Reply::Posted(posted));
    assert!(!device.tabs[at].calls.iter().any(|c| c.request.is_post()));
    let sent = ("one".to_owned(), Some(SendState::Sent));
    assert_eq!(device.shown(at)[1..], [sent]);
}

#[test]
fn the_other_tab_continues_at_once_and_nothing_flickers() {
    let mut device = two();
    let before = device.tabs[1].tab.mirror().clone();
    device.kill(0);
    assert_eq!(*device.tabs[1].tab.mirror(), before);
    device.handed_over(1, 3, json!([]));
    assert_eq!(device.polls(), 1);
    assert_eq!(*device.tabs[1].tab.mirror(), before);
}

/// Another conversation was asked for below what there was of the first, and
/// nothing was said in it yet.
#[test]
fn the_next_conversation_stands_below_the_one_before() {
    let mut device = two();
    let poll = device.take(0, is_poll);
    let fault = Fault::SessionGone;
    device.input(0, Input::Fault { id: poll.id, fault });
    device.want(0, Intent::StartAgain);
    device.given_a_session(0, "s2");
    device.posted(0, 0);
    let success = json!({"queuePosition": 1, "visitorId": "v"});
    device.batch(
        0,
        1,
        json!([{"type": "ChatRequestSuccess", "message": success}]),
    );
    device.kill(0);
    device.handed_over(1, 2, json!([]));
    let mut first = says(1, "Welcome");
    first["message"]["eventId"] = json!("U_1");
    device.batch(1, 3, json!([first]));
    let texts: Vec<_> = device.shown(1).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["Hello", "Welcome"]);
}

#[test]
fn its_own_message_has_no_answer() {
    let mut device = two();
    device.want(0, Intent::Send("one".into()));
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    sent_once(&mut device, 1, "t0-2");
}

#[test]
fn its_own_message_had_arrived() {
    let mut device = two();
    device.want(0, Intent::Send("one".into()));
    device.kill(0);
    device.handed_over(1, 3, json!([mine(3, "t0-2", "one")]));
    assert!(!device.tabs[1].calls.iter().any(|c| c.request.is_post()));
    assert_eq!(device.shown(1)[1].1, Some(SendState::Sent));
}

#[test]
fn a_followers_command_is_lost_with_the_leader() {
    let mut device = two();
    device.freeze(0);
    device.want(1, Intent::Send("one".into()));
    assert_eq!(device.shown(1)[1].1, Some(SendState::Queued));
    assert_eq!(device.commands.len(), 1, "kept on the device");
    device.kill(0);
    assert!(device.commands.is_empty());
    device.handed_over(1, 3, json!([]));
    sent_once(&mut device, 1, "t1-1");
}

#[test]
fn both_close_and_a_third_tab_reads_the_command_from_the_device() {
    let mut device = two();
    device.freeze(0);
    device.want(1, Intent::Send("one".into()));
    device.kill(1);
    device.kill(0);
    let third = device.open();
    device.handed_over(third, 3, json!([]));
    let post = device.take(third, Request::is_post);
    assert!(matches!(&post.request, Request::Message(m) if m.custom_id.as_deref() == Some("t1-1")));
}

#[test]
fn the_leader_executed_a_command_and_its_confirmation_is_lost() {
    let mut device = two();
    device.freeze(1);
    // What a frozen tab's visitor wanted just before.
    device.want(1, Intent::Send("one".into()));
    device.tabs[0].calls.retain(|c| !c.request.is_post());
    device.thaw(1);
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    sent_once(&mut device, 1, "t1-1");
}

#[test]
fn a_click_that_no_leader_got_in_time_expires() {
    let mut device = two();
    device.freeze(0);
    device.tabs[1].frozen = true;
    device.want(1, Intent::EndChat);
    device.now += 60_000;
    device.kill(0);
    assert!(!device.saved.as_ref().unwrap().session.as_ref().unwrap().end);
}

#[test]
fn it_closed_before_it_knew_that_the_draft_was_sent() {
    let mut device = two();
    device.want(1, Intent::Draft("on".into()));
    device.batch(0, 3, json!([says(3, "Are you there?")]));
    device.wait(500);
    assert_eq!(device.saved.as_ref().unwrap().draft, "on");
    device.freeze(0);
    device.want(1, Intent::Send("one".into()));
    device.kill(0);
    let empty = Change::Draft(String::new());
    assert!(device.tabs[1].tab.mirror().shows(&empty));
    assert_eq!(device.saved.as_ref().unwrap().draft, "");
}
