use super::*;

fn login(console: &TestConsole) -> Value {
    let login = console.transmitted.iter().rfind(|it| it.action == "login");
    login.unwrap().payload.clone()
}

#[test]
fn first_login_has_no_position_and_later_ones_the_last_seen() {
    let mut console = answering_ada();
    assert_eq!(login(&console).get("position"), None);
    console.receive_from_ada(2, "one");
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    assert_eq!(login(&console)["position"], json!(101));
    assert_eq!(login(&console).get("token"), None, "the cookie says it");
    console.log_in_resumed();
    console.receive_from_ada(3, "two");
    assert_eq!(console.texts(), ["hello", "one", "two"]);
    assert!(
        !console.calls.iter().any(|(_, call)| is_fetch(call)),
        "nothing was missed"
    );
}

#[test]
fn known_position_is_ignored() {
    let mut console = answering_ada();
    console.receive_from_ada(2, "one");
    let again = json!({ "chat_id": "A", "thread_id": "A1", "user_id": "ada" });
    console.push_at(Some(101), "chat_deactivated", again.clone());
    console.push_at(Some(90), "chat_deactivated", again);
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn positions_of_pushes_for_others_are_left_out() {
    let mut console = answering_ada();
    console.position += 3;
    console.receive_from_ada(2, "two");
    assert_eq!(console.texts(), ["hello", "two"]);
    assert!(console.socket.is_some());
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    assert_eq!(login(&console)["position"], console.position);
}

#[test]
fn unreadable_frame_causes_a_fresh_login() {
    let mut console = answering_ada();
    console.input(Input::UnreadableFrame(console.socket.unwrap()));
    assert_eq!(console.socket, None);
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    assert_eq!(login(&console).get("position"), None);
}

#[test]
fn fresh_list_replaces_the_known_chats() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, None)]);
    console.select("A");
    while console.calls.iter().any(|(_, call)| is_fetch(call)) {
        console.reply_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    }
    console.calls.clear();
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    console.position = 5_000;
    console.log_in_fresh(&[summary("C", 3, None)]);
    assert_eq!(
        console.names(|lists| &lists.waiting),
        ["B", "C"],
        "B is being asked for"
    );
    let mut ended = full_chat("A", None, &[event("A", 1, "ada", "bye")]);
    ended["thread"]["active"] = json!(false);
    let ended = Reply::Chat(Box::new(decode_value(ended).unwrap()));
    console.reply_where(
        |call| matches!(call, Call::GetChat(get) if get.chat_id == chat("A")),
        Ok(ended),
    );
    console.reply_where(is_fetch, Err(Fault::Gone));
    assert_eq!(console.names(|lists| &lists.waiting), ["C"]);
    assert_eq!(
        console.texts(),
        ["bye"],
        "what was open is still to be read"
    );
    assert!(console.workspace.lists().mine[0].ended);
}

#[test]
fn position_below_the_known_one_causes_a_fresh_list() {
    let mut console = answering_ada();
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    console.position = 3;
    console.login_reply(json!({ "my_profile": me("accepting_chats"), "position": 3 }));
    console.receive_from_ada(2, "new world");
    assert_eq!(
        console.workspace.entries().len(),
        2,
        "position 4 is not an old one"
    );
}

#[test]
fn fetch_reply_older_than_a_push_is_fetched_again() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, None)]);
    console.select("A");
    assert_eq!(console.calls.len(), 1);
    console.push("user_added_to_chat", user_added("A", BEA));
    console.reply_where(is_fetch, Ok(snapshot("A", None, &[])));
    assert_eq!(console.calls.len(), 1, "once more");
    console.reply_where(is_fetch, Ok(snapshot("A", Some(BEA), &[])));
    assert_eq!(console.names(|lists| &lists.team), ["A"]);
    assert!(console.calls.is_empty());
}

#[test]
fn missing_event_number_causes_a_fetch() {
    let mut console = answering_ada();
    console.receive_from_ada(4, "four");
    assert_eq!(
        console
            .calls
            .iter()
            .filter(|(_, call)| is_fetch(call))
            .count(),
        1
    );
}

