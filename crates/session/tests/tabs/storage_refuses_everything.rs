//! The device refuses to keep anything: what the leader holds, the other tabs
//! have, as long as one of them is open.

use parlor_session::{FailedBecause, Input, Intent, Request, SendState, Stage, tabs};
use serde_json::json;

use crate::device::{Device, mine, says};

/// Two tabs; refused from before the conversation began.
fn two() -> Device {
    let mut device = Device::new();
    device.refuses = true;
    device.open();
    device.input(0, Input::StorageAvailable(false));
    device.chat(0);
    device.batch(0, 2, json!([says(2, "Hello")]));
    device.open();
    device
}

#[test]
fn the_conversation_continues_in_another_tab() {
    let mut device = two();
    device.kill(0);
    let call = device.take(1, |r| matches!(r, Request::ReconnectSession { .. }));
    let offset = Some(20);
    assert_eq!(call.request, Request::ReconnectSession { offset });
    assert_eq!(device.shown(1), [("Hello".to_owned(), None)]);
}

#[test]
fn unsent_messages_are_sent_by_the_other_tab_in_order() {
    let mut device = two();
    device.want(0, Intent::Send("one".into()));
    device.want(1, Intent::Send("two".into()));
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    let posted = |device: &mut Device| match device.take(1, Request::is_post).request {
        Request::Message(message) => message.text,
        other => panic!("not a message: {other:?}"),
    };
    assert_eq!(posted(&mut device), "one");
    let waits = Some(SendState::Queued);
    assert_eq!(device.shown(1)[2], ("two".to_owned(), waits));
}

#[test]
fn a_third_tab_gets_the_state_from_the_second() {
    let mut device = two();
    device.kill(0);
    device.input(1, Input::StorageAvailable(false));
    device.handed_over(1, 3, json!([mine(2, "T_2", "Hello")]));
    device.open();
    device.kill(1);
    device.take(2, |r| matches!(r, Request::ReconnectSession { .. }));
}

#[test]
fn once_storage_is_available_its_state_is_the_newest() {
    let mut device = two();
    device.refuses = false;
    device.input(0, Input::StorageAvailable(true));
    device.batch(0, 3, json!([says(3, "Are you there?")]));
    device.kill(0);
    let call = device.take(1, |r| matches!(r, Request::ReconnectSession { .. }));
    // The position moved since, which is no save of its own.
    let offset = Some(20);
    assert_eq!(call.request, Request::ReconnectSession { offset });
}

/// Two tabs, the first of which asks for a chat; refused from the beginning.
fn two_that_begin() -> Device {
    let mut device = Device::new();
    device.refuses = true;
    device.open();
    device.open();
    device.input(0, Input::StorageAvailable(false));
    device.begin(0);
    device
}

#[test]
fn the_request_for_a_chat_is_made_by_the_other_tab() {
    let mut device = two_that_begin();
    device.want(1, Intent::Send("one".into()));
    device.kill(0);
    device.given_a_session(1, "s");
    let init = device.take(1, Request::is_post);
    assert!(matches!(init.request, Request::Init { .. }));
    let waits = Some(SendState::Queued);
    assert_eq!(device.shown(1), [("one".to_owned(), waits)]);
}

/// Found by the simulation: the next leader asked for another conversation, and
/// said there what was in the first already.
#[test]
fn a_request_that_no_answer_has_confirmed_is_repeated_in_its_own_session() {
    let mut device = two_that_begin();
    device.given_a_session(0, "s");
    device.want(0, Intent::Send("one".into()));
    device.kill(0);
    device.handed_over(1, 3, json!([]));
    let init = device.take(1, Request::is_post).request;
    assert!(matches!(init, Request::Init { session_id, .. } if session_id == "s"));
    let waits = Some(SendState::Queued);
    assert_eq!(device.shown(1), [("one".to_owned(), waits)]);
}

/// A tab that chats says this and is frozen; another comes, leads, and can know of
/// nothing.
fn a_leader_that_knows_of_nothing(said: &[&str]) -> Device {
    let mut device = Device::new();
    device.refuses = true;
    device.open();
    device.input(0, Input::StorageAvailable(false));
    device.chat(0);
    for text in said {
        device.want(0, Intent::Send((*text).into()));
    }
    device.freeze(0);
    device.open();
    device.wait(1_500);
    assert_eq!(device.leader, Some(1));
    device
}

/// Found by the simulation: the new tab began another conversation, and what
/// the first had said in its own was said there again.
#[test]
fn a_tab_without_a_conversation_adopts_the_one_it_receives() {
    let mut device = a_leader_that_knows_of_nothing(&["one"]);
    assert_eq!(device.tabs[1].tab.mirror().stage(), Some(&Stage::Hello));
    device.thaw(0);
    device.input(0, tabs::Input::LeadershipLost);
    device.handed_over(1, 3, json!([]));
    let post = device.take(1, Request::is_post).request;
    assert!(matches!(post, Request::Message(message) if message.text == "one"));
    assert!(
        device.tabs[1]
            .calls
            .iter()
            .all(|call| !call.request.is_post())
    );
    assert_eq!(device.shown(0), device.shown(1));
}

