//! The page is reloaded: drafts, the open chat and what was not dismissed are there again.

use super::*;

/// Mia is signed in again after a reload, and these chats are active.
fn signed_in_again(console: &mut TestConsole, chats: &[Value]) {
    console.reload();
    console.reply(Ok(profile("accepting_chats")));
    console.open_socket();
    console.log_in_fresh(chats);
}

fn two_of_mine() -> [Value; 2] {
    [summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]
}

fn ended(chat: &str) -> Reply {
    let mut chat = full_chat(chat, Some(ME), &[event(chat, 1, "ada", "hello")]);
    chat["thread"]["active"] = json!(false);
    Reply::Chat(Box::new(decode_value(chat).unwrap()))
}

fn of(chat: &'static str) -> impl Fn(&Call) -> bool {
    move |call| matches!(call, Call::GetChat(call) if call.chat_id.as_str() == chat)
}

fn open_chat(console: &TestConsole) -> Option<String> {
    let open = console.workspace.open_chat()?;
    Some(open.chat.to_string())
}

#[test]
fn drafts_and_the_open_chat_are_there_again() {
    let mut console = TestConsole::signed_in(&two_of_mine());
    console.select("A");
    console.act(Intent::Write("half a sent".to_owned()));
    console.select("B");
    console.act(Intent::Write("for colleagues".to_owned()));
    console.act(Intent::NoteMode(true));
    signed_in_again(&mut console, &two_of_mine());
    assert_eq!(open_chat(&console).as_deref(), Some("B"));
    let draft = |text: &str, note| Draft {
        text: text.to_owned(),
        note,
    };
    assert_eq!(console.workspace.draft(), draft("for colleagues", true));
    console.select("A");
    assert_eq!(console.workspace.draft(), draft("half a sent", false));
}

#[test]
fn what_was_sent_or_deleted_is_not_there_again() {
    let mut console = TestConsole::signed_in(&two_of_mine());
    console.select("A");
    console.send("sent");
    console.select("B");
    console.act(Intent::Write("x".to_owned()));
    console.act(Intent::Write(String::new()));
    console.act(Intent::Deselect);
    let saved = console.saved.as_ref().unwrap();
    assert_eq!(saved.drafts, []);
    assert_eq!(saved.open, None);
}

#[test]
fn a_reload_before_the_login_loses_nothing() {
    let mut console = answering_ada();
    console.act(Intent::Write("half a sent".to_owned()));
    console.reload();
    console.reply(Ok(profile("accepting_chats")));
    console.open_socket();
    signed_in_again(&mut console, &two_of_mine());
    assert_eq!(console.workspace.draft().text, "half a sent");
}

#[test]
fn signing_out_removes_what_was_stored() {
    let mut console = answering_ada();
    console.act(Intent::Write("half a sent".to_owned()));
    console.calls.clear();
    assert!(console.saved.is_some());
    console.act(Intent::SignOut);
    console.reply(Ok(Reply::Done));
    assert_eq!(console.saved, None);
    assert!(console.take_outputs().contains(&Output::TellSignedOut));
    console.advance(limits::NOTICE_LASTS);
    assert_eq!(console.saved, None, "and nothing is stored again");
}

#[test]
fn signing_out_in_another_tab_removes_it_here_too() {
    for session_has_ended in [false, true] {
        let mut console = answering_ada();
        console.act(Intent::Write("half a sent".to_owned()));
        console.calls.clear();
        if session_has_ended {
            console.act(Intent::LoadTemplates);
            console.reply(Err(Fault::SignedOut));
            assert!(
                console.saved.is_some(),
                "it is there after signing in again"
            );
        }
        console.input(Input::SignedOutElsewhere);
        assert_eq!(console.saved, None);
        assert_eq!(console.workspace.open_chat(), None);
        assert_ne!(console.workspace.sign_in_stage(), SignInStage::SignedIn);
        let told = console.take_outputs().contains(&Output::TellSignedOut);
        assert!(!told, "no echo");
    }
}

#[test]
fn another_agent_finds_nothing() {
    let mut console = answering_ada();
    console.act(Intent::Write("not for Bea's eyes".to_owned()));
    console.reload();
    let bea = json!({ "id": BEA, "type": "agent", "name": "Bea" });
    console.reply(Ok(Reply::Profile(Box::new(
        decode_value(bea.clone()).unwrap(),
    ))));
    assert_eq!(console.saved, None);
    console.open_socket();
    console.login_reply(json!({ "my_profile": bea, "chats_summary": two_of_mine(),
        "position": 100, "fresh": true }));
    assert_eq!(open_chat(&console), None);
    console.select("A");
    assert_eq!(console.workspace.draft(), Draft::default());
}