/// Notes are numbered apart: `A1_1.2` is the second of the chat, after `A1_1`.
#[test]
fn notes_are_in_order_and_a_missing_one_causes_a_fetch() {
    let mut console = answering_ada();
    let note = |console: &mut TestConsole, id: &str, text: &str| {
        let mut push = incoming_event(BEA, 1, text);
        push["event"]["id"] = json!(id);
        push["event"]["visibility"] = json!("agents");
        console.push("incoming_event", push);
    };
    let fetches = |console: &TestConsole| {
        let calls = console.calls.iter();
        calls.filter(|(_, call)| is_fetch(call)).count()
    };
    note(&mut console, "A1_1.1", "first note");
    console.receive_from_ada(2, "two");
    console.receive_from_ada(10, "ten");
    assert_eq!(fetches(&console), 1);
    let mut console = answering_ada();
    note(&mut console, "A1_1.1", "first note");
    note(&mut console, "A1_1.2", "second note");
    console.receive_from_ada(2, "two");
    note(&mut console, "A1_2.3", "third note");
    console.receive_from_ada(3, "three");
    assert_eq!(fetches(&console), 0);
    let after_hello = ["first note", "second note", "two", "third note", "three"];
    assert!(console.texts().ends_with(&after_hello.map(str::to_owned)));
    note(&mut console, "A1_3.5", "fifth note");
    assert_eq!(fetches(&console), 1);
}

#[test]
fn event_of_an_unknown_chat_causes_a_fetch() {
    let mut console = TestConsole::signed_in(&[]);
    console.receive_from_ada(1, "hello");
    assert_eq!(console.names(|lists| &lists.mine), Vec::<String>::new());
    console.reply_where(
        is_fetch,
        Ok(snapshot("A", Some(ME), &[event("A", 1, "ada", "hello")])),
    );
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn failing_server_is_retried_with_back_off() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME))]);
    let mut asked = 0;
    for _ in 0..60 {
        while !console.calls.is_empty() {
            asked += 1;
            console.reply(Err(Fault::ServerError));
        }
        console.advance(1_000);
        // So that the connection does not count as silent.
        console.push_at(None, "something_new", json!({}));
    }
    assert!((4..12).contains(&asked), "{asked} in a minute");
}

#[test]
fn status_lost_while_disconnected_is_set_again() {
    let mut console = answering_ada();
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    console.login_reply(json!({ "my_profile": me("offline"), "position": 101, "fresh": false }));
    let set = console.calls.iter().find_map(|(_, call)| match call {
        Call::SetRoutingStatus(set) => Some(set.status.clone()),
        _ => None,
    });
    assert_eq!(set, Some(RoutingStatus::AcceptingChats));
}

#[test]
fn a_conversation_that_does_not_fit_into_one_reply_is_fetched_in_parts() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(ME))]);
    let part = |numbers: std::ops::Range<u64>| {
        let events: Vec<_> = numbers
            .clone()
            .map(|n| event("A", n, "ada", &format!("line {n}")))
            .collect();
        let mut chat = full_chat("A", Some(ME), &events);
        chat["thread"]["has_earlier_events"] = json!(numbers.start > 1);
        Reply::Chat(Box::new(decode_value(chat).unwrap()))
    };
    let before = |console: &TestConsole| {
        let fetch = console.calls.iter().rfind(|(_, call)| is_fetch(call));
        let Some((_, Call::GetChat(call))) = fetch else {
            panic!("{:?}", console.calls);
        };
        let id = |id: &Option<_>| id.as_ref().map(ToString::to_string);
        (
            id(&call.thread_id),
            call.events_before.as_ref().map(ToString::to_string),
        )
    };
    console.select("A");
    assert_eq!(before(&console), (None, None));
    console.reply_where(is_fetch, Ok(part(5..7)));
    assert_eq!(console.texts(), ["line 5", "line 6"]);
    let next = (Some("A1".to_owned()), Some("A1_5".to_owned()));
    assert_eq!(before(&console), next);
    // A new line is no gap.
    console.receive_from_ada(7, "line 7");
    console.reply_where(is_fetch, Err(Fault::Offline));
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(before(&console), (None, None), "from the newest again");
    console.reply_where(is_fetch, Ok(part(4..8)));
    console.reply_where(is_fetch, Ok(part(3..4)));
    console.reply_where(is_fetch, Ok(part(1..3)));
    let all: Vec<String> = (1..8).map(|n| format!("line {n}")).collect();
    assert_eq!(console.texts(), all);
    assert!(!console.calls.iter().any(|(_, call)| is_fetch(call)));
}
