//! The page says that the visitor has reached a goal of the site.

use parlor_session::{
    Fault, Intent, Output, Reply, Report, Request, Saved,
    limits::{GOAL_TRIES_MAX, GOALS_MAX},
};
use serde_json::json;

use crate::story::Story;

fn track(story: &mut Story, goal: &str) {
    story.want(Intent::Track(goal.to_owned()));
}

fn is_goal(request: &Request) -> bool {
    matches!(request, Request::Goal { .. })
}

/// The goal that is being told, and by which ids the visitor is known.
fn telling(story: &Story) -> Option<(String, Option<String>, Option<String>)> {
    story.open.iter().find_map(|call| match &call.request {
        Request::Goal { of, goal } => {
            assert!(call.credentials.is_none() && call.number.is_none());
            let of = of.clone();
            Some((goal.clone(), of.visitor_id, of.identity_token))
        }
        _ => None,
    })
}

fn goal(story: &Story) -> Option<String> {
    telling(story).map(|(goal, ..)| goal)
}

fn told(story: &mut Story) {
    let call = story.take(is_goal);
    story.reply(call.id, Reply::Posted(Default::default()));
}

/// A visitor whose conversation is over, on another page.
fn after_a_chat() -> Story {
    Story::new(Some(Saved {
        visitor_id: Some("v".into()),
        term: 1,
        ..Saved::default()
    }))
}

#[test]
fn of_who_was_never_here_nothing_is_told() {
    let mut story = Story::new(None);
    track(&mut story, "order");
    assert_eq!(goal(&story), None);
    let mut story = story.chats();
    assert_eq!(goal(&story), None, "it was before the conversation");
    track(&mut story, "order");
    assert_eq!(goal(&story).as_deref(), Some("order"));
}

#[test]
fn after_a_chat_the_device_tells_who_it_was() {
    let mut story = after_a_chat();
    track(&mut story, "order");
    let expected = ("order".to_owned(), Some("v".to_owned()), None);
    assert_eq!(telling(&story), Some(expected));
    told(&mut story);
    story.wait(600_000);
    assert_eq!(goal(&story), None, "it is told once");
}

#[test]
fn a_goal_waits_for_the_conversation_that_is_requested() {
    let mut story = Story::vouched("i.d.t");
    story.reply_settings(json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]}));
    story.want(Intent::StartConversation);
    track(&mut story, "order");
    assert_eq!(goal(&story), None);
    story.reply_session("a");
    story.posted(1);
    let success = json!([{"type": "ChatRequestSuccess",
        "message": {"visitorId": "v", "queuePosition": 3}}]);
    story.batch(1, success);
    let (goal, visitor_id, token) = telling(&story).unwrap();
    assert_eq!(goal, "order");
    assert_eq!(visitor_id.as_deref(), Some("v"));
    assert_eq!(token.as_deref(), Some("i.d.t"));
}

#[test]
fn goals_are_told_one_after_the_other_and_no_flood_of_them() {
    let mut story = after_a_chat();
    for n in 0..2 * GOALS_MAX {
        track(&mut story, &n.to_string());
        track(&mut story, "0");
    }
    let mut all = Vec::new();
    while let Some(goal) = goal(&story) {
        all.push(goal);
        told(&mut story);
    }
    let expected: Vec<String> = (0..GOALS_MAX).map(|n| n.to_string()).collect();
    assert_eq!(all, expected);
}

#[test]
fn a_goal_is_told_again_but_not_for_ever() {
    let mut story = after_a_chat();
    track(&mut story, "order");
    track(&mut story, "sign-up");
    let mut tries = 0;
    while goal(&story).as_deref() == Some("order") {
        tries += 1;
        let call = story.take(is_goal);
        story.fault(call.id, Fault::Network);
        assert_eq!(goal(&story), None, "it pauses");
        story.wait(5_000);
    }
    assert_eq!(tries, GOAL_TRIES_MAX);
    assert_eq!(goal(&story).as_deref(), Some("sign-up"));
}

#[test]
fn a_goal_that_there_is_not_is_reported_and_not_told_again() {
    let mut story = after_a_chat();
    track(&mut story, "oder");
    let call = story.take(is_goal);
    story.fault(call.id, Fault::Refused);
    let report = Output::Report(Report::Refused { what: "a goal" });
    assert!(story.last.contains(&report), "{:?}", story.last);
    story.wait(600_000);
    assert_eq!(goal(&story), None);
}
