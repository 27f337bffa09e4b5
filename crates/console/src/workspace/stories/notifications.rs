//! Desktop notifications, while the agent does not look at the page.

use super::*;

fn notified(console: &mut TestConsole) -> Vec<Notification> {
    let outputs = console.take_outputs().into_iter();
    outputs
        .filter_map(|output| match output {
            Output::Notify(notification) => Some(notification),
            _ => None,
        })
        .collect()
}

fn kinds(console: &mut TestConsole) -> Vec<NotificationKind> {
    let notified = notified(console).into_iter();
    notified.map(|it| it.kind).collect()
}

fn look_away(console: &mut TestConsole) {
    console.input(Input::FocusChanged(false));
    console.take_outputs();
}

fn closed(console: &mut TestConsole, chat: &str) -> bool {
    let close = Output::CloseNotification(chat.into());
    console.take_outputs().contains(&close)
}

fn waits(console: &mut TestConsole, chat: &str) {
    console.push(
        "incoming_chat",
        json!({ "chat": full_chat(chat, None, &[]) }),
    );
}

#[test]
fn who_waits_is_told_by_name_and_without_words() {
    let mut console = answering_ada();
    waits(&mut console, "B");
    assert_eq!(kinds(&mut console), [], "the agent looks at the page");
    look_away(&mut console);
    let asked = full_chat("C", None, &[event("C", 1, "cem", "my password is hunter2")]);
    console.push("incoming_chat", json!({ "chat": asked }));
    let told = notified(&mut console);
    let expected = Notification {
        kind: NotificationKind::Waiting,
        chat: "C".into(),
        thread: Some("C1".into()),
        name: Some("Cem".to_owned()),
        team: None,
    };
    assert_eq!(told, [expected]);
    assert!(!format!("{told:?}").contains("hunter2"));
}

#[test]
fn an_address_is_not_shown_in_place_of_a_name() {
    let mut console = answering_ada();
    look_away(&mut console);
    let mut chat = full_chat("B", None, &[]);
    chat["users"][0] = json!({ "id": "ben", "type": "customer", "email": "ben@example.com" });
    console.push("incoming_chat", json!({ "chat": chat }));
    assert_eq!(notified(&mut console)[0].name, None);
}

#[test]
fn messages_of_my_chats_are_told_and_those_of_others_are_not() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(BEA))]);
    look_away(&mut console);
    console.receive_from_ada(1, "hello");
    assert_eq!(kinds(&mut console), [NotificationKind::Message]);
    let mut by_me = incoming_event(ME, 2, "hello Ada");
    console.push("incoming_event", by_me.clone());
    by_me["chat_id"] = json!("B");
    by_me["thread_id"] = json!("B1");
    by_me["event"] = event("B", 1, "ben", "hello");
    console.push("incoming_event", by_me);
    assert_eq!(kinds(&mut console), []);
    // The chat is open, and the agent does not see it all the same.
    console.select("A");
    console.take_outputs();
    console.receive_from_ada(3, "are you there?");
    assert_eq!(kinds(&mut console), [NotificationKind::Message]);
}

#[test]
fn chats_that_are_given_transferred_and_offered_to_me_are_told() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, Some(BEA)), summary("B", 2, None)]);
    look_away(&mut console);
    let given = full_chat("C", Some(ME), &[]);
    console.push("incoming_chat", json!({ "chat": given }));
    assert_eq!(kinds(&mut console), [NotificationKind::Assigned]);
    console.push("user_added_to_chat", user_added("A", ME));
    assert_eq!(kinds(&mut console), [NotificationKind::Transferred]);
    let of_sales = json!({ "group_ids": [2] });
    let handed_on = full_chat("D", Some(ME), &[]);
    console.push(
        "incoming_chat",
        json!({ "chat": handed_on, "transferred_from": of_sales }),
    );
    assert_eq!(kinds(&mut console), [NotificationKind::Transferred]);
    let offered = |to: &str| json!({ "chat_id": "B", "thread_id": "B1", "agent_id": to });
    console.push("chat_offered", offered(BEA));
    assert_eq!(kinds(&mut console), []);
    console.push("chat_offered", offered(ME));
    assert_eq!(kinds(&mut console), [NotificationKind::Offered]);
}

