//! Pushes applied one by one, some of them twice and with fetch replies in between, end in the same
//! state as a fresh fetch.

use proptest::prelude::*;

use super::*;

/// The pushes about chat `A`, in order.
fn pushes() -> Vec<(&'static str, Value)> {
    let system = json!({ "chat_id": "A", "thread_id": "A1", "event": {
        "id": "A1_3", "type": "system_message", "system_message_type": "routing.assigned",
        "text": "Mia joined the chat", "created_at": "2023-11-14T22:13:03.000003Z",
        "visibility": "all" } });
    vec![
        (
            "incoming_chat",
            json!({ "chat": full_chat("A", None, &[]) }),
        ),
        ("incoming_event", incoming_event("ada", 1, "hello")),
        ("incoming_event", incoming_event("ada", 2, "anybody?")),
        ("incoming_event", system),
        ("user_added_to_chat", user_added("A", ME)),
        ("incoming_event", incoming_event(ME, 4, "yes")),
        ("incoming_event", incoming_event("ada", 5, "good")),
        ("incoming_event", incoming_event("ada", 6, "bye")),
    ]
}

/// The reply to a fetch after the first `count` pushes.
fn after(count: usize) -> Reply {
    let happened: Vec<_> = pushes().into_iter().take(count).collect();
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
    fn pushes_and_fetches_in_any_order_end_in_the_same_state(
        // After each push: is the chat opened again, is a fetch answered, how old is the reply, and
        // is the push sent twice.
        between in prop::collection::vec((any::<bool>(), any::<bool>(), 0_usize..3, any::<bool>()), 8),
    ) {
        let mut console = TestConsole::signed_in(&[]);
        console.input(Input::FocusChanged(false));
        let mut asked = BTreeMap::new();
        for (at, ((action, payload), (open, answer, late, twice))) in
            pushes().into_iter().zip(between).enumerate()
        {
            console.push(action, payload.clone());
            if twice {
                console.push_at(Some(console.position), action, payload);
            }
            if open {
                console.act(Intent::Deselect);
                if let Some(chat) = console.workspace.chats.get_mut(&chat("A")) {
                    chat.request_fetch();
                }
                console.select("A");
            }
            for (id, call) in &console.calls {
                if is_fetch(call) {
                    asked.entry(*id).or_insert(at + 1);
                }
            }
            // A reply may be older than the newest push, and is never older than its call.
            let pending = console.calls.iter().position(|(_, call)| is_fetch(call));
            if let Some(pending) = pending.filter(|_| answer) {
                let (id, _) = console.calls.remove(pending).unwrap();
                let count = (at + 1).saturating_sub(late).max(asked[&id]);
                console.input(Input::CallReply(id, Ok(after(count))));
            }
        }
        while console.calls.iter().any(|(_, call)| is_fetch(call)) {
            console.reply_where(is_fetch, Ok(after(8)));
        }
        console.select("A");
        prop_assert_eq!(console.texts(), ["hello", "anybody?", "Mia joined the chat", "yes", "good", "bye"]);
        prop_assert_eq!(console.names(|lists| &lists.mine), ["A"]);
        prop_assert!(console.names(|lists| &lists.waiting).is_empty());
    }
}
