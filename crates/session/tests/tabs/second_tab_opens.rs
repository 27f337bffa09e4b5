//! The site is opened in a second tab while a conversation goes on in the
//! first.

use parlor_session::{Change, Input, Intent, Request, SendState, Stage};
use serde_json::json;

use crate::device::{Device, says};

fn two() -> Device {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.batch(0, 2, json!([says(2, "Hello")]));
    device.open();
    device
}

#[test]
fn it_displays_the_same_and_makes_no_calls() {
    let device = two();
    assert_eq!(device.tabs[1].tab.mirror().stage(), Some(&Stage::Chatting));
    device.agree();
    assert_eq!(device.polls(), 1);
    assert!(device.tabs[1].calls.is_empty());
}

/// As on a reload: nothing of it is read aloud, or told to the page as news.
#[test]
fn the_conversation_it_joins_is_no_news() {
    let device = two();
    let changes = &device.tabs[1].changes;
    assert_eq!(changes.first(), Some(&Change::Stage(Stage::Resuming)));
    assert_eq!(changes.last(), Some(&Change::Stage(Stage::Chatting)));
    assert!(changes.contains(&Change::Conversation(true)));
}

#[test]
fn new_lines_are_displayed_in_both() {
    let mut device = two();
    device.batch(0, 3, json!([says(3, "Are you there?")]));
    assert_eq!(device.shown(1).len(), 2);
    device.agree();
}

#[test]
fn changes_are_broadcast_only_once_it_is_there() {
    let mut device = Device::new();
    device.open();
    device.chat(0);
    device.batch(0, 2, json!([says(2, "Hello")]));
    assert_eq!(device.changes_told, 0);
    device.open();
    device.batch(0, 3, json!([says(3, "Are you there?")]));
    assert!(device.changes_told > 0);
    device.agree();
}

/// It was there before, hidden and silent, and whoever led then is frozen.
#[test]
fn a_new_leader_learns_which_tabs_are_visible() {
    let mut device = Device::new();
    device.open();
    device.open();
    device.input(1, Input::Visibility(false));
    device.freeze(0);
    device.open();
    device.wait(1_500);
    assert_eq!(device.leader, Some(2));
    device.chat(2);
    device.batch(2, 2, json!([says(2, "Hello")]));
    assert_eq!(device.shown(1), device.shown(2));
    device.agree();
}

#[test]
fn its_message_is_sent_by_the_leader_under_one_id() {
    let mut device = two();
    device.want(1, Intent::Draft("I a".into()));
    assert!(
        device.tabs[0]
            .tab
            .mirror()
            .shows(&Change::Draft("I a".into()))
    );
    device.want(1, Intent::Send("I am".into()));
    assert!(device.commands.is_empty(), "the leader's outbox has it");
    assert_eq!(device.saved.as_ref().unwrap().outbox[0].text, "I am");
    assert!(device.tabs[0].tab.mirror().shows(&Change::Draft("".into())));
    // The typing that was told before it.
    device.posted(0, 0);
    let post = device.tabs[0].calls.iter().find_map(|c| match &c.request {
        Request::Message(message) => message.custom_id.clone(),
        _ => None,
    });
    assert_eq!(post.as_deref(), Some("t1-1"));
    assert_eq!(device.shown(1)[1].1, Some(SendState::Sending));
    device.posted(0, 3);
    assert_eq!(device.shown(1)[1].1, Some(SendState::Sent));
    device.agree();
}

#[test]
fn open_closed_and_unread_are_shared() {
    let mut device = two();
    device.batch(0, 3, json!([says(3, "One")]));
    assert!(device.tabs[1].tab.mirror().shows(&Change::Unread(2)));
    device.want(1, Intent::WindowShown(true));
    assert!(
        device.tabs[0]
            .tab
            .mirror()
            .shows(&Change::WindowShown(true))
    );
    assert!(device.tabs[0].tab.mirror().shows(&Change::Unread(0)));
    device.agree();
}

#[test]
fn a_conversation_begun_in_the_follower_is_the_one_of_both() {
    let mut device = Device::new();
    device.open();
    let settings = device.take(0, |r| *r == Request::Settings);
    device.reply(
        0,
        &settings,
        parlor_session::Reply::Settings(Box::default()),
    );
    device.open();
    device.want(1, Intent::StartConversation);
    assert_eq!(device.tabs[1].tab.mirror().stage(), Some(&Stage::Starting));
    device.take(0, |r| *r == Request::SessionId);
    device.agree();
}

#[test]
fn a_tab_that_is_alone_stores_nothing() {
    let mut device = Device::new();
    device.open();
    assert_eq!(device.tabs[0].tab.mirror().stage(), Some(&Stage::Hello));
    assert_eq!(device.saved, None);
}