#[test]
fn what_is_stored_is_bounded_in_number_size_and_age() {
    let chats: Vec<Value> = (0..limits::DRAFTS_SAVED + 2)
        .map(|n| summary(&format!("C{n:02}"), 1, Some(ME)))
        .collect();
    let mut console = TestConsole::signed_in(&chats);
    for chat in &chats {
        console.now += 1;
        console.select(chat["id"].as_str().unwrap());
        console.act(Intent::Write("draft".to_owned()));
    }
    let saved = console.saved.as_ref().unwrap();
    assert_eq!(saved.drafts.len(), limits::DRAFTS_SAVED);
    let oldest = saved.drafts.last().unwrap();
    assert_eq!(oldest.chat.as_str(), "C02", "the newest are kept");
    console.act(Intent::Write("x".repeat(limits::DRAFT_SAVED_BYTES + 1)));
    let saved = console.saved.as_ref().unwrap();
    assert!(saved.drafts.iter().all(|draft| draft.text == "draft"));

    console.now += limits::DRAFT_LASTS - 10;
    console.select("C20");
    console.act(Intent::Write("young".to_owned()));
    console.now += 10;
    console.reload();
    let saved = console.saved.as_ref().unwrap();
    let drafts: Vec<&str> = saved.drafts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(drafts, ["young"], "removed from the storage as well");
}

#[test]
fn ended_chats_stay_listed_over_a_reload_until_they_are_dismissed() {
    let mut console = TestConsole::signed_in(&two_of_mine());
    for chat in ["A", "B"] {
        let thread = format!("{chat}1");
        let payload = json!({ "chat_id": chat, "thread_id": thread, "user_id": ME });
        console.push("chat_deactivated", payload);
    }
    console.select("A");
    console.act(Intent::Dismiss);
    console.select("B");
    signed_in_again(&mut console, &[]);
    assert!(!console.calls.iter().any(|(_, call)| of("A")(call)));
    let fetch = console.reply_where(of("B"), Ok(ended("B")));
    assert!(matches!(fetch, Call::GetChat(fetch) if fetch.thread_id == Some("B1".into())));
    assert_eq!(console.names(|lists| &lists.mine), ["B"]);
    let open = console.workspace.open_chat().unwrap();
    assert!(open.kept && !open.answering);
    assert_eq!(console.texts(), ["hello"]);
}

#[test]
fn a_chat_that_ends_during_the_reload_is_listed_as_ended() {
    let mut console = TestConsole::signed_in(&two_of_mine());
    signed_in_again(&mut console, &[summary("B", 2, Some(ME))]);
    console.reply_where(of("A"), Ok(ended("A")));
    let lists = console.workspace.lists();
    let rows: Vec<(&str, bool)> = lists
        .mine
        .iter()
        .map(|row| (row.chat.as_str(), row.ended))
        .collect();
    assert_eq!(rows, [("A", true), ("B", false)]);
}

#[test]
fn a_chat_that_a_colleague_has_by_then_is_not_mine() {
    let mut console = TestConsole::signed_in(&two_of_mine());
    signed_in_again(&mut console, &[summary("A", 1, Some(BEA))]);
    assert_eq!(console.names(|lists| &lists.mine), Vec::<String>::new());
    assert_eq!(console.names(|lists| &lists.team), ["A"]);
}

#[test]
fn an_answer_to_an_ended_chat_goes_on_after_a_reload() {
    let mut console = TestConsole::signed_in(&[]);
    console.act(Intent::OpenEnded("B".into(), "B1".into()));
    console.reply_where(of("B"), Ok(ended("B")));
    console.act(Intent::AnswerEnded);
    console.act(Intent::Write("It has stop".to_owned()));
    signed_in_again(&mut console, &[]);
    console.reply_where(of("B"), Ok(ended("B")));
    assert!(console.workspace.open_chat().unwrap().answering);
    assert_eq!(console.workspace.draft().text, "It has stop");
    console.act(Intent::Send);
    assert_eq!(console.sends().len(), 1);
}

#[test]
fn a_chat_that_is_not_seen_any_more_is_closed() {
    let mut console = answering_ada();
    console.act(Intent::Write("half a sent".to_owned()));
    signed_in_again(&mut console, &[]);
    console.reply_where(of("A"), Err(Fault::Gone));
    assert_eq!(open_chat(&console), None);
    assert_eq!(console.saved.as_ref().unwrap().drafts, []);
}
