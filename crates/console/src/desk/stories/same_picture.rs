//! Pushes applied one by one, some of them twice and with answers in between, give the picture that
//! a fresh fetch gives.

use proptest::prelude::*;

use super::*;

/// What happens to chat `A`, in this order.
fn happenings() -> Vec<(&'static str, Value)> {
    let system = json!({ "chat_id": "A", "thread_id": "A1", "event": {
        "id": "A1_3", "type": "system_message", "system_message_type": "routing.assigned",
        "text": "Mia joined the chat", "created_at": "2023-11-14T22:13:03.000003Z",
        "visibility": "all" } });
    vec![
        ("incoming_chat", json!({ "chat": whole("A", None, &[]) })),
        ("incoming_event", said_by("ada", 1, "hello")),
        ("incoming_event", said_by("ada", 2, "anybody?")),
        ("incoming_event", system),
        ("user_added_to_chat", came("A", ME)),
        ("incoming_event", said_by(ME, 4, "yes")),
        ("incoming_event", said_by("ada", 5, "good")),
        ("incoming_event", said_by("ada", 6, "bye")),
    ]
}

/// The chat as a fetch shows it after the first `count` of them.
fn after(count: usize) -> Reply {
    let happened: Vec<_> = happenings().into_iter().take(count).collect();
    let events: Vec<Value> = happened
        .iter()
        .filter(|(action, _)| *action == "incoming_event")
        .map(|(_, payload)| payload["event"].clone())
        .collect();
    let accepted = happened
        .iter()
        .any(|(action, _)| *action == "user_added_to_chat");
    snapshot("A", accepted.then_some(ME), &events)
}

proptest! {
    #[test]
    fn pushes_and_fetches_in_any_mixture_end_in_the_same_picture(
        // After each push: was the chat opened anew, is a fetch answered, and how old is the answer.
        between in prop::collection::vec((any::<bool>(), any::<bool>(), 0_usize..3, any::<bool>()), 8),
    ) {
        let mut day = Day::with(&[]);
        day.tell(Input::Watched(false));
        let mut asked = BTreeMap::new();
        for (at, ((action, payload), (open, answer, late, twice))) in
            happenings().into_iter().zip(between).enumerate()
        {
            day.push(action, payload.clone());
            if twice {
                day.push_at(Some(day.position), action, payload);
            }
            if open {
                day.want(Intent::Deselect);
                if let Some(chat) = day.desk.chats.get_mut(&chat("A")) {
                    chat.want();
                }
                day.select("A");
            }
            for (id, call) in &day.calls {
                if is_fetch(call) {
                    asked.entry(*id).or_insert(at + 1);
                }
            }
            // An answer may be older than the newest push, and never older than the question.
            let pending = day.calls.iter().position(|(_, call)| is_fetch(call));
            if let Some(pending) = pending.filter(|_| answer) {
                let (id, _) = day.calls.remove(pending).unwrap();
                let count = (at + 1).saturating_sub(late).max(asked[&id]);
                day.tell(Input::Answered(id, Ok(after(count))));
            }
        }
        while day.calls.iter().any(|(_, call)| is_fetch(call)) {
            day.answer_where(is_fetch, Ok(after(8)));
        }
        day.select("A");
        prop_assert_eq!(day.texts(), ["hello", "anybody?", "Mia joined the chat", "yes", "good", "bye"]);
        prop_assert_eq!(day.names(|lists| &lists.mine), ["A"]);
        prop_assert!(day.names(|lists| &lists.waiting).is_empty());
    }
}