/// Found by the simulation: said twice, once in each of two conversations.
#[test]
fn a_message_that_may_have_arrived_is_sent_in_no_other_conversation_without_asking() {
    let mut device = a_leader_that_knows_of_nothing(&["one", "two"]);
    device.begin(1);
    device.given_a_session(1, "s2");
    device.posted(1, 0);
    device.thaw(0);
    device.input(0, tabs::Input::LeadershipLost);
    // The second never went anywhere.
    let post = device.take(1, Request::is_post).request;
    assert!(matches!(post, Request::Message(message) if message.text == "two"));
    let (lost, sending) = (SendState::Failed(FailedBecause::Lost), SendState::Sending);
    let shown = [("one", lost), ("two", sending)].map(|(text, it)| (text.to_owned(), Some(it)));
    assert_eq!(device.shown(1), shown);
    assert_eq!(device.shown(0), shown);
}

#[test]
fn an_ended_conversation_is_not_resumed_by_a_tab_that_thaws() {
    let mut device = two();
    device.freeze(0);
    device.wait(1_500);
    device.input(1, Input::StorageAvailable(false));
    device.handed_over(1, 3, json!([]));
    let ended = json!([{"type": "ChatEnded", "message": {"reason": "agent"}}]);
    device.batch(1, 4, ended);
    let over = device.tabs[1].tab.mirror().stage().cloned();
    assert!(matches!(over, Some(Stage::Ended(_))));
    device.thaw(0);
    device.input(0, tabs::Input::LeadershipLost);
    assert_eq!(device.tabs[1].tab.mirror().stage().cloned(), over);
    assert_eq!(device.polls(), 0);
}

/// Found by the simulation: a request for a chat that the device had kept, and
/// a conversation that it had not, whose lines stood among those of the next.
#[test]
fn lines_that_only_a_closed_tab_knew_stay_above_the_next_conversation() {
    let mut device = two();
    let conversation = device.tabs[0].tab.mirror().clone();
    device.open();
    assert_eq!(*device.tabs[2].tab.mirror(), conversation);
    // The device kept the request only, and no tab heard of the session.
    let opening = json!({"opening": {"organizationId": "00D000000000001"}, "term": 9_000_000});
    device.saved = serde_json::from_value(opening).unwrap();
    device.kill(0);
    assert_eq!(device.tabs[1].tab.mirror().stage(), Some(&Stage::Starting));
    device.given_a_session(1, "s2");
    device.posted(1, 0);
    let mut first = says(1, "Welcome");
    first["message"]["eventId"] = json!("U_1");
    device.batch(1, 1, json!([first]));
    let texts: Vec<_> = device.shown(1).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["Hello", "Welcome"]);
}

/// Found by the simulation: the next leader knew of the second message only, and
/// sent it before the first.
#[test]
fn a_refused_message_is_persisted_with_the_next_one() {
    let mut device = two();
    device.freeze(0);
    device.want(1, Intent::Send("one".into()));
    device.input(1, Input::StorageAvailable(false));
    device.refuses = false;
    device.want(1, Intent::Send("two".into()));
    let kept: Vec<_> = device
        .commands
        .values()
        .map(|command| &command.intent)
        .collect();
    let said = ["one", "two"].map(|text| Intent::Send(text.into()));
    assert_eq!(kept, said.iter().collect::<Vec<_>>());
}

/// Between one conversation and the next there is no session that it could have
/// gone in.
#[test]
fn a_message_sent_before_the_end_is_not_sent_in_the_requested_conversation() {
    let mut device = two();
    device.want(0, Intent::Send("one".into()));
    let line = device.tabs[0].tab.mirror().lines.last().cloned().unwrap();
    device.freeze(0);
    device.wait(1_500);
    device.input(1, Input::StorageAvailable(false));
    // It had arrived.
    device.handed_over(1, 3, json!([mine(3, &line.id.0, "one")]));
    let ended = json!([{"type": "ChatEnded", "message": {"reason": "agent"}}]);
    device.batch(1, 4, ended);
    device.want(1, Intent::StartAgain);
    device.thaw(0);
    device.input(0, tabs::Input::LeadershipLost);
    device.given_a_session(1, "s2");
    device.posted(1, 0);
    let said = |call: &parlor_session::Call| matches!(call.request, Request::Message(_));
    assert!(!device.tabs[1].calls.iter().any(said));
    let lost = Some(SendState::Failed(FailedBecause::Lost));
    assert_eq!(device.shown(1), [("one".to_owned(), lost)]);
}
