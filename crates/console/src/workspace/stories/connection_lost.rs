use super::*;

#[test]
fn silent_connection_is_closed_and_a_ping_keeps_it_open() {
    let mut console = answering_ada();
    let pings = |console: &TestConsole| {
        console
            .transmitted
            .iter()
            .filter(|it| it.action == "ping")
            .count()
    };
    console.advance(limits::PING_EVERY);
    assert_eq!(pings(&console), 1);
    console.receive(Frame::Response(Response {
        request_id: None,
        action: "ping".to_owned(),
        success: true,
        payload: json!({}),
    }));
    console.advance(limits::SILENCE_TIMEOUT - 1);
    assert_eq!(
        console.workspace.connection_status(),
        ConnectionStatus::Online
    );
    console.advance(1);
    assert_eq!(
        console.workspace.connection_status(),
        ConnectionStatus::Reconnecting
    );
}

#[test]
fn reconnect_pauses_grow_up_to_the_ceiling() {
    let mut console = answering_ada();
    console.lose_socket();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let at = console.alarm.expect("a next try");
        pauses.push(at - console.now);
        console.advance(at - console.now);
        console.lose_socket();
        console.reply_where(|call| *call == Call::WhoAmI, Ok(profile("accepting_chats")));
    }
    assert!(pauses[0] <= limits::BACKOFF_FIRST);
    assert!(pauses.iter().all(|pause| *pause <= limits::BACKOFF_CEILING));
    assert!(*pauses.last().unwrap() > limits::BACKOFF_CEILING / 2);
}

#[test]
fn refused_socket_checks_the_session() {
    let mut console = answering_ada();
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.lose_socket();
    console.reply_where(|call| *call == Call::WhoAmI, Err(Fault::SignedOut));
    assert!(matches!(
        console.workspace.sign_in_stage(),
        SignInStage::SignedOut {
            problem: Some(SignInProblem::SessionEnded),
            ..
        }
    ));
    console.advance(60_000);
    assert_eq!(console.socket, None);
}

#[test]
fn socket_that_does_not_open_times_out() {
    let mut console = answering_ada();
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    let first = console.socket.unwrap();
    console.advance(limits::OPENING_TAKES + limits::BACKOFF_CEILING);
    assert!(console.socket.unwrap() > first);
    console.input(Input::SocketOpened(first));
    assert_eq!(
        console.transmitted.last().unwrap().action,
        "login",
        "only the first one's"
    );
    assert_eq!(
        console
            .transmitted
            .iter()
            .filter(|it| it.action == "login")
            .count(),
        1
    );
}

#[test]
fn returning_network_reconnects_at_once() {
    let mut console = answering_ada();
    console.lose_socket();
    assert_eq!(console.socket, None);
    console.input(Input::Online);
    assert!(console.socket.is_some());
}

#[test]
fn laptop_wakes_after_an_hour() {
    let mut console = answering_ada();
    console.now += 3_600_000;
    console.input(Input::Wake);
    assert_eq!(
        console.workspace.connection_status(),
        ConnectionStatus::Reconnecting
    );
    console.advance(limits::BACKOFF_FIRST);
    assert!(console.socket.is_some());
}

#[test]
fn lost_connection_clears_typing_indicators() {
    let mut console = answering_ada();
    console.push_at(
        None,
        "incoming_sneak_peek",
        json!({ "chat_id": "A", "sneak_peek": { "author_id": "ada", "text": "I wou" } }),
    );
    assert!(console.workspace.typing_preview().typing);
    console.lose_socket();
    assert!(!console.workspace.typing_preview().typing);
}
