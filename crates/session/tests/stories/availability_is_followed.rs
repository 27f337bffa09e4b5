//! Agents come and go while somebody reads the greeting: the window follows, and
//! asks nothing while nobody looks.

use parlor_session::{Change, Input, Intent, Reply, Request};
use serde_json::{Value, json};

use crate::story::Story;

fn settings(is_available: bool, online: &[&str]) -> Value {
    let online: Vec<Value> = online.iter().map(|name| json!({ "name": name })).collect();
    json!({
        "buttons": [{"id": "573000000000001", "isAvailable": is_available}],
        "welcome": {"organizationId": "00D", "online": online},
    })
}

fn available(story: &Story) -> Option<bool> {
    story.changes.iter().rev().find_map(|change| match change {
        Change::Available(available) => Some(*available),
        _ => None,
    })
}

fn asks(story: &Story) -> bool {
    let asked = |call: &parlor_session::Call| matches!(call.request, Request::Settings);
    story.open.iter().any(asked)
}

#[test]
fn the_greeting_is_as_old_as_half_a_minute_while_it_is_read() {
    let mut story = Story::new(None);
    story.reply_settings(settings(true, &["Bo"]));
    assert_eq!(available(&story), Some(true));
    story.wait(300_000);
    assert!(!asks(&story), "nobody looks");
    story.input(Input::Visibility(true));
    story.want(Intent::WindowShown(true));
    assert!(asks(&story), "asked when it is looked at");
    story.reply_settings(settings(false, &[]));
    assert_eq!(available(&story), Some(false));
    story.wait(29_000);
    assert!(!asks(&story));
    story.wait(1_000);
    assert!(asks(&story));
    story.reply_settings(settings(true, &["Bo"]));
    assert_eq!(available(&story), Some(true));
    story.want(Intent::WindowShown(false));
    story.wait(300_000);
    assert!(!asks(&story));
}

#[test]
fn while_the_visitor_waits_it_is_followed_too() {
    let mut story = Story::new(None);
    story.reply_settings(settings(true, &["Bo"]));
    story.input(Input::Visibility(true));
    story.want(Intent::WindowShown(true));
    story.want(Intent::StartConversation);
    story.reply_session("a");
    story.posted(0);
    story.batch(
        1,
        json!([{"type": "ChatRequestSuccess", "message": {"visitorId": "v", "queuePosition": 1}}]),
    );
    half_a_minute(&mut story);
    assert!(asks(&story));
    story.reply_settings(settings(false, &[]));
    assert_eq!(available(&story), Some(false));
    half_a_minute(&mut story);
    story.reply_settings(settings(true, &["Bo"]));
    assert_eq!(available(&story), Some(true));
}

/// With polls that return nothing.
fn half_a_minute(story: &mut Story) {
    for _ in 0..10 {
        story.wait(3_000);
        let poll = story.take_poll();
        story.reply(poll.id, Reply::NoMessages);
    }
}

#[test]
fn visitors_wait_for_agents_who_have_their_hands_full() {
    let mut story = Story::new(None);
    story.reply_settings(settings(false, &["Bo"]));
    assert_eq!(available(&story), Some(true));
}
