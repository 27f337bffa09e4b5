//! Earlier conversations are read when somebody wants to see them.

use super::*;

fn is_asked(call: &Call) -> bool {
    matches!(call, Call::ListThreads(_))
}

/// A page with these threads of chat `A`.
fn page(numbers: &[u64], next: Option<&str>) -> Reply {
    let threads: Vec<Value> = numbers
        .iter()
        .map(|number| {
            let said = event("A", *number, "ada", "as before");
            json!({ "id": format!("A{number}"), "created_at": began(1), "active": false,
                "user_ids": [], "tags": ["old"], "events": [said] })
        })
        .collect();
    let list = json!({ "threads": threads, "found_threads": 9, "next_page_id": next });
    Reply::Threads(decode_value(list).unwrap())
}

fn with_past() -> Day {
    let mut day = Day::with(&[summary("A", 1, Some(ME))]);
    day.select("A");
    let mut chat = whole("A", Some(ME), &[]);
    chat["thread"]["previous_thread_id"] = json!("A0");
    let chat = Reply::Chat(Box::new(decode_value(chat).unwrap()));
    day.answer_where(is_fetch, Ok(chat));
    day
}

fn keys(day: &Day) -> Vec<String> {
    let threads = day.desk.past().threads.into_iter();
    threads.map(|thread| thread.key).collect()
}

#[test]
fn they_are_offered_and_read_page_by_page() {
    let mut day = with_past();
    assert!(day.desk.past().more);
    assert!(
        !day.calls.iter().any(|(_, call)| is_asked(call)),
        "nobody asked"
    );
    day.want(Intent::ReadPast);
    day.want(Intent::ReadPast);
    assert!(day.desk.past().busy);
    day.answer_where(is_asked, Ok(page(&[1, 5, 4], Some("p2"))));
    assert!(
        !day.calls.iter().any(|(_, call)| is_asked(call)),
        "asked once"
    );
    assert_eq!(
        keys(&day),
        ["A5", "A4"],
        "the present one is no earlier one"
    );
    let first = &day.desk.past().threads[0];
    assert_eq!(first.tags, ["old"]);
    assert_eq!(first.entries[0].body, Body::Text("as before".to_owned()));
    day.want(Intent::ReadPast);
    let call = day.answer_where(is_asked, Ok(page(&[4, 3], None)));
    assert!(
        matches!(call, Call::ListThreads(it) if it.page_id.as_deref() == Some("p2") && it.limit.is_none())
    );
    assert_eq!(keys(&day), ["A5", "A4", "A3"]);
    assert!(!day.desk.past().more);
    day.want(Intent::ReadPast);
    assert!(
        !day.calls.iter().any(|(_, call)| is_asked(call)),
        "there is nothing more"
    );
}

#[test]
fn they_did_not_come_and_are_asked_for_again() {
    let mut day = with_past();
    day.want(Intent::ReadPast);
    day.answer_where(is_asked, Err(Fault::Offline));
    assert!(day.desk.past().failed);
    day.want(Intent::ReadPast);
    day.answer_where(is_asked, Ok(page(&[0], None)));
    assert_eq!(keys(&day), ["A0"]);
}

#[test]
fn conversation_that_may_not_be_seen_says_why() {
    let mut day = with_past();
    day.want(Intent::ReadPast);
    let list = json!({ "threads": [{ "id": "A0", "created_at": began(1), "active": false,
        "restricted_access": "Older than 60 days" }], "found_threads": 1 });
    day.answer_where(is_asked, Ok(Reply::Threads(decode_value(list).unwrap())));
    let past = day.desk.past();
    assert_eq!(
        past.threads[0].restricted.as_deref(),
        Some("Older than 60 days")
    );
}

#[test]
fn who_is_here_for_the_first_time_has_none() {
    let day = with_ada();
    assert!(!day.desk.past().more);
}
