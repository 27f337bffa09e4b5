//! The time of a callback comes: the agent is rung, and the list says so.

use super::*;

/// At 22:13:20 the test begins.
fn callback(thread: &str, due: &str) -> Value {
    json!({ "chat_id": "A", "thread_id": thread, "created_at": began(1), "name": "Ada",
        "text": "The blue pot", "is_open": true, "callback": { "type": "chat" }, "due_at": due })
}

fn at(time: &str) -> String {
    format!("2023-11-14T{time}.000000Z")
}

fn answer(console: &mut TestConsole, callbacks: &[Value]) {
    while let Some((id, call)) = console.message_calls.pop_front() {
        let Call::ListOfflineMessages(call) = call else {
            panic!("another call");
        };
        let messages = if call.callbacks { callbacks } else { &[] };
        let list = json!({ "messages": messages, "total": messages.len() });
        let list = Reply::OfflineMessages(decode_value(list).unwrap());
        console.input(Input::CallReply(id, Ok(list)));
    }
}

fn with_callbacks(callbacks: &[Value]) -> TestConsole {
    let mut console = TestConsole::signed_in(&[]);
    console.take_outputs();
    answer(&mut console, callbacks);
    console
}

/// Lets time pass, and the server answers pings.
fn wait(console: &mut TestConsole, mut millis: Millis) {
    while millis > 0 {
        let step = millis.min(limits::PING_EVERY);
        console.advance(step);
        millis -= step;
        console.receive(Frame::Response(Response {
            request_id: None,
            action: "ping".to_owned(),
            success: true,
            payload: Value::Null,
        }));
    }
}

fn due(console: &TestConsole) -> Vec<String> {
    let rows = console.workspace.callbacks().rows.into_iter();
    rows.filter(|row| row.is_due)
        .map(|row| row.thread.to_string())
        .collect()
}

/// What was announced, and whether a sound was made.
fn told(console: &mut TestConsole) -> (Option<Announcement>, bool) {
    let outputs = console.take_outputs();
    let rings = outputs.contains(&Output::Chime(Chime::Waiting));
    let told = outputs.into_iter().find_map(|output| match output {
        Output::Announce(told) => Some(told),
        _ => None,
    });
    (told, rings)
}

fn of_ada() -> (Option<Announcement>, bool) {
    let told = Announcement::CallbackDue(Some("Ada".to_owned()));
    (Some(told), true)
}

const NOTHING: (Option<Announcement>, bool) = (None, false);

#[test]
fn it_rings_at_its_time_and_once() {
    let mut console = with_callbacks(&[
        callback("A1", &at("22:14:00")),
        callback("A2", &at("22:15:00")),
    ]);
    assert_eq!(told(&mut console), NOTHING);
    wait(&mut console, 39_999);
    assert_eq!((due(&console), told(&mut console)), (vec![], NOTHING));
    wait(&mut console, 1);
    assert_eq!(due(&console), ["A1"]);
    assert_eq!(told(&mut console), of_ada());
    wait(&mut console, 59_999);
    assert_eq!(told(&mut console), NOTHING);
    wait(&mut console, 1);
    assert_eq!(due(&console), ["A1", "A2"]);
    assert_eq!(told(&mut console), of_ada());
    wait(&mut console, 600_000);
    assert_eq!(told(&mut console), NOTHING);
}

#[test]
fn one_that_is_due_already_rings_when_the_page_is_opened() {
    let mut console = with_callbacks(&[
        callback("A1", &at("22:00:00")),
        callback("A2", &at("22:01:00")),
    ]);
    assert_eq!(due(&console), ["A1", "A2"]);
    let both = Some(Announcement::CallbacksDue(2));
    assert_eq!(told(&mut console), (both, true));
    console.reload();
    console.reply(Ok(profile("accepting_chats")));
    console.open_socket();
    console.log_in_fresh(&[]);
    console.take_outputs();
    answer(&mut console, &[callback("A1", &at("22:00:00"))]);
    assert_eq!(told(&mut console), of_ada());
}

#[test]
fn a_new_one_without_times_rings_at_once() {
    let mut console = with_callbacks(&[]);
    let mut push = callback("A1", "");
    push.as_object_mut().unwrap().remove("due_at");
    console.push("offline_message_updated", json!({ "message": push }));
    assert_eq!(due(&console), ["A1"]);
    assert!(console.chimes() > 0);
}

#[test]
fn one_that_is_to_be_made_again_rings_again() {
    let mut console = with_callbacks(&[callback("A1", &at("22:00:00"))]);
    told(&mut console);
    let mut closed = callback("A1", &at("22:00:00"));
    closed["is_open"] = json!(false);
    console.push("offline_message_updated", json!({ "message": closed }));
    assert_eq!(due(&console), [] as [String; 0]);
    let again = callback("A1", &at("22:14:00"));
    console.push("offline_message_updated", json!({ "message": again }));
    told(&mut console);
    wait(&mut console, 40_000);
    assert_eq!(told(&mut console), of_ada());
}

#[test]
fn the_servers_clock_counts() {
    let mut console = with_callbacks(&[callback("A1", &at("22:14:00"))]);
    console.input(Input::ClockMeasured(30_000));
    wait(&mut console, 9_999);
    assert_eq!(due(&console), [] as [String; 0]);
    wait(&mut console, 1);
    assert_eq!(due(&console), ["A1"]);
    assert_eq!(told(&mut console), of_ada());
}

#[test]
fn a_list_that_may_be_outdated_does_not_ring() {
    let mut console = with_callbacks(&[callback("A1", &at("22:14:00"))]);
    console.lose_socket();
    console.now += 60_000;
    console.input(Input::Wake);
    assert_eq!(told(&mut console), NOTHING);
    console.open_socket();
    console.log_in_resumed();
    assert_eq!(console.chimes(), 0, "a colleague may have made it");
    answer(&mut console, &[]);
    assert_eq!(told(&mut console), NOTHING);
}
