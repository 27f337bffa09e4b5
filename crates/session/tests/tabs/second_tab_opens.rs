//! The site is opened in a second tab while a conversation goes on in the
//! first.

use parlor_session::{Change, Input, Intent, Request, SendState, Stage};
use serde_json::json;

use crate::desk::{Desk, says};

fn two() -> Desk {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.batch(0, 2, json!([says(2, "Hello")]));
    desk.open();
    desk
}

#[test]
fn it_shows_the_same_and_asks_the_endpoint_for_nothing() {
    let desk = two();
    assert_eq!(desk.tabs[1].tab.mirror().stage(), Some(&Stage::Chatting));
    desk.agree();
    assert_eq!(desk.polls(), 1);
    assert!(desk.tabs[1].calls.is_empty());
}

/// As on a reload: nothing of it is read aloud, or told to the page as news.
#[test]
fn what_it_comes_to_is_no_news() {
    let desk = two();
    let changes = &desk.tabs[1].changes;
    assert_eq!(changes.first(), Some(&Change::Stage(Stage::Resuming)));
    assert_eq!(changes.last(), Some(&Change::Stage(Stage::Chatting)));
    assert!(changes.contains(&Change::Conversation(true)));
}

#[test]
fn what_comes_is_shown_in_both() {
    let mut desk = two();
    desk.batch(0, 3, json!([says(3, "Are you there?")]));
    assert_eq!(desk.shown(1).len(), 2);
    desk.agree();
}

#[test]
fn of_what_happens_nobody_is_told_until_it_is_there() {
    let mut desk = Desk::new();
    desk.open();
    desk.chat(0);
    desk.batch(0, 2, json!([says(2, "Hello")]));
    assert_eq!(desk.changes_told, 0);
    desk.open();
    desk.batch(0, 3, json!([says(3, "Are you there?")]));
    assert!(desk.changes_told > 0);
    desk.agree();
}

/// It was there before, hidden and silent, and whoever led then is frozen.
#[test]
fn a_new_leader_learns_of_the_tabs_that_were_there_before_it() {
    let mut desk = Desk::new();
    desk.open();
    desk.open();
    desk.input(1, Input::Looked(false));
    desk.freeze(0);
    desk.open();
    desk.wait(1_500);
    assert_eq!(desk.leader, Some(2));
    desk.chat(2);
    desk.batch(2, 2, json!([says(2, "Hello")]));
    assert_eq!(desk.shown(1), desk.shown(2));
    desk.agree();
}

#[test]
fn what_it_sends_is_sent_by_the_leader_under_one_id() {
    let mut desk = two();
    desk.want(1, Intent::Draft("I a".into()));
    assert!(
        desk.tabs[0]
            .tab
            .mirror()
            .shows(&Change::Draft("I a".into()))
    );
    desk.want(1, Intent::Send("I am".into()));
    assert!(desk.asked.is_empty(), "the leader's outbox has it");
    assert_eq!(desk.saved.as_ref().unwrap().outbox[0].text, "I am");
    assert!(desk.tabs[0].tab.mirror().shows(&Change::Draft("".into())));
    // The typing that was told before it.
    desk.posted(0, 0);
    let post = desk.tabs[0].calls.iter().find_map(|c| match &c.request {
        Request::Message(message) => message.custom_id.clone(),
        _ => None,
    });
    assert_eq!(post.as_deref(), Some("t1-1"));
    assert_eq!(desk.shown(1)[1].1, Some(SendState::Sending));
    desk.posted(0, 3);
    assert_eq!(desk.shown(1)[1].1, Some(SendState::Sent));
    desk.agree();
}

#[test]
fn open_closed_and_unread_are_shared() {
    let mut desk = two();
    desk.batch(0, 3, json!([says(3, "One")]));
    assert!(desk.tabs[1].tab.mirror().shows(&Change::Unread(2)));
    desk.want(1, Intent::WindowShown(true));
    assert!(desk.tabs[0].tab.mirror().shows(&Change::WindowShown(true)));
    assert!(desk.tabs[0].tab.mirror().shows(&Change::Unread(0)));
    desk.agree();
}

#[test]
fn a_conversation_begun_in_the_follower_is_the_one_of_both() {
    let mut desk = Desk::new();
    desk.open();
    let settings = desk.take(0, |r| *r == Request::Settings);
    desk.reply(
        0,
        &settings,
        parlor_session::Reply::Settings(Box::default()),
    );
    desk.open();
    desk.want(1, Intent::StartConversation);
    assert_eq!(desk.tabs[1].tab.mirror().stage(), Some(&Stage::Starting));
    desk.take(0, |r| *r == Request::SessionId);
    desk.agree();
}

#[test]
fn a_tab_that_is_alone_is_told_nothing_and_stores_nothing() {
    let mut desk = Desk::new();
    desk.open();
    assert_eq!(desk.tabs[0].tab.mirror().stage(), Some(&Stage::Hello));
    assert_eq!(desk.saved, None);
}
