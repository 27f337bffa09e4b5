use super::*;

fn login(day: &Day) -> Value {
    let login = day.transmitted.iter().rfind(|it| it.action == "login");
    login.unwrap().payload.clone()
}

#[test]
fn first_login_has_no_position_and_later_ones_the_last_seen() {
    let mut day = with_ada();
    assert_eq!(login(&day).get("position"), None);
    day.ada_says(2, "one");
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    assert_eq!(login(&day)["position"], json!(101));
    assert_eq!(login(&day).get("token"), None, "the cookie says it");
    day.welcome_back();
    day.ada_says(3, "two");
    assert_eq!(day.texts(), ["hello", "one", "two"]);
    assert!(
        !day.calls.iter().any(|(_, call)| is_fetch(call)),
        "nothing was missed"
    );
}

#[test]
fn position_that_was_seen_is_ignored() {
    let mut day = with_ada();
    day.ada_says(2, "one");
    let again = json!({ "chat_id": "A", "thread_id": "A1", "user_id": "ada" });
    day.push_at(Some(101), "chat_deactivated", again.clone());
    day.push_at(Some(90), "chat_deactivated", again);
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn gap_is_no_ground_to_build_upon() {
    let mut day = with_ada();
    day.position += 3;
    day.ada_says(5, "four");
    assert_eq!(
        day.texts(),
        ["hello"],
        "not shown as if nothing were missing"
    );
    assert_eq!(day.socket, None);
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    assert_eq!(login(&day).get("position"), None);
    day.welcome(&[summary("A", 1, Some(ME))]);
    let all: Vec<Value> = (1..=5)
        .map(|n| event("A", n, "ada", &n.to_string()))
        .collect();
    day.answer_where(is_fetch, Ok(snapshot("A", Some(ME), &all)));
    assert_eq!(day.texts(), ["1", "2", "3", "4", "5"]);
}

#[test]
fn frame_that_cannot_be_read_may_have_been_anything() {
    let mut day = with_ada();
    day.tell(Input::Garbled(day.socket.unwrap()));
    assert_eq!(day.socket, None);
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    assert_eq!(login(&day).get("position"), None);
}

#[test]
fn away_too_long_shows_what_is_open_now() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, None)]);
    day.select("A");
    while day.calls.iter().any(|(_, call)| is_fetch(call)) {
        day.answer_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    }
    day.calls.clear();
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    day.position = 5_000;
    day.welcome(&[summary("C", 3, None)]);
    assert_eq!(
        day.names(|lists| &lists.waiting),
        ["B", "C"],
        "B is being asked for"
    );
    let mut ended = whole("A", None, &[event("A", 1, "ada", "bye")]);
    ended["thread"]["active"] = json!(false);
    let ended = Reply::Chat(Box::new(decode_value(ended).unwrap()));
    day.answer_where(
        |call| matches!(call, Call::GetChat(get) if get.chat_id == chat("A")),
        Ok(ended),
    );
    day.answer_where(is_fetch, Err(Fault::Gone));
    assert_eq!(day.names(|lists| &lists.waiting), ["C"]);
    assert_eq!(day.texts(), ["bye"], "what was open is still to be read");
    assert!(day.desk.lists().mine[0].ended);
}

#[test]
fn database_from_before_is_another_world() {
    let mut day = with_ada();
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    day.position = 3;
    day.login_reply(json!({ "my_profile": me("accepting_chats"), "position": 3 }));
    day.ada_says(2, "new world");
    assert_eq!(day.desk.entries().len(), 2, "position 4 is not an old one");
}

#[test]
fn answer_from_before_a_push_is_asked_for_again() {
    let mut day = Day::with(&[summary("A", 1, None)]);
    day.select("A");
    assert_eq!(day.calls.len(), 1);
    day.push("user_added_to_chat", came("A", BEA));
    day.answer_where(is_fetch, Ok(snapshot("A", None, &[])));
    assert_eq!(day.calls.len(), 1, "once more");
    day.answer_where(is_fetch, Ok(snapshot("A", Some(BEA), &[])));
    assert_eq!(day.names(|lists| &lists.colleagues), ["A"]);
    assert!(day.calls.is_empty());
}

#[test]
fn event_that_is_missing_in_the_thread_is_asked_for() {
    let mut day = with_ada();
    day.ada_says(4, "four");
    assert_eq!(
        day.calls.iter().filter(|(_, call)| is_fetch(call)).count(),
        1
    );
}

#[test]
fn event_of_an_unknown_chat_is_an_occasion_to_ask() {
    let mut day = Day::with(&[]);
    day.ada_says(1, "hello");
    assert_eq!(day.names(|lists| &lists.mine), Vec::<String>::new());
    day.answer_where(
        is_fetch,
        Ok(snapshot("A", Some(ME), &[event("A", 1, "ada", "hello")])),
    );
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn endpoint_that_fails_is_not_asked_in_a_loop() {
    let mut day = Day::with(&[summary("A", 1, Some(ME))]);
    let mut asked = 0;
    for _ in 0..60 {
        while !day.calls.is_empty() {
            asked += 1;
            day.answer(Err(Fault::Unwell));
        }
        day.pass(1_000);
        // So that the line is not silent.
        day.push_at(None, "something_new", json!({}));
    }
    assert!((4..12).contains(&asked), "{asked} in a minute");
}

#[test]
fn status_that_was_taken_away_in_our_absence_is_taken_back() {
    let mut day = with_ada();
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    day.open_socket();
    day.login_reply(json!({ "my_profile": me("offline"), "position": 101, "fresh": false }));
    let set = day.calls.iter().find_map(|(_, call)| match call {
        Call::SetRoutingStatus(set) => Some(set.status.clone()),
        _ => None,
    });
    assert_eq!(set, Some(RoutingStatus::AcceptingChats));
}
