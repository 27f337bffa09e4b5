use parlor_wire::Visibility;
use parlor_wire::agent::EventSent;

use super::*;

fn sent(number: u64) -> Reply {
    Reply::Sent(EventSent {
        event_id: format!("A1_{number}").as_str().into(),
    })
}

fn echo(number: u64, text: &str, custom_id: &str) -> Value {
    let mut push = said_by(ME, number, text);
    push["event"]["custom_id"] = json!(custom_id);
    push
}

fn deliveries(day: &Day) -> Vec<Delivery> {
    let entries = day.desk.entries().into_iter();
    entries.map(|entry| entry.delivery).collect()
}

#[test]
fn reply_is_shown_at_once_and_once() {
    let mut day = with_ada();
    day.say("good morning");
    assert_eq!(day.texts(), ["hello", "good morning"]);
    assert_eq!(deliveries(&day)[1], Delivery::Sending);
    assert_eq!(day.desk.draft().text, "");
    let custom_id = day.sends()[0].0.clone();
    day.answer_where(is_send, Ok(sent(2)));
    assert_eq!(day.texts(), ["hello", "good morning"]);
    day.push("incoming_event", echo(2, "good morning", &custom_id));
    assert_eq!(day.texts(), ["hello", "good morning"]);
    assert_eq!(deliveries(&day)[1], Delivery::Kept);
}

#[test]
fn event_may_come_before_the_answer() {
    let mut day = with_ada();
    day.say("good morning");
    let custom_id = day.sends()[0].0.clone();
    day.push("incoming_event", echo(2, "good morning", &custom_id));
    day.answer_where(is_send, Ok(sent(2)));
    assert_eq!(day.texts(), ["hello", "good morning"]);
}

#[test]
fn reply_lost_after_send_goes_again_under_its_own_id() {
    let mut day = with_ada();
    day.say("good morning");
    let first = day.sends();
    day.answer_where(is_send, Err(Fault::Offline));
    assert!(matches!(deliveries(&day)[1], Delivery::Delayed));
    day.pass(limits::BACKOFF_FIRST);
    assert_eq!(day.sends(), first);
}

#[test]
fn second_reply_waits_for_the_first() {
    let mut day = with_ada();
    day.say("one");
    day.say("two");
    assert_eq!(day.sends().len(), 1);
    day.answer_where(is_send, Err(Fault::Offline));
    assert!(day.sends().is_empty());
    day.pass(limits::BACKOFF_FIRST);
    assert_eq!(day.sends()[0].1, "one");
    day.answer_where(is_send, Ok(sent(2)));
    assert_eq!(day.sends()[0].1, "two");
}

#[test]
fn line_that_is_up_again_brings_held_replies_on_their_way() {
    let mut day = with_ada();
    day.say("one");
    day.lose_socket();
    for _ in 0..4 {
        day.answer_where(is_send, Err(Fault::Offline));
        let at = day.alarm.expect("a next try");
        day.pass(at - day.now);
        while day.sends().is_empty() {
            let at = day.alarm.expect("a next try");
            day.pass(at - day.now);
            day.lose_socket();
        }
    }
    day.answer_where(is_send, Err(Fault::Offline));
    assert!(day.sends().is_empty(), "the pause is long by now");
    day.tell(Input::Online);
    day.open_socket();
    day.welcome_back();
    assert_eq!(day.sends()[0].1, "one");
}

#[test]
fn refused_reply_can_be_tried_again_or_forgotten() {
    let mut day = with_ada();
    day.say("one");
    day.answer_where(is_send, Err(Fault::Gone));
    let Delivery::Refused(custom_id) = deliveries(&day)[1].clone() else {
        panic!("{:?}", deliveries(&day));
    };
    day.pass(120_000);
    assert!(day.sends().is_empty(), "not by itself");
    day.want(Intent::Resend(custom_id.clone()));
    assert_eq!(day.sends()[0].0, custom_id.to_string());
    day.answer_where(is_send, Err(Fault::Refused));
    day.want(Intent::Discard(custom_id));
    assert_eq!(day.texts(), ["hello"]);
}

#[test]
fn note_is_for_agents_and_stays_so_until_it_is_turned_off() {
    let mut day = with_ada();
    day.want(Intent::NoteMode(true));
    day.say("difficult");
    day.answer_where(is_send, Ok(sent(2)));
    day.say("very");
    let Some((_, Call::SendEvent(send))) = day.calls.iter().find(|(_, call)| is_send(call)) else {
        panic!("no send");
    };
    assert_eq!(send.event.visibility, Some(Visibility::Agents));
    assert!(day.desk.entries()[1..].iter().all(|entry| entry.note));
    assert!(day.desk.draft().note);
}

#[test]
fn echo_that_does_not_come_is_asked_for() {
    let mut day = with_ada();
    day.say("one");
    day.answer_where(is_send, Ok(sent(2)));
    assert!(!day.calls.iter().any(|(_, call)| is_fetch(call)));
    day.pass(limits::ECHO_TAKES);
    assert_eq!(
        day.calls.iter().filter(|(_, call)| is_fetch(call)).count(),
        1
    );
}

#[test]
fn each_chat_keeps_its_own_draft() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    day.select("A");
    day.want(Intent::Write("for Ada".to_owned()));
    day.select("B");
    assert_eq!(day.desk.draft().text, "");
    day.want(Intent::Write("for Ben".to_owned()));
    day.select("A");
    assert_eq!(day.desk.draft().text, "for Ada");
}

#[test]
fn nothing_and_too_much_are_not_sent() {
    let mut day = with_ada();
    day.say("  \n ");
    assert!(day.sends().is_empty());
    let long = "é".repeat(9_000);
    day.say(&long);
    assert!(day.sends().is_empty());
    assert_eq!(day.desk.notice(), Some(Notice::TooLong));
    assert_eq!(day.desk.draft().text, long, "it is not lost");
}
