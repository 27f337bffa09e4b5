use super::*;

fn deactivated(by: &str) -> Value {
    json!({ "chat_id": "A", "thread_id": "A1", "user_id": by })
}

#[test]
fn ended_chat_stays_listed_until_another_is_opened() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("B");
    console.push("chat_deactivated", deactivated("ada"));
    assert!(console.workspace.lists().mine[0].ended);
    console.select("A");
    assert_eq!(
        console.workspace.open_chat().unwrap().status,
        ChatStatus::Ended
    );
    console.select("B");
    assert_eq!(console.names(|lists| &lists.mine), ["B"]);
}

#[test]
fn chat_ended_by_me_leaves_the_list_at_once() {
    let mut console = answering_ada();
    console.act(Intent::End);
    console.act(Intent::End);
    assert_eq!(console.calls.len(), 1);
    assert!(console.workspace.open_chat().unwrap().ending);
    console.push("chat_deactivated", deactivated(ME));
    assert_eq!(console.names(|lists| &lists.mine), Vec::<String>::new());
    assert_eq!(console.texts(), ["hello"], "and can still be read");
    assert!(console.take_outputs().contains(&Output::FocusConversation));
}

#[test]
fn failure_to_end_a_chat_is_shown() {
    let mut console = answering_ada();
    console.act(Intent::End);
    console.reply(Err(Fault::Offline));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotEnded(Fault::Offline))
    );
    assert!(!console.workspace.open_chat().unwrap().ending);
    assert_eq!(console.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn draft_is_kept_when_the_chat_ends() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    console.act(Intent::Write("wait, I".to_owned()));
    console.push("chat_deactivated", deactivated("ada"));
    console.select("B");
    console.push(
        "incoming_chat",
        json!({ "chat": full_chat("A", None, &[]) }),
    );
    console.select("A");
    assert_eq!(console.workspace.draft().text, "wait, I");
}

#[test]
fn returning_visitor_starts_a_new_thread() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    let mut chat = full_chat("A", None, &[]);
    chat["thread"]["id"] = json!("A2");
    chat["thread"]["created_at"] = json!(began(30));
    console.push("incoming_chat", json!({ "chat": chat }));
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
    assert_eq!(console.texts(), Vec::<String>::new());
    // A late push about the old thread changes nothing.
    console.push("chat_deactivated", deactivated("ada"));
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
}
