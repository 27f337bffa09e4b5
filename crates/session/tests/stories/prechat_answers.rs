//! The deployment's form, wrong and then right.

use parlor_session::{Answer, Change, FieldError, Intent, LineId, Request, Stage};
use serde_json::json;

use crate::story::Story;

#[test]
fn errors_are_displayed_and_the_request_carries_the_answers() {
    let mut story = Story::new(None);
    story.reply_settings(json!({"welcome": {"organizationId": "00DX", "prechat":
        {"form_id": "f", "fields": [
        {"type": "name", "id": "n", "label": "Your name", "required": true}]}}}));
    story.want(Intent::StartConversation);
    assert_eq!(story.stage, Stage::Prechat);
    story.want(Intent::SubmitPrechat(vec![]));
    let wrong = Change::PrechatErrors(vec![("n".into(), FieldError::Required)]);
    assert_eq!(story.changes.last(), Some(&wrong));
    story.want(Intent::SubmitPrechat(vec![Answer {
        field_id: "n".into(),
        values: vec!["Jon".into()],
    }]));
    assert!(story.changes.contains(&Change::PrechatErrors(vec![])));
    story.reply_session("a");
    let Request::Init { init, .. } = story.take_post().request else {
        panic!("not a request");
    };
    assert_eq!(init.organization_id, "00DX", "as the endpoint said");
    assert_eq!(init.visitor_name.as_deref(), Some("Jon"));
    assert_eq!(init.prechat_details[0].value, "Jon");
}

#[test]
fn the_form_is_displayed_even_if_settings_come_late() {
    let mut story = Story::new(None);
    story.want(Intent::StartConversation);
    assert_eq!(story.stage, Stage::Starting);
    assert!(story.open.iter().all(|c| c.request == Request::Settings));
    story.reply_settings(json!({"welcome": {"prechat": {"form_id": "f", "fields": [
        {"type": "name", "id": "n", "label": "Your name", "required": true}]}}}));
    assert_eq!(story.stage, Stage::Prechat);
}

/// Nobody would get the answers, and the form would say that it is answered.
#[test]
fn a_form_of_a_conversation_that_is_over_is_not_answered() {
    let mut story = Story::chatting();
    let event = json!({"id": "T_2", "type": "form", "form_id": "ask", "author_id": "005A",
        "fields": [{"type": "question", "id": "q", "label": "Size?"}]});
    story.batch(
        2,
        json!([{"type": "CustomEvent", "message": {"type": "form", "data": event.to_string()}}]),
    );
    let answer = || Intent::SubmitForm {
        line: Some(LineId("T_2".into())),
        answers: vec![Answer {
            field_id: "q".into(),
            values: vec!["58".into()],
        }],
    };
    let ended = json!([{"type": "ChatEnded", "message": {"reason": "agent"}}]);
    story.batch(3, ended);
    story.want(answer());
    assert!(
        !story
            .changes
            .iter()
            .any(|it| matches!(it, Change::FormDone(_)))
    );
}
