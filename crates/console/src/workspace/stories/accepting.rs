use super::*;

#[test]
fn chats_are_listed_by_agent_and_longest_wait_first() {
    let console = TestConsole::signed_in(&[
        summary("B", 5, None),
        summary("A", 2, None),
        summary("C", 1, Some(BEA)),
        summary("M", 3, Some(ME)),
    ]);
    assert_eq!(console.names(|lists| &lists.waiting), ["A", "B"]);
    assert_eq!(console.names(|lists| &lists.mine), ["M"]);
    assert_eq!(console.names(|lists| &lists.team), ["C"]);
    let lists = console.workspace.lists();
    assert_eq!(lists.team[0].agent_name.as_deref(), Some("Bea"));
}

#[test]
fn new_visitor_is_listed_with_a_sound() {
    let mut console = TestConsole::signed_in(&[]);
    assert_eq!(console.chimes(), 0);
    console.push(
        "incoming_chat",
        json!({ "chat": full_chat("A", None, &[]) }),
    );
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
    let heard = console.take_outputs();
    assert!(heard.contains(&Output::Chime(Chime::Waiting)));
    let announcement = Announcement::Waiting(Some("Ada".to_owned()));
    assert!(heard.contains(&Output::Announce(announcement)));
    assert!(console.calls.is_empty(), "it came whole");
}

#[test]
fn offline_agent_hears_no_sound() {
    let mut console = TestConsole::signed_in(&[]);
    console.push(
        "routing_status_set",
        json!({ "agent_id": ME, "status": "offline" }),
    );
    console.push(
        "incoming_chat",
        json!({ "chat": full_chat("A", None, &[]) }),
    );
    assert_eq!(console.chimes(), 0);
}

#[test]
fn accepted_chat_moves_when_the_server_confirms_it() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, None)]);
    console.select("A");
    console.reply(Ok(snapshot("A", None, &[])));
    console.take_outputs();
    console.act(Intent::Enter);
    console.act(Intent::Enter);
    assert_eq!(console.calls.len(), 1, "asked once");
    assert!(console.workspace.open_chat().unwrap().accepting);
    assert_eq!(console.names(|lists| &lists.waiting), ["A"], "not yet mine");

    console.push("user_added_to_chat", user_added("A", ME));
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
    let heard = console.take_outputs();
    assert!(heard.contains(&Output::FocusReply));
    assert!(!heard.contains(&Output::Chime(Chime::Waiting)), "I know");
}

#[test]
fn chat_accepted_by_a_colleague_first() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, None)]);
    console.select("A");
    console.reply(Ok(snapshot("A", None, &[])));
    console.act(Intent::Accept);
    console.reply(Err(Fault::Refused));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotAccepted(Fault::Refused))
    );
    assert!(!console.workspace.open_chat().unwrap().accepting);
    console.push("user_added_to_chat", user_added("A", BEA));
    assert_eq!(console.names(|lists| &lists.team), ["A"]);
    console.advance(limits::NOTICE_LASTS);
    assert_eq!(console.workspace.notice(), None);
}

#[test]
fn late_push_is_replaced_by_a_fetch() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, None)]);
    console.select("A");
    console.reply(Ok(snapshot("A", None, &[])));
    console.act(Intent::Accept);
    console.reply(Ok(Reply::Done));
    console.reply_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn next_and_previous_go_through_all_lists_without_wrapping() {
    let mut console = TestConsole::signed_in(&[
        summary("A", 1, None),
        summary("B", 2, Some(ME)),
        summary("C", 3, Some(BEA)),
    ]);
    let mut seen = Vec::new();
    for intent in [
        Intent::SelectNext,
        Intent::SelectNext,
        Intent::SelectNext,
        Intent::SelectNext,
        Intent::SelectPrevious,
    ] {
        console.act(intent);
        seen.push(console.workspace.open_chat().unwrap().chat.to_string());
    }
    assert_eq!(seen, ["A", "B", "C", "C", "B"]);
    assert!(
        console
            .take_outputs()
            .contains(&Output::FocusRow(chat("B")))
    );
}
