use super::*;

fn deactivated(by: &str) -> Value {
    json!({ "chat_id": "A", "thread_id": "A1", "user_id": by })
}

#[test]
fn visitor_who_leaves_stays_in_view_until_i_turn_away() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    day.select("B");
    day.push("chat_deactivated", deactivated("ada"));
    assert!(day.desk.lists().mine[0].ended);
    day.select("A");
    assert_eq!(day.desk.open().unwrap().place, Place::Ended);
    day.select("B");
    assert_eq!(day.names(|lists| &lists.mine), ["B"]);
}

#[test]
fn chat_that_i_end_leaves_the_list_at_once() {
    let mut day = with_ada();
    day.want(Intent::End);
    day.want(Intent::End);
    assert_eq!(day.calls.len(), 1);
    assert!(day.desk.open().unwrap().ending);
    day.push("chat_deactivated", deactivated(ME));
    assert_eq!(day.names(|lists| &lists.mine), Vec::<String>::new());
    assert_eq!(day.texts(), ["hello"], "and can still be read");
    assert!(day.heard().contains(&Output::FocusConversation));
}

#[test]
fn end_that_fails_is_told() {
    let mut day = with_ada();
    day.want(Intent::End);
    day.answer(Err(Fault::Offline));
    assert_eq!(day.desk.notice(), Some(Notice::NotEnded(Fault::Offline)));
    assert!(!day.desk.open().unwrap().ending);
    assert_eq!(day.names(|lists| &lists.mine), ["A"]);
}

#[test]
fn reply_that_is_still_written_is_not_thrown_away_with_the_chat() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    day.select("A");
    day.want(Intent::Write("wait, I".to_owned()));
    day.push("chat_deactivated", deactivated("ada"));
    day.select("B");
    day.push("incoming_chat", json!({ "chat": whole("A", None, &[]) }));
    day.select("A");
    assert_eq!(day.desk.draft().text, "wait, I");
}

#[test]
fn visitor_who_comes_back_begins_a_new_thread() {
    let mut day = with_ada();
    day.push("chat_deactivated", deactivated("ada"));
    let mut chat = whole("A", None, &[]);
    chat["thread"]["id"] = json!("A2");
    chat["thread"]["created_at"] = json!(began(30));
    day.push("incoming_chat", json!({ "chat": chat }));
    assert_eq!(day.names(|lists| &lists.waiting), ["A"]);
    assert_eq!(day.texts(), Vec::<String>::new());
    // What is late from the old thread changes nothing.
    day.push("chat_deactivated", deactivated("ada"));
    assert_eq!(day.names(|lists| &lists.waiting), ["A"]);
}
