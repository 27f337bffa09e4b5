//! A conversation that an agent begins, or the visitor on another device, is displayed in
//! the window that is open; and what is written on one device appears on the others.

use parlor_session::{
    Author, Change, EndedBy, Fault, HistoryWait, Input, Intent, PastThread, PastThreads, Posted,
    Reply, Request, Saved, SendState, Stage, StateUpdate,
};
use serde_json::{Value, json};

use crate::story::{Story, is_poll, says};

fn threads(version: &str, active: bool) -> Reply {
    let thread = PastThread {
        id: "T".into(),
        at: None,
        active,
        unread: 0,
        last: None,
    };
    Reply::History(PastThreads {
        threads: vec![thread],
        version: version.into(),
    })
}

/// A visitor who was here before looks at the greeting.
fn looking() -> Story {
    let saved = Saved {
        visitor_id: Some("v".into()),
        ..Saved::default()
    };
    let mut story = Story::new(Some(saved));
    story.input(Input::Visibility(true));
    story.reply_settings(json!({"welcome": {"organizationId": "00DX"}}));
    story.want(Intent::WindowShown(true));
    let call = story.take(is_list);
    story.reply(call.id, threads("1-2", false));
    story
}

fn is_list(request: &Request) -> bool {
    matches!(request, Request::History { wait: None, .. })
}

fn is_watch(request: &Request) -> bool {
    matches!(request, Request::History { wait: Some(_), .. })
}

fn watches(story: &Story) -> usize {
    let open = story.open.iter();
    open.filter(|call| is_watch(&call.request)).count()
}

/// What the endpoint sends to a device that goes on in a conversation.
fn conversation() -> Value {
    json!([
        {"type": "ChatRequestSuccess", "message": {"visitorId": "v", "customerId": "U"}},
        {"type": "ChasitorSessionData", "message": {"customerId": "U", "chatMessages": [
            {"type": "Agent", "name": "Andy", "content": "Is it still blue?", "timestamp": 2,
             "sequence": 1, "eventId": "T2_1"}
        ], "agent": {"name": "Andy", "userId": "005A"}}}
    ])
}

/// The request that continues a conversation, answered.
fn goes_on(story: &mut Story) {
    story.reply_session("a");
    let call = story.take_post();
    let Request::Init { init, .. } = &call.request else {
        panic!("not a request for a chat");
    };
    assert!(init.continue_only);
    assert_eq!(init.visitor_id.as_deref(), Some("v"));
    story.reply(call.id, Reply::Posted(Default::default()));
    story.batch(1, conversation());
}

#[test]
fn what_an_agent_begins_is_displayed_at_once() {
    let mut story = looking();
    let call = story.take(is_watch);
    let Request::History { wait, of } = &call.request else {
        panic!("not a list");
    };
    assert_eq!(of.visitor_id.as_deref(), Some("v"));
    let expected = HistoryWait {
        known: "1-2".into(),
        hold: 20_000,
    };
    assert_eq!(wait.as_ref(), Some(&expected));
    // Nothing happens for twenty seconds, and it waits again.
    story.wait(20_000);
    story.reply(call.id, threads("1-2", false));
    assert_eq!(story.stage, Stage::Hello);
    let call = story.take(is_watch);
    story.wait(3_000);
    story.reply(call.id, threads("2-3", true));
    goes_on(&mut story);
    assert_eq!(story.stage, Stage::Chatting);
    assert_eq!(story.texts(), ["Is it still blue?"]);
    assert_eq!(watches(&story), 0);
    story.send("Yes");
    assert!(story.open.iter().any(|call| call.request.is_post()));
}

#[test]
fn below_a_conversation_that_has_ended_the_next_one_is_displayed() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    story.want(Intent::WindowShown(true));
    story.batch(
        2,
        json!([says(2, "Bye"), {"type": "ChatEnded", "message": {"reason": "agent"}}]),
    );
    assert!(matches!(story.stage, Stage::Ended(_)));
    let call = story.take(is_list);
    story.reply(call.id, threads("1-2", false));
    let call = story.take(is_watch);
    story.reply(call.id, threads("2-3", true));
    goes_on(&mut story);
    assert_eq!(story.texts(), ["Bye", "Is it still blue?"]);
}

