use super::*;

fn deactivated(by: &str) -> Value {
    json!({ "chat_id": "A", "thread_id": "A1", "user_id": by })
}

#[test]
fn visitor_who_leaves_stays_in_view_until_i_turn_away() {
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
fn chat_that_i_end_leaves_the_list_at_once() {
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
fn end_that_fails_is_told() {
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
fn reply_that_is_still_written_is_not_thrown_away_with_the_chat() {
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
fn visitor_who_comes_back_begins_a_new_thread() {
    let mut console = answering_ada();
    console.push("chat_deactivated", deactivated("ada"));
    let mut chat = full_chat("A", None, &[]);
    chat["thread"]["id"] = json!("A2");
    chat["thread"]["created_at"] = json!(began(30));
    console.push("incoming_chat", json!({ "chat": chat }));
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
    assert_eq!(console.texts(), Vec::<String>::new());
    // What is late from the old thread changes nothing.
    console.push("chat_deactivated", deactivated("ada"));
    assert_eq!(console.names(|lists| &lists.waiting), ["A"]);
}
