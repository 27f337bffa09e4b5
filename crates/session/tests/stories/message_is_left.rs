//! Nobody is there, and the visitor leaves a message: it arrives once, and its answer is found.

use parlor_session::{
    Answer, Call, Change, Device, EndedBy, Fault, FieldError, Input, Intent, LeftMessage,
    MESSAGE_FIELD, PastThread, Reply, Request, SendState, Stage, ThreadPage,
};
use parlor_wire::visitor::ChasitorInit;
use serde_json::{Value, json};

use crate::story::{Story, is_poll, says};

/// The settings of a deployment in which nobody is there.
fn nobody() -> Value {
    json!({"buttons": [{"id": "573000000000001", "isAvailable": false}],
        "welcome": {"organizationId": "00DX", "offlineForm": {"form_id": "f", "fields": [
            {"type": "contact", "id": "offline-contact", "label": "Contact", "required": true}]}}})
}

fn contact(text: &str) -> Vec<Answer> {
    vec![Answer {
        field_id: "offline-contact".into(),
        values: vec![text.into()],
    }]
}

fn leave(text: &str) -> Intent {
    Intent::LeaveMessage(LeftMessage {
        answers: contact("030 901820"),
        text: text.into(),
        ..LeftMessage::default()
    })
}

/// The form is displayed.
fn with_form() -> Story {
    let mut story = Story::new(None);
    story.reply_settings(nobody());
    story.want(Intent::StartConversation);
    assert_eq!(story.stage, Stage::Offline);
    story
}

/// The message is on its way.
fn leaving() -> Story {
    let mut story = with_form();
    story.want(leave("Is it blue?"));
    assert_eq!(story.stage, Stage::LeavingMessage);
    story.reply_session("a");
    story
}

fn left() -> Value {
    json!([{"type": "ChatRequestSuccess",
        "message": {"visitorId": "v", "offlineMessage": true}}])
}

/// The request that is posted, and its number.
fn posted_init(story: &mut Story) -> (ChasitorInit, Option<u64>) {
    let call = story.take_post();
    match call.request {
        Request::Init { init, .. } => (init.copied(), call.number),
        other => panic!("not a request: {other:?}"),
    }
}