#[test]
fn a_conversation_that_was_lost_here_and_goes_on_elsewhere_is_displayed_again() {
    let mut story = Story::chatting();
    story.batch(2, json!([says(2, "Hello")]));
    let mine = story.send("Hi");
    let post = story.take_post();
    story.fault(post.id, Fault::Network);
    // This device was silent for too long, and the phone was not.
    let poll = story.take_poll();
    story.fault(poll.id, Fault::SessionGone);
    assert_eq!(story.stage, Stage::Ended(EndedBy::Lost));
    let call = story.take(is_list);
    story.reply(call.id, threads("1-3", true));
    story.reply_session("a");
    story.posted(0);
    story.batch(
        1,
        json!([
            {"type": "ChatRequestSuccess", "message": {"visitorId": "v", "customerId": "U"}},
            {"type": "ChasitorSessionData", "message": {"customerId": "U", "chatMessages": [
                {"type": "Agent", "name": "Andy", "content": "Hello", "timestamp": 2,
                 "sequence": 2, "eventId": "T_2"},
                {"type": "Agent", "name": "Andy", "content": "Still there?", "timestamp": 3,
                 "sequence": 3, "eventId": "T_3"}
            ], "agent": {"name": "Andy", "userId": "005A"}}}
        ]),
    );
    assert_eq!(story.stage, Stage::Chatting);
    // What did not arrive is offered again.
    assert_eq!(story.texts(), ["Hello", "Still there?", "Hi"]);
    assert!(matches!(story.state(&mine), Some(SendState::Failed(_))));
    story.want(Intent::Retry(mine));
    let post = story.take_post();
    story.reply(
        post.id,
        Reply::Posted(Posted {
            event_id: Some("T_4".into()),
            position: Some(4),
            created_at: None,
        }),
    );
    assert_eq!(story.texts(), ["Hello", "Still there?", "Hi"]);
}

#[test]
fn what_was_seen_of_one_conversation_is_not_said_in_the_next() {
    let mut story = Story::chatting();
    story.input(Input::Visibility(true));
    story.want(Intent::WindowShown(true));
    story.batch(2, json!([says(2, "Hello")]));
    // That it was seen is on its way when the session is lost.
    let poll = story.take_poll();
    story.fault(poll.id, Fault::SessionGone);
    story.want(Intent::StartAgain);
    story.reply_session("a");
    story.posted(1);
    assert!(story.open.iter().all(|call| !call.request.is_post()));
}

#[test]
fn an_answer_that_an_agent_begins_with_counts_as_unread_in_a_closed_window() {
    let saved = Saved {
        visitor_id: Some("v".into()),
        ..Saved::default()
    };
    let mut story = Story::new(Some(saved));
    story.reply_settings(json!({"welcome": {"organizationId": "00DX"}}));
    let call = story.take(is_list);
    story.reply(call.id, threads("2-3", true));
    goes_on(&mut story);
    assert!(story.changes.contains(&Change::Unread(1)));
}

#[test]
fn a_conversation_that_has_ended_meanwhile_is_not_begun_anew() {
    let mut story = looking();
    let call = story.take(is_watch);
    story.reply(call.id, threads("2-3", true));
    story.reply_session("a");
    story.posted(1);
    story.batch(
        1,
        json!([{"type": "ChatRequestFail", "message": {"reason": "Unavailable"}}]),
    );
    assert_eq!(story.stage, Stage::Hello);
    // A conversation that the visitor wants fails as before.
    story.want(Intent::StartConversation);
    story.reply_session("b");
    story.posted(1);
    story.batch(
        1,
        json!([{"type": "ChatRequestFail", "message": {"reason": "Unavailable"}}]),
    );
    assert!(matches!(story.stage, Stage::Failed(_)));
}

#[test]
fn nothing_waits_while_nobody_looks_or_nobody_was_here() {
    let mut story = looking();
    assert_eq!(watches(&story), 1);
    story.want(Intent::WindowShown(false));
    assert_eq!(watches(&story), 0);
    story.want(Intent::WindowShown(true));
    assert_eq!(watches(&story), 1);
    story.input(Input::Visibility(false));
    assert_eq!(watches(&story), 0);

    let mut story = Story::new(None);
    story.input(Input::Visibility(true));
    story.want(Intent::WindowShown(true));
    story.reply_settings(json!({"welcome": {"organizationId": "00DX"}}));
    assert!(story.open.is_empty());
}

#[test]
fn an_endpoint_that_does_not_hold_the_request_is_not_asked_in_a_loop() {
    let mut story = looking();
    let mut asked = 0;
    for _ in 0..600 {
        story.wait(100);
        while watches(&story) > 0 {
            asked += 1;
            let call = story.take(is_watch);
            story.reply(call.id, threads("1-2", false));
        }
    }
    assert!(asked < 20, "{asked} requests in a minute");
    // One that is never answered counts as lost.
    let mut story = looking();
    let lost = story
        .open
        .iter()
        .find(|call| is_watch(&call.request))
        .unwrap()
        .id;
    story.wait(60_000);
    assert!(story.aborted.contains(&lost));
    assert_eq!(watches(&story), 1);
}

