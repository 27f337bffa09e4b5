//! A visitor who was here before reads what was said, up to the conversation
//! that they pressed; what is put away again is offered as before.

use parlor_session::{
    Change, Fault, Input, Intent, PastThread, Reply, Request, Saved, Stage, ThreadPage,
};
use parlor_wire::event::{Event, EventBody, Message};
use serde_json::json;

use crate::story::Story;

/// Three conversations, the newest first in the list.
fn returning() -> Story {
    let saved = Saved {
        visitor_id: Some("v".into()),
        ..Saved::default()
    };
    let mut story = Story::new(Some(saved));
    story.reply_settings(json!({"welcome": {"organizationId": "00DX"}}));
    list(&mut story);
    story
}

fn list(story: &mut Story) {
    let call = story.take(|request| matches!(request, Request::History { .. }));
    let thread = |id: &str| PastThread {
        id: id.into(),
        at: None,
        active: false,
        unread: 0,
        last: None,
    };
    let threads = ["C", "B", "A"].map(thread).to_vec();
    story.reply(call.id, Reply::History(threads.into()));
}

/// Which conversation is asked for, answered with one line.
fn answered(story: &mut Story) -> String {
    let call = story.take(|request| matches!(request, Request::Thread { .. }));
    let Request::Thread { thread_id, .. } = call.request else {
        panic!("not a conversation");
    };
    let mut event = Event::new(EventBody::Message(Message {
        text: format!("said in {thread_id}"),
        postback: None,
    }));
    event.id = Some(format!("{thread_id}_1").as_str().into());
    let earlier = ThreadPage {
        thread_id: thread_id.clone(),
        events: vec![event],
        ..ThreadPage::default()
    };
    story.reply(call.id, Reply::Thread(earlier));
    thread_id
}

fn shown(story: &Story) -> Vec<&str> {
    story.lines.iter().map(|line| line.id.0.as_str()).collect()
}

fn offered(story: &Story) -> (Vec<&str>, bool) {
    let last = story.changes.iter().rev().find_map(|change| match change {
        Change::History(history) => Some(history),
        _ => None,
    });
    let history = last.unwrap();
    let ids = history.threads.iter().map(|it| it.id.as_str()).collect();
    (ids, history.loading)
}

#[test]
fn everything_is_loaded_up_to_the_chosen_conversation() {
    let mut story = returning();
    story.want(Intent::LoadEarlier(Some("B".into())));
    assert_eq!(answered(&mut story), "C");
    assert_eq!(offered(&story), (vec!["B", "A"], true));
    assert_eq!(answered(&mut story), "B");
    assert_eq!(shown(&story), ["B_1", "C_1"]);
    assert_eq!(offered(&story), (vec!["A"], false));
    // And no farther, until somebody asks.
    assert!(story.open.is_empty());
    story.want(Intent::LoadEarlier(None));
    assert_eq!(answered(&mut story), "A");
    assert_eq!(shown(&story), ["A_1", "B_1", "C_1"]);
}

#[test]
fn closed_history_is_offered_again() {
    let mut story = returning();
    story.want(Intent::LoadEarlier(Some("C".into())));
    answered(&mut story);
    story.want(Intent::BackToHello);
    assert_eq!(shown(&story), Vec::<&str>::new());
    list(&mut story);
    assert_eq!(offered(&story), (vec!["C", "B", "A"], false));
    assert_eq!(story.stage, Stage::Hello);
}

#[test]
fn an_answer_after_history_was_closed_is_ignored() {
    let mut story = returning();
    story.want(Intent::LoadEarlier(Some("A".into())));
    story.want(Intent::BackToHello);
    assert_eq!(answered(&mut story), "C");
    assert_eq!(shown(&story), Vec::<&str>::new());
    list(&mut story);
    assert_eq!(offered(&story), (vec!["C", "B", "A"], false));
}

#[test]
fn a_new_conversation_begins_without_them() {
    let mut story = returning();
    story.want(Intent::LoadEarlier(Some("A".into())));
    answered(&mut story);
    story.want(Intent::StartConversation);
    assert_eq!(shown(&story), Vec::<&str>::new());
    assert!(!offered(&story).1, "nothing more is fetched into it");
}

#[test]
fn a_conversation_that_cannot_be_loaded_is_not_requested_in_a_loop() {
    let mut story = returning();
    story.want(Intent::LoadEarlier(Some("A".into())));
    let call = story.take(|request| matches!(request, Request::Thread { .. }));
    story.input(Input::Fault {
        id: call.id,
        fault: Fault::Network,
    });
    assert_eq!(offered(&story), (vec!["C", "B", "A"], false));
    story.wait(600_000);
    assert!(story.open.is_empty());
}
