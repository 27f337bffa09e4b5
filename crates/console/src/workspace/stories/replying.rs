use parlor_wire::Visibility;
use parlor_wire::agent::EventSent;

use super::*;

fn sent(number: u64) -> Reply {
    Reply::Sent(EventSent {
        event_id: format!("A1_{number}").as_str().into(),
    })
}

fn echo(number: u64, text: &str, custom_id: &str) -> Value {
    let mut push = incoming_event(ME, number, text);
    push["event"]["custom_id"] = json!(custom_id);
    push
}

fn deliveries(console: &TestConsole) -> Vec<Delivery> {
    let entries = console.workspace.entries().into_iter();
    entries.map(|entry| entry.delivery).collect()
}

#[test]
fn reply_is_shown_at_once_and_only_once() {
    let mut console = answering_ada();
    console.send("good morning");
    assert_eq!(console.texts(), ["hello", "good morning"]);
    assert_eq!(deliveries(&console)[1], Delivery::Sending);
    assert_eq!(console.workspace.draft().text, "");
    let custom_id = console.sends()[0].0.clone();
    console.reply_where(is_send, Ok(sent(2)));
    assert_eq!(console.texts(), ["hello", "good morning"]);
    console.push("incoming_event", echo(2, "good morning", &custom_id));
    assert_eq!(console.texts(), ["hello", "good morning"]);
    assert_eq!(deliveries(&console)[1], Delivery::Stored);
}

#[test]
fn event_may_arrive_before_the_reply_to_the_call() {
    let mut console = answering_ada();
    console.send("good morning");
    let custom_id = console.sends()[0].0.clone();
    console.push("incoming_event", echo(2, "good morning", &custom_id));
    console.reply_where(is_send, Ok(sent(2)));
    assert_eq!(console.texts(), ["hello", "good morning"]);
}

#[test]
fn failed_reply_is_sent_again_with_the_same_id() {
    let mut console = answering_ada();
    console.send("good morning");
    let first = console.sends();
    console.reply_where(is_send, Err(Fault::Offline));
    assert!(matches!(deliveries(&console)[1], Delivery::Delayed));
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(console.sends(), first);
}

#[test]
fn second_reply_waits_for_the_first() {
    let mut console = answering_ada();
    console.send("one");
    console.send("two");
    assert_eq!(console.sends().len(), 1);
    console.reply_where(is_send, Err(Fault::Offline));
    assert!(console.sends().is_empty());
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(console.sends()[0].1, "one");
    console.reply_where(is_send, Ok(sent(2)));
    assert_eq!(console.sends()[0].1, "two");
}

#[test]
fn waiting_replies_are_sent_after_reconnecting() {
    let mut console = answering_ada();
    console.send("one");
    console.lose_socket();
    for _ in 0..4 {
        console.reply_where(is_send, Err(Fault::Offline));
        let at = console.alarm.expect("a next try");
        console.advance(at - console.now);
        while console.sends().is_empty() {
            let at = console.alarm.expect("a next try");
            console.advance(at - console.now);
            console.lose_socket();
        }
    }
    console.reply_where(is_send, Err(Fault::Offline));
    assert!(console.sends().is_empty(), "the pause is long by now");
    console.input(Input::Online);
    console.open_socket();
    console.log_in_resumed();
    assert_eq!(console.sends()[0].1, "one");
}

#[test]
fn refused_reply_can_be_tried_again_or_forgotten() {
    let mut console = answering_ada();
    console.send("one");
    console.reply_where(is_send, Err(Fault::Gone));
    let Delivery::Refused(custom_id) = deliveries(&console)[1].clone() else {
        panic!("{:?}", deliveries(&console));
    };
    console.advance(120_000);
    assert!(console.sends().is_empty(), "not by itself");
    console.act(Intent::Resend(custom_id.clone()));
    assert_eq!(console.sends()[0].0, custom_id.to_string());
    console.reply_where(is_send, Err(Fault::Refused));
    console.act(Intent::Discard(custom_id));
    assert_eq!(console.texts(), ["hello"]);
}

#[test]
fn note_is_for_agents_and_stays_so_until_it_is_turned_off() {
    let mut console = answering_ada();
    console.act(Intent::NoteMode(true));
    console.send("difficult");
    console.reply_where(is_send, Ok(sent(2)));
    console.send("very");
    let Some((_, Call::SendEvent(send))) = console.calls.iter().find(|(_, call)| is_send(call))
    else {
        panic!("no send");
    };
    assert_eq!(send.event.visibility, Some(Visibility::Agents));
    assert!(
        console.workspace.entries()[1..]
            .iter()
            .all(|entry| entry.note)
    );
    assert!(console.workspace.draft().note);
}

#[test]
fn missing_event_of_a_sent_reply_causes_a_fetch() {
    let mut console = answering_ada();
    console.send("one");
    console.reply_where(is_send, Ok(sent(2)));
    assert!(!console.calls.iter().any(|(_, call)| is_fetch(call)));
    console.advance(limits::ECHO_TAKES);
    assert_eq!(
        console
            .calls
            .iter()
            .filter(|(_, call)| is_fetch(call))
            .count(),
        1
    );
}

#[test]
fn each_chat_keeps_its_own_draft() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    console.act(Intent::Write("for Ada".to_owned()));
    console.select("B");
    assert_eq!(console.workspace.draft().text, "");
    console.act(Intent::Write("for Ben".to_owned()));
    console.select("A");
    assert_eq!(console.workspace.draft().text, "for Ada");
}

#[test]
fn empty_and_too_long_replies_are_not_sent() {
    let mut console = answering_ada();
    console.send("  \n ");
    assert!(console.sends().is_empty());
    let long = "é".repeat(9_000);
    console.send(&long);
    assert!(console.sends().is_empty());
    assert_eq!(console.workspace.notice(), Some(Notice::TooLong));
    assert_eq!(console.workspace.draft().text, long, "it is not lost");
}