#[test]
fn what_is_over_is_closed() {
    let mut console = answering_ada();
    look_away(&mut console);
    waits(&mut console, "B");
    console.push("user_added_to_chat", user_added("B", BEA));
    assert!(closed(&mut console, "B"), "a colleague has accepted it");
    waits(&mut console, "C");
    console.input(Input::FocusChanged(true));
    let outputs = console.take_outputs();
    assert!(outputs.contains(&Output::CloseNotification("C".into())));
    assert!(!outputs.contains(&Output::CloseNotification("B".into())));
}

#[test]
fn signing_out_closes_them() {
    let mut console = answering_ada();
    look_away(&mut console);
    waits(&mut console, "B");
    console.input(Input::SignedOutElsewhere);
    assert!(closed(&mut console, "B"));
}

#[test]
fn an_agent_who_is_offline_is_told_nothing() {
    let mut console = answering_ada();
    console.act(Intent::SetStatus(RoutingStatus::Offline));
    look_away(&mut console);
    waits(&mut console, "B");
    assert_eq!(kinds(&mut console), []);
}

#[test]
fn several_who_wait_after_a_lost_connection_are_told_together() {
    let mut console = TestConsole::signed_in(&[summary("A", 1, None)]);
    look_away(&mut console);
    console.lose_socket();
    console.advance(limits::BACKOFF_FIRST);
    console.open_socket();
    let chats = [
        summary("A", 1, None),
        summary("B", 2, None),
        summary("C", 3, None),
    ];
    console.log_in_fresh(&chats);
    let told = notified(&mut console);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, NotificationKind::SeveralWaiting(2));
    assert_eq!(told[0].chat.as_str(), "B", "who waits longest of them");
}

#[test]
fn a_click_opens_the_chat() {
    let mut console = answering_ada();
    look_away(&mut console);
    waits(&mut console, "B");
    let told = notified(&mut console).remove(0);
    console.act(Intent::OpenNotified(told.clone()));
    let open = |console: &TestConsole| console.workspace.open_chat().unwrap().chat.to_string();
    assert_eq!(open(&console), "B");
    assert!(console.take_outputs().contains(&Output::FocusConversation));
    // The visitor has left meanwhile.
    console.select("A");
    let gone = json!({ "chat_id": "B", "thread_id": "B1", "user_id": "ben" });
    console.push("chat_deactivated", gone);
    console.act(Intent::OpenNotified(told));
    assert_eq!(open(&console), "B");
}

#[test]
fn a_callback_that_is_due_is_told_and_opened() {
    let mut console = TestConsole::signed_in(&[]);
    look_away(&mut console);
    let message = json!({ "chat_id": "B", "thread_id": "B1", "created_at": began(1), "name": "Ben",
        "text": "secret", "is_open": true, "callback": { "type": "chat" } });
    while let Some((id, call)) = console.message_calls.pop_front() {
        let is_callbacks = matches!(call, Call::ListOfflineMessages(it) if it.callbacks);
        let messages = if is_callbacks {
            vec![message.clone()]
        } else {
            vec![]
        };
        let list = json!({ "messages": messages, "total": messages.len() });
        let list = Reply::OfflineMessages(decode_value(list).unwrap());
        console.input(Input::CallReply(id, Ok(list)));
    }
    let told = notified(&mut console).remove(0);
    assert_eq!(told.kind, NotificationKind::CallbackDue);
    assert_eq!(told.name.as_deref(), Some("Ben"));
    console.act(Intent::OpenNotified(told));
    let fetch = console.calls.iter().find_map(|(_, call)| match call {
        Call::GetChat(fetch) => fetch.thread_id.clone(),
        _ => None,
    });
    assert_eq!(fetch, Some("B1".into()));
}

#[test]
fn a_refusal_of_the_browser_is_said() {
    let mut console = answering_ada();
    let why = NotificationRefusal::Blocked;
    console.input(Input::NotificationsRefused(why));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NoNotifications(why))
    );
}