fn draft(story: &Story) -> Option<String> {
    let mut drafts = story.changes.iter().rev();
    drafts.find_map(|change| match change {
        Change::Draft(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn what_is_missing_is_said_by_field() {
    let mut story = with_form();
    story.want(Intent::LeaveMessage(LeftMessage {
        answers: contact("call me"),
        text: " ".into(),
        ..LeftMessage::default()
    }));
    let wrong = Change::PrechatErrors(vec![
        ("offline-contact".into(), FieldError::NotAContact),
        (MESSAGE_FIELD.into(), FieldError::Required),
    ]);
    assert_eq!(story.changes.last(), Some(&wrong));
    assert_eq!(story.stage, Stage::Offline);
}

#[test]
fn a_lost_answer_repeats_the_number_and_the_message_is_confirmed() {
    let mut story = leaving();
    let saved = story.saved.clone().unwrap().session.unwrap().init.unwrap();
    assert_eq!(saved.offline_message.clone().unwrap().text, "Is it blue?");
    let call = story.take_post();
    let (id, number) = (call.id, call.number);
    story.fault(id, Fault::Network);
    story.wait(2_000);
    let (init, again) = posted_init(&mut story);
    assert_eq!(again, number);
    let kind = &init.prechat_form.unwrap().fields[0].kind;
    assert_eq!(kind.as_str(), "question", "a kind that every program knows");
    story.batch(1, left());
    assert_eq!(story.stage, Stage::MessageLeft);
    let line = story.lines.last().unwrap().id.clone();
    assert_eq!(story.state(&line), Some(SendState::Sent));
    assert!(story.changes.contains(&Change::AwaitsAnswer(true)));
    assert!(story.saved.unwrap().awaits_answer.is_some());
}

/// The last agent has left while the visitor waited.
#[test]
fn who_waits_for_nobody_leaves_a_message_and_waits_no_more() {
    let mut settings = nobody();
    settings["buttons"][0]["isAvailable"] = true.into();
    let mut story = Story::new(None);
    story.reply_settings(settings);
    story.want(Intent::StartConversation);
    story.reply_session("a");
    story.posted(0);
    story.batch(
        1,
        json!([{"type": "ChatRequestSuccess", "message": {"visitorId": "v", "queuePosition": 1}}]),
    );
    story.want(Intent::Draft("Is it".into()));
    // "Back" keeps the place.
    story.want(Intent::BackToHello);
    assert!(matches!(story.stage, Stage::Waiting { .. }));
    story.want(Intent::LeaveMessage(LeftMessage::default()));
    assert!(matches!(story.stage, Stage::Waiting { .. }), "it is empty");
    assert!(is_polling(&story));
    story.want(leave("Is it blue?"));
    assert_eq!(story.stage, Stage::LeavingMessage);
    assert_eq!(draft(&story).as_deref(), Some(""));
    story.reply_session("b");
    let (init, _) = posted_init(&mut story);
    assert_eq!(
        init.visitor_id.as_deref(),
        Some("v"),
        "the server knows who"
    );
    assert_eq!(init.offline_message.unwrap().text, "Is it blue?");
    story.batch(1, left());
    assert_eq!(story.stage, Stage::MessageLeft);
}

fn is_polling(story: &Story) -> bool {
    story.open.iter().any(|call| is_poll(&call.request))
}

/// The form was open, and an agent has joined before it was sent.
#[test]
fn who_is_served_meanwhile_leaves_no_message() {
    let mut story = Story::new(None);
    let mut settings = nobody();
    settings["buttons"][0]["isAvailable"] = true.into();
    story.reply_settings(settings);
    story.want(Intent::StartConversation);
    story.reply_session("a");
    story.posted(0);
    story.want(Intent::Draft("Is it blue?".into()));
    story.batch(
        1,
        json!([
            {"type": "ChatRequestSuccess", "message": {"visitorId": "v", "queuePosition": 1}},
            {"type": "ChatEstablished", "message": {"name": "Andy", "userId": "005A",
                "sneakPeekEnabled": false, "sequence": 1, "eventId": "T_1"}}]),
    );
    story.want(leave("Is it blue?"));
    assert_eq!(story.stage, Stage::Chatting);
    assert_ne!(draft(&story).as_deref(), Some(""), "it is in the composer");
}

#[test]
fn a_reload_continues_to_send_it() {
    let mut story = leaving();
    let (init, _) = posted_init(&mut story);
    let mut story = story.reloaded();
    assert_eq!(story.stage, Stage::LeavingMessage);
    assert_eq!(story.texts(), ["Is it blue?"]);
    story.reconnected("b");
    story.batch(1, json!([{"type": "ChasitorSessionData", "message": {}}]));
    story.posted(0); // ChasitorResyncState
    let (again, _) = posted_init(&mut story);
    assert_eq!(again.offline_message, init.offline_message);
}

#[test]
fn a_hand_over_tells_that_it_had_arrived() {
    let mut story = leaving();
    let (init, _) = posted_init(&mut story);
    let id = init.offline_message.unwrap().custom_id;
    let mut story = story.reloaded();
    story.reconnected("b");
    story.batch(
        1,
        json!([{"type": "ChasitorSessionData", "message": {"offlineMessage": true,
            "chatMessages": [{"type": "Chasitor", "name": "", "content": "Is it blue?",
                "timestamp": 1, "sequence": 2, "eventId": "T_2", "customId": id}]}}]),
    );
    assert_eq!(story.stage, Stage::MessageLeft);
    assert_eq!(story.texts(), ["Is it blue?"]);
}

#[test]
fn in_an_unknown_session_it_is_sent_in_another_under_its_id() {
    let mut story = leaving();
    let (first, _) = posted_init(&mut story);
    for _ in 0..3 {
        let poll = story.take_poll();
        story.fault(poll.id, Fault::SessionGone);
        assert_eq!(story.stage, Stage::LeavingMessage);
        story.wait(60_000);
        story.reply_session("b");
        let (again, number) = posted_init(&mut story);
        assert_eq!(again.offline_message, first.offline_message);
        assert_eq!(number, Some(1));
    }
    let poll = story.take_poll();
    story.fault(poll.id, Fault::SessionGone);
    assert_eq!(story.stage, Stage::Offline);
    assert_eq!(draft(&story).as_deref(), Some("Is it blue?"));
    assert!(story.lines.is_empty());
}

#[test]
fn a_message_that_is_refused_is_in_the_form_again() {
    let mut story = leaving();
    let call = story.take_post();
    story.fault(call.id, Fault::Refused);
    assert_eq!(story.stage, Stage::Offline);
    assert_eq!(draft(&story).as_deref(), Some("Is it blue?"));
    let error = (MESSAGE_FIELD.to_owned(), FieldError::NotTaken);
    assert!(story.changes.contains(&Change::PrechatErrors(vec![error])));
    story.want(leave("Is it blue?"));
    assert_eq!(story.stage, Stage::LeavingMessage);
}

#[test]
fn if_the_last_agent_leaves_meanwhile_every_word_is_in_the_form() {
    let mut story = Story::new(None);
    let mut settings = nobody();
    settings["buttons"][0]["isAvailable"] = true.into();
    story.reply_settings(settings);
    story.want(Intent::StartConversation);
    story.send("Hello");
    story.send("Is it blue?");
    story.want(Intent::Draft("and how".into()));
    story.reply_session("a");
    story.posted(0);
    let fail = json!([{"type": "ChatRequestFail", "message": {"reason": "Unavailable"}}]);
    story.batch(1, fail);
    assert_eq!(story.stage, Stage::Offline);
    assert_eq!(
        draft(&story).as_deref(),
        Some("Hello\nIs it blue?\nand how")
    );
    assert!(story.lines.is_empty(), "they are offered in one place");
    assert!(story.saved.unwrap().unsent.is_empty());
}

#[test]
fn an_answer_that_comes_soon_is_displayed_below_it() {
    let mut story = leaving();
    story.posted(2);
    story.batch(1, left());
    story.batch(2, json!([says(3, "Yes")]));
    assert_eq!(story.texts(), ["Is it blue?", "Yes"]);
    assert!(story.changes.contains(&Change::Unread(1)));
    // The endpoint forgets the session: nothing changes for the visitor.
    let poll = story.take_poll();
    story.fault(poll.id, Fault::SessionGone);
    assert_eq!(story.stage, Stage::MessageLeft);
    assert!(story.open.iter().all(|call| !is_poll(&call.request)));
}

#[test]
fn an_answer_that_comes_later_is_found_on_another_page() {
    let mut story = leaving();
    story.posted(2);
    story.batch(1, left());
    let mut story = story.reloaded();
    assert_eq!(story.stage, Stage::Hello);
    assert!(story.changes.contains(&Change::AwaitsAnswer(true)));
    story.reply_settings(nobody());
    assert!(story.open.iter().all(|call| !is_poll(&call.request)));
    let call = story.take(|request| matches!(request, Request::History { .. }));
    let thread = PastThread {
        id: "T".into(),
        at: Some(5),
        active: false,
        last: Some("Yes".into()),
        unread: 1,
    };
    story.reply(call.id, Reply::History(vec![thread].into()));
    assert!(story.changes.contains(&Change::Unread(1)));
    story.want(Intent::WindowShown(true));
    let call = story.take(|request| matches!(request, Request::History { .. }));
    story.reply(call.id, Reply::History(Vec::new().into()));
}

#[test]
fn an_answer_that_is_read_is_reported_and_awaited_no_more() {
    let mut story = leaving();
    story.posted(2);
    story.batch(1, left());
    let mut story = story.reloaded();
    story.reply_settings(nobody());
    let call = story.take(|request| matches!(request, Request::History { .. }));
    let thread = PastThread {
        id: "T".into(),
        at: Some(5),
        active: false,
        last: Some("Yes".into()),
        unread: 1,
    };
    story.reply(call.id, Reply::History(vec![thread].into()));
    story.want(Intent::LoadEarlier(Some("T".into())));
    let call = story.take(|request| matches!(request, Request::Thread { .. }));
    let event = json!({"type": "message", "id": "T_3", "text": "Yes", "author_id": "005A",
        "created_at": "2026-01-02T03:04:05.000000Z"});
    story.reply(
        call.id,
        Reply::Thread(ThreadPage {
            thread_id: "T".into(),
            events: vec![serde_json::from_value(event).unwrap()],
            ..ThreadPage::default()
        }),
    );
    let call = story.take_post();
    let seen = Request::ThreadSeen {
        of: Device {
            visitor_id: Some("v".into()),
            ..Device::default()
        },
        thread_id: "T".into(),
        seen_up_to: "2026-01-02T03:04:05.000000Z".into(),
    };
    assert_eq!(call.request, seen);
    assert!(call.credentials.is_none());
    story.reply(call.id, Reply::Posted(Default::default()));
    assert!(story.changes.contains(&Change::AwaitsAnswer(false)));
    assert!(story.saved.unwrap().awaits_answer.is_none());
}

#[test]
fn back_leads_to_the_greeting_and_the_message_is_among_the_conversations() {
    let mut story = leaving();
    story.posted(2);
    story.batch(1, left());
    story.want(Intent::BackToHello);
    assert_eq!(story.stage, Stage::Hello);
    assert!(story.lines.is_empty());
    assert!(story.open.iter().all(|call| !is_poll(&call.request)));
    let call = story.take(|request| matches!(request, Request::History { .. }));
    let thread = PastThread {
        id: "T".into(),
        at: Some(5),
        active: false,
        last: Some("Is it blue?".into()),
        unread: 0,
    };
    story.reply(call.id, Reply::History(vec![thread.clone()].into()));
    let listed = story.changes.iter().rev().find_map(|change| match change {
        Change::History(history) => Some(history.threads.clone()),
        _ => None,
    });
    assert_eq!(listed, Some(vec![thread]));
}

#[test]
fn the_answer_to_a_chat_that_agents_left_is_awaited() {
    let mut story = Story::chatting();
    let ended = json!([{"type": "ChatEnded", "message": {"reason": "agentTimeout"}}]);
    story.batch(2, ended);
    assert_eq!(story.stage, Stage::Ended(EndedBy::AgentTimeout));
    assert!(story.saved.unwrap().awaits_answer.is_some());
    assert!(story.changes.contains(&Change::AwaitsAnswer(true)));
}

/// A conversation was not resumed as long as an answer to an earlier message was awaited: its session
/// was taken for that of the message.
#[test]
fn a_conversation_after_the_message_is_resumed() {
    let mut story = leaving();
    posted_init(&mut story);
    story.batch(1, left());
    story.want(Intent::BackToHello);
    let mut settings = nobody();
    settings["buttons"][0]["isAvailable"] = true.into();
    story.input(Input::Visibility(true));
    story.want(Intent::WindowShown(true));
    story.wait(30_000);
    story.reply_settings(settings);
    story.want(Intent::StartConversation);
    story.reply_session("b");
    story.posted(0);
    story.batch(
        1,
        json!([{"type": "ChatRequestSuccess", "message": {"visitorId": "v", "queuePosition": 1}}]),
    );
    assert!(matches!(story.stage, Stage::Waiting { .. }));
    let story = story.reloaded();
    assert_eq!(story.stage, Stage::Resuming);
    let resumes = |call: &Call| matches!(call.request, Request::ReconnectSession { .. });
    assert!(story.open.iter().any(resumes));
}
