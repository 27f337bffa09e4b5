use super::*;

#[test]
fn silence_is_death_and_a_ping_keeps_alive() {
    let mut day = with_ada();
    let pings = |day: &Day| {
        day.transmitted
            .iter()
            .filter(|it| it.action == "ping")
            .count()
    };
    day.pass(limits::PING_EVERY);
    assert_eq!(pings(&day), 1);
    day.hear(Frame::Response(Response {
        request_id: None,
        action: "ping".to_owned(),
        success: true,
        payload: json!({}),
    }));
    day.pass(limits::SILENCE_IS_DEATH - 1);
    assert_eq!(day.desk.connection(), Connection::Live);
    day.pass(1);
    assert_eq!(day.desk.connection(), Connection::Reconnecting);
}

#[test]
fn pauses_grow_and_end_at_the_ceiling() {
    let mut day = with_ada();
    day.lose_socket();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let at = day.alarm.expect("a next try");
        pauses.push(at - day.now);
        day.pass(at - day.now);
        day.lose_socket();
        day.answer_where(|call| *call == Call::WhoAmI, Ok(profile("accepting_chats")));
    }
    assert!(pauses[0] <= limits::BACKOFF_FIRST);
    assert!(pauses.iter().all(|pause| *pause <= limits::BACKOFF_CEILING));
    assert!(*pauses.last().unwrap() > limits::BACKOFF_CEILING / 2);
}

#[test]
fn socket_that_is_refused_may_mean_that_nobody_is_signed_in() {
    let mut day = with_ada();
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    day.lose_socket();
    day.answer_where(|call| *call == Call::WhoAmI, Err(Fault::SignedOut));
    assert!(matches!(
        day.desk.stage(),
        Stage::SignedOut {
            trouble: Some(Trouble::SessionOver),
            ..
        }
    ));
    day.pass(60_000);
    assert_eq!(day.socket, None);
}

#[test]
fn socket_that_never_opens_is_given_up() {
    let mut day = with_ada();
    day.lose_socket();
    day.pass(limits::BACKOFF_FIRST);
    let first = day.socket.unwrap();
    day.pass(limits::OPENING_TAKES + limits::BACKOFF_CEILING);
    assert!(day.socket.unwrap() > first);
    day.tell(Input::Opened(first));
    assert_eq!(
        day.transmitted.last().unwrap().action,
        "login",
        "only the first one's"
    );
    assert_eq!(
        day.transmitted
            .iter()
            .filter(|it| it.action == "login")
            .count(),
        1
    );
}

#[test]
fn network_that_comes_back_is_used_at_once() {
    let mut day = with_ada();
    day.lose_socket();
    assert_eq!(day.socket, None);
    day.tell(Input::Online);
    assert!(day.socket.is_some());
}

#[test]
fn laptop_wakes_after_an_hour() {
    let mut day = with_ada();
    day.now += 3_600_000;
    day.tell(Input::Woke);
    assert_eq!(day.desk.connection(), Connection::Reconnecting);
    day.pass(limits::BACKOFF_FIRST);
    assert!(day.socket.is_some());
}

#[test]
fn nobody_is_heard_typing_over_a_dead_line() {
    let mut day = with_ada();
    day.push_at(
        None,
        "incoming_sneak_peek",
        json!({ "chat_id": "A", "sneak_peek": { "author_id": "ada", "text": "I wou" } }),
    );
    assert!(day.desk.live().typing);
    day.lose_socket();
    assert!(!day.desk.live().typing);
}
