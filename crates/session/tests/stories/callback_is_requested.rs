//! The visitor asks for a callback: from the greeting, while they wait, or while nobody is there.

use parlor_session::{
    Answer, Change, Fault, FieldError, Intent, LeftMessage, MESSAGE_FIELD, Request, Stage,
};
use parlor_wire::{Callback, CallbackType, TimeWindow, visitor::ChasitorInit};
use serde_json::{Value, json};

use crate::story::Story;

const MORNING: &str = "2026-01-12T08:00:00Z/2026-01-12T11:00:00Z";

fn settings() -> Value {
    json!({"buttons": [{"id": "573000000000001", "type": "Standard", "isAvailable": true}],
        "welcome": {"organizationId": "00DX", "callback": {"hello": true, "waiting": true,
            "offline": true, "form": {"form_id": "f", "fields": [
                {"type": "radio", "id": "callback-type", "label": "How?", "required": true,
                    "options": [{"id": "phone", "label": "By phone"},
                        {"id": "chat", "label": "In this chat"}]},
                {"type": "phone", "id": "callback-phone", "label": "Phone number"},
                {"type": "checkbox", "id": "callback-times", "label": "When?",
                    "options": [{"id": MORNING, "label": "Monday morning"}]}]}}}})
}

fn ask(kind: &str, phone: &str, text: &str) -> Intent {
    let answer = |field: &str, value: &str| Answer {
        field_id: field.into(),
        values: vec![value.into()],
    };
    Intent::LeaveMessage(LeftMessage {
        answers: vec![
            answer("callback-type", kind),
            answer("callback-phone", phone),
            answer("callback-times", MORNING),
        ],
        text: text.into(),
        custom_id: String::new(),
        callback: true,
    })
}

fn greeted() -> Story {
    let mut story = Story::new(None);
    story.reply_settings(settings());
    story
}

fn waiting() -> Story {
    let mut story = greeted();
    story.want(Intent::StartConversation);
    story.reply_session("a");
    story.posted(0);
    let success = json!([{"type": "ChatRequestSuccess",
        "message": {"visitorId": "v", "queuePosition": 3}}]);
    story.batch(1, success);
    assert!(matches!(story.stage, Stage::Waiting { .. }));
    story
}

fn posted_init(story: &mut Story) -> ChasitorInit {
    match story.take_post().request {
        Request::Init { init, .. } => init.copied(),
        other => panic!("not a request: {other:?}"),
    }
}

fn errors(story: &Story) -> Vec<(String, FieldError)> {
    let mut changes = story.changes.iter().rev();
    let found = changes.find_map(|change| match change {
        Change::PrechatErrors(errors) => Some(errors.clone()),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn the_request_says_how_where_and_when() {
    let mut story = greeted();
    story.want(ask("phone", " 030 901820 ", "About the hat"));
    assert_eq!(story.stage, Stage::LeavingMessage);
    story.reply_session("a");
    let left = posted_init(&mut story).offline_message.unwrap();
    assert_eq!(left.text, "About the hat");
    let expected = Callback {
        kind: CallbackType::Phone,
        phone: Some("030 901820".into()),
        preferred_time: vec![TimeWindow {
            start: "2026-01-12T08:00:00Z".into(),
            end: "2026-01-12T11:00:00Z".into(),
        }],
    };
    assert_eq!(left.callback, Some(expected));
}

#[test]
fn who_wants_to_be_called_says_where() {
    let mut story = greeted();
    let phone = |error| vec![("callback-phone".to_owned(), error)];
    story.want(ask("phone", " ", "Please"));
    assert_eq!(errors(&story), phone(FieldError::Required));
    story.want(ask("phone", "at home", "Please"));
    assert_eq!(errors(&story), phone(FieldError::NotAPhone));
    assert_eq!(story.stage, Stage::Hello);
    story.want(ask("chat", "", "Please"));
    assert_eq!(story.stage, Stage::LeavingMessage);
    story.reply_session("a");
    let left = posted_init(&mut story).offline_message.unwrap();
    let callback = left.callback.unwrap();
    assert_eq!((callback.kind, callback.phone), (CallbackType::Chat, None));
}

#[test]
fn who_waits_waits_no_more() {
    let mut story = waiting();
    story.send("Hello?");
    let unconfirmed = story.take_post();
    story.want(ask("phone", "030 901820", "Call me"));
    assert_eq!(story.stage, Stage::LeavingMessage);
    story.fault(unconfirmed.id, Fault::Network);
    story.reply_session("b");
    let init = posted_init(&mut story);
    assert_eq!(
        init.visitor_id.as_deref(),
        Some("v"),
        "the server knows who"
    );
    assert_eq!(init.offline_message.unwrap().text, "Hello?\nCall me");
    story.batch(
        1,
        json!([{"type": "ChatRequestSuccess",
            "message": {"visitorId": "v", "offlineMessage": true}}]),
    );
    assert_eq!(story.stage, Stage::MessageLeft);
}

#[test]
fn while_an_agent_is_there_none_is_requested() {
    let mut story = Story::chatting();
    story.want(ask("phone", "030 901820", "Call me"));
    assert_eq!(story.stage, Stage::Chatting);
    assert!(errors_are_untouched(&story));
}

fn errors_are_untouched(story: &Story) -> bool {
    let is_error = |change: &Change| matches!(change, Change::PrechatErrors(_));
    !story.changes.iter().any(is_error)
}

#[test]
fn one_that_is_refused_is_in_its_form_again() {
    let mut story = greeted();
    story.want(ask("chat", "", "About the hat"));
    story.reply_session("a");
    let call = story.take_post();
    story.fault(call.id, Fault::Refused);
    assert_eq!(story.stage, Stage::Offline);
    let error = (MESSAGE_FIELD.to_owned(), FieldError::NotTaken);
    assert_eq!(errors(&story), [error]);
    story.want(ask("chat", "", "About the hat"));
    assert_eq!(story.stage, Stage::LeavingMessage);
}

#[test]
fn with_nobody_there_the_greeting_leads_to_it() {
    let mut story = Story::new(None);
    let mut settings = settings();
    settings["buttons"][0]["isAvailable"] = false.into();
    story.reply_settings(settings);
    story.want(Intent::StartConversation);
    assert_eq!(story.stage, Stage::Offline);
}