#[test]
fn lines_of_another_device_are_the_visitors_own() {
    let mut story = Story::chatting();
    let of = |n: u64, author: &str| {
        json!({"type": "message", "data": "", "event": {"type": "message", "text": author,
            "id": format!("T_{n}"), "custom_id": format!("elsewhere-{n}"), "author_id": author,
            "created_at": "2026-01-02T03:04:05.000000Z"}})
    };
    story.batch(
        2,
        json!([{"type": "ChatRequestSuccess", "message": {"customerId": "U"}}]),
    );
    for (sequence, n, author) in [(3, 2, "U"), (4, 2, "U"), (5, 3, "005B")] {
        let event: parlor_wire::visitor::CustomEvent = {
            let data = of(n, author);
            let event = serde_json::from_value(data["event"].clone()).unwrap();
            let kind =
                parlor_wire::visitor::CustomEvent::new("message".into(), data["event"].to_string());
            kind.paired_with(Some(event))
        };
        let call = story.take_poll();
        story.reply(
            call.id,
            Reply::Messages(parlor_wire::visitor::Batch {
                messages: vec![parlor_wire::visitor::Message::CustomEvent(event)],
                sequence: Some(sequence),
                offset: Some(sequence),
            }),
        );
    }
    let lines: Vec<_> = story
        .lines
        .iter()
        .filter(|line| !matches!(line.author, Author::System))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (&lines[0].author, lines[0].state),
        (&Author::Visitor, Some(SendState::Sent))
    );
    assert!(matches!(lines[1].author, Author::Agent(_)));
    // One's own words are no news.
    assert!(story.changes.contains(&Change::Unread(1)));
    assert!(!story.changes.contains(&Change::Unread(2)));
}

#[test]
fn who_is_vouched_for_goes_on_on_a_device_where_they_never_were() {
    let mut story = Story::vouched("t");
    story.reply_settings(json!({"welcome": {"organizationId": "00DX"}}));
    let call = story.take(is_list);
    let Request::History { of, .. } = &call.request else {
        panic!("not a list");
    };
    assert_eq!(
        (of.visitor_id.as_ref(), of.identity_token.as_deref()),
        (None, Some("t"))
    );
    story.reply(call.id, threads("1-2", true));
    story.reply_session("a");
    let call = story.take_post();
    assert_eq!(token(&call.request).as_deref(), Some("t"));
    story.reply(call.id, Reply::Posted(Default::default()));
    story.batch(1, conversation());
    assert_eq!(story.stage, Stage::Chatting);
    assert_eq!(story.saved.unwrap().visitor_id.as_deref(), Some("v"));
}

#[test]
fn a_token_that_is_refused_turns_nobody_away() {
    let mut story = Story::new(None);
    story.reply_settings(json!({"buttons": [{"id": "573000000000001", "isAvailable": true}]}));
    story.want(Intent::Identify("bad".into()));
    let call = story.take(is_list);
    story.fault(call.id, Fault::Refused);
    story.want(Intent::StartConversation);
    story.reply_session("a");
    let call = story.take_post();
    assert_eq!(token(&call.request).as_deref(), Some("bad"));
    story.fault(call.id, Fault::Refused);
    let call = story.take_post();
    assert_eq!(token(&call.request), None);
    assert_eq!(call.number, Some(2));
    story.fault(call.id, Fault::Refused);
    assert!(matches!(story.stage, Stage::Failed(_)));
}

fn token(request: &Request) -> Option<String> {
    match request {
        Request::Init { init, .. } => init.identity_token.clone(),
        other => panic!("not a request for a chat: {other:?}"),
    }
}

#[test]
fn a_page_can_vouch_for_the_visitor_of_a_conversation_that_goes_on() {
    let mut story = Story::chatting();
    story.want(Intent::Claim("t".into()));
    let call = story.take_post();
    let claims = Request::StateUpdate(StateUpdate::Identified { token: "t".into() });
    assert_eq!(call.request, claims);
    // Where there is none, nothing is to be said.
    let mut story = Story::new(None);
    story.want(Intent::Claim("t".into()));
    story.reply_settings(json!({}));
    assert!(
        story
            .open
            .iter()
            .all(|call| !is_poll(&call.request) && !call.request.is_post())
    );
}
