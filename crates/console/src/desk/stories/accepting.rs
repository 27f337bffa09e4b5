use super::*;

#[test]
fn lists_are_told_by_who_answers_and_the_longest_wait_is_first() {
    let day = Day::with(&[
        summary("B", 5, None),
        summary("A", 2, None),
        summary("C", 1, Some(BEA)),
        summary("M", 3, Some(ME)),
    ]);
    assert_eq!(day.names(|lists| &lists.waiting), ["A", "B"]);
    assert_eq!(day.names(|lists| &lists.mine), ["M"]);
    assert_eq!(day.names(|lists| &lists.colleagues), ["C"]);
    let lists = day.desk.lists();
    assert_eq!(lists.colleagues[0].with.as_deref(), Some("Bea"));
}

#[test]
fn new_visitor_is_seen_and_heard() {
    let mut day = Day::with(&[]);
    assert_eq!(day.chimes(), 0);
    day.push("incoming_chat", json!({ "chat": whole("A", None, &[]) }));
    assert_eq!(day.names(|lists| &lists.waiting), ["A"]);
    let heard = day.heard();
    assert!(heard.contains(&Output::Chime(Chime::Waiting)));
    let told = Announcement::Waiting(Some("Ada".to_owned()));
    assert!(heard.contains(&Output::Announce(told)));
    assert!(day.calls.is_empty(), "it came whole");
}

#[test]
fn who_is_offline_hears_nothing() {
    let mut day = Day::with(&[]);
    day.push(
        "routing_status_set",
        json!({ "agent_id": ME, "status": "offline" }),
    );
    day.push("incoming_chat", json!({ "chat": whole("A", None, &[]) }));
    assert_eq!(day.chimes(), 0);
}

#[test]
fn accepted_chat_moves_when_the_endpoint_says_so() {
    let mut day = Day::with(&[summary("A", 1, None)]);
    day.select("A");
    day.answer(Ok(snapshot("A", None, &[])));
    day.heard();
    day.want(Intent::Enter);
    day.want(Intent::Enter);
    assert_eq!(day.calls.len(), 1, "asked once");
    assert!(day.desk.open().unwrap().accepting);
    assert_eq!(day.names(|lists| &lists.waiting), ["A"], "not yet mine");

    day.push("user_added_to_chat", came("A", ME));
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
    let heard = day.heard();
    assert!(heard.contains(&Output::FocusReply));
    assert!(!heard.contains(&Output::Chime(Chime::Waiting)), "I know");
}

#[test]
fn a_colleague_was_faster() {
    let mut day = Day::with(&[summary("A", 1, None)]);
    day.select("A");
    day.answer(Ok(snapshot("A", None, &[])));
    day.want(Intent::Accept);
    day.answer(Err(Fault::Refused));
    assert_eq!(day.desk.notice(), Some(Notice::NotAccepted(Fault::Refused)));
    assert!(!day.desk.open().unwrap().accepting);
    day.push("user_added_to_chat", came("A", BEA));
    assert_eq!(day.names(|lists| &lists.colleagues), ["A"]);
    day.pass(limits::NOTICE_LASTS);
    assert_eq!(day.desk.notice(), None);
}

#[test]
fn push_that_is_late_is_not_waited_for() {
    let mut day = Day::with(&[summary("A", 1, None)]);
    day.select("A");
    day.answer(Ok(snapshot("A", None, &[])));
    day.want(Intent::Accept);
    day.answer(Ok(Reply::Done));
    day.answer_where(is_fetch, Ok(snapshot("A", Some(ME), &[])));
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn next_and_previous_go_through_all_lists_and_stop_at_their_ends() {
    let mut day = Day::with(&[
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
        day.want(intent);
        seen.push(day.desk.open().unwrap().chat.to_string());
    }
    assert_eq!(seen, ["A", "B", "C", "C", "B"]);
    assert!(day.heard().contains(&Output::FocusRow(chat("B"))));
}
