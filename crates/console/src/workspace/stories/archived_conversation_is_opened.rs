//! A conversation of the archive is shown whole, dealt with, and exported.

use super::archive_is_searched::{act, listed, with_results};
use super::*;

/// Thread `A1` with these events, over since.
fn thread(events: &[Value], has_earlier: bool) -> Reply {
    let mut chat = full_chat("A", None, events);
    chat["thread"]["active"] = json!(false);
    chat["thread"]["queue"] = Value::Null;
    chat["thread"]["tags"] = json!(["vip"]);
    chat["thread"]["has_earlier_events"] = json!(has_earlier);
    chat["thread"]["properties"] = json!({ "rating": { "score": 1, "comment": "So kind" } });
    Reply::Chat(Box::new(decode_value(chat).unwrap()))
}

fn opened() -> TestConsole {
    let mut console = with_results(&["A1", "B1"], None);
    act(&mut console, ArchiveIntent::Open("A".into(), "A1".into()));
    let said = [event("A", 1, "ada", "hello"), event("A", 2, ME, "Good day")];
    console.reply_where(is_fetch, Ok(thread(&said, false)));
    console
}

fn shown(console: &TestConsole) -> ArchivedChat {
    console
        .workspace
        .archived_chat()
        .expect("an open conversation")
}

fn texts(console: &TestConsole) -> Vec<Body> {
    let entries = shown(console).entries.into_iter();
    entries.map(|entry| entry.body).collect()
}

fn is_call(call: &Call, name: &str) -> bool {
    format!("{call:?}").starts_with(name)
}

#[test]
fn all_its_events_are_loaded() {
    let mut console = with_results(&["A1"], None);
    act(&mut console, ArchiveIntent::Open("A".into(), "A1".into()));
    assert!(shown(&console).busy);
    assert_eq!(
        shown(&console).name.as_deref(),
        Some("Ada"),
        "from the list"
    );
    let call = console.reply_where(is_fetch, Ok(thread(&[event("A", 2, ME, "newer")], true)));
    assert!(matches!(call, Call::GetChat(it) if it.thread_id == Some("A1".into())));
    assert!(shown(&console).busy);
    let call = console.reply_where(
        is_fetch,
        Ok(thread(&[event("A", 1, "ada", "older")], false)),
    );
    assert!(matches!(call, Call::GetChat(it) if it.events_before == Some("A1_2".into())));
    let said = ["older", "newer"].map(|text| Body::Text(text.to_owned()));
    assert_eq!(texts(&console), said);
    let chat = shown(&console);
    assert!(!chat.busy);
    assert_eq!(chat.tags, ["vip"]);
    let rating = RatingView {
        good: Some(true),
        comment: Some("So kind".to_owned()),
    };
    assert_eq!(chat.rating, Some(rating.clone()));
    assert_eq!(chat.person.rating, Some(rating));
}

#[test]
fn late_reply_for_another_conversation_is_dropped() {
    let mut console = with_results(&["A1", "B1"], None);
    act(&mut console, ArchiveIntent::Open("B".into(), "B1".into()));
    act(&mut console, ArchiveIntent::Open("A".into(), "A1".into()));
    let of = |name: &'static str| move |call: &Call| matches!(call, Call::GetChat(it) if it.chat_id.as_str() == name);
    console.reply_where(of("A"), Ok(thread(&[event("A", 1, "ada", "hello")], false)));
    console.reply_where(of("B"), Err(Fault::Gone));
    assert_eq!(shown(&console).failed, None);
    assert_eq!(texts(&console), [Body::Text("hello".to_owned())]);
}

#[test]
fn it_is_shown_while_the_visitor_chats_again() {
    let mut console = TestConsole::signed_in(&[summary("A", 5, Some(ME))]);
    super::archive_is_searched::show(&mut console, Section::Archive);
    console.calls.clear();
    act(&mut console, ArchiveIntent::Open("A".into(), "A1".into()));
    console.reply_where(
        is_fetch,
        Ok(thread(&[event("A", 1, "ada", "before")], false)),
    );
    assert_eq!(texts(&console), [Body::Text("before".to_owned())]);
    assert_eq!(
        console.names(|lists| &lists.mine),
        ["A"],
        "the chat goes on"
    );
}

#[test]
fn one_that_could_not_be_loaded_is_loaded_again() {
    let mut console = with_results(&["A1"], None);
    act(&mut console, ArchiveIntent::Open("A".into(), "A1".into()));
    console.reply_where(is_fetch, Err(Fault::Offline));
    assert_eq!(shown(&console).failed, Some(Fault::Offline));
    act(&mut console, ArchiveIntent::LoadAgain);
    console.reply_where(
        is_fetch,
        Ok(thread(&[event("A", 1, "ada", "hello")], false)),
    );
    assert_eq!(shown(&console).failed, None);
}

#[test]
fn it_is_marked_as_read_when_the_server_has_it() {
    let mut console = opened();
    act(&mut console, ArchiveIntent::MarkUnread(false));
    assert_eq!(shown(&console).unread, Some(true));
    let marks = |call: &Call| is_call(call, "UpdateArchivedThread");
    console.reply_where(marks, Ok(Reply::Done));
    assert_eq!(shown(&console).unread, Some(false));
    assert!(!console.workspace.archive_results().pages[0][0].unread);
    act(&mut console, ArchiveIntent::MarkUnread(true));
    console.reply_where(marks, Err(Fault::Offline));
    assert_eq!(shown(&console).unread, Some(false));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotMarked(Fault::Offline))
    );
}

#[test]
fn tags_are_added_and_removed() {
    let mut console = opened();
    act(
        &mut console,
        ArchiveIntent::AddTag(" refund  asked ".to_owned()),
    );
    let call = console.reply_where(|call| is_call(call, "TagThread"), Ok(Reply::Done));
    assert!(
        matches!(call, Call::TagThread(it) if it.thread_id == "A1".into() && it.tag == "refund asked")
    );
    assert_eq!(shown(&console).tags, ["vip", "refund asked"]);
    assert_eq!(
        console.workspace.archive_results().pages[0][0].tags,
        ["vip", "refund asked"]
    );
    act(&mut console, ArchiveIntent::RemoveTag("vip".to_owned()));
    console.reply_where(|call| is_call(call, "UntagThread"), Ok(Reply::Done));
    assert_eq!(shown(&console).tags, ["refund asked"]);
}

#[test]
fn it_is_opened_again_among_the_chats() {
    let mut console = opened();
    act(&mut console, ArchiveIntent::Reopen);
    act(&mut console, ArchiveIntent::Reopen);
    assert!(shown(&console).reopening);
    let reopens = |call: &Call| is_call(call, "ResumeChat");
    console.reply_where(reopens, Err(Fault::Refused));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotReopened(Fault::Refused))
    );
    assert_eq!(console.workspace.section(), Section::Archive);
    act(&mut console, ArchiveIntent::Reopen);
    console.reply_where(reopens, Ok(Reply::Done));
    assert!(
        !console.calls.iter().any(|(_, call)| reopens(call)),
        "asked once"
    );
    assert_eq!(console.workspace.section(), Section::Chats);
    assert_eq!(console.workspace.open_chat().unwrap().chat, "A".into());
}

#[test]
fn it_is_exported_whole() {
    let mut console = opened();
    console.take_outputs();
    act(&mut console, ArchiveIntent::Export(ExportKind::Text));
    act(&mut console, ArchiveIntent::Export(ExportKind::Json));
    act(&mut console, ArchiveIntent::Export(ExportKind::Print));
    let mut files = Vec::new();
    for output in console.take_outputs() {
        match output {
            Output::Download {
                name,
                kind,
                content,
            } => files.push((name, kind, content)),
            Output::Print => files.push(("paper".to_owned(), "", String::new())),
            _ => {}
        }
    }
    let names: Vec<_> = files
        .iter()
        .map(|(name, kind, _)| (name.as_str(), *kind))
        .collect();
    assert_eq!(
        names,
        [
            ("conversation-A1.txt", "text/plain"),
            ("conversation-A1.json", "application/json"),
            ("paper", "")
        ]
    );
    let text = &files[0].2;
    for line in [
        "Visitor: Ada",
        "Rating: good",
        "Comment: So kind",
        "Tags: vip",
        "[2023-11-14 22:13:01] Ada: hello",
        "[2023-11-14 22:13:02] mia@example.com: Good day",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let json: Value = serde_json::from_str(&files[1].2).unwrap();
    assert_eq!(json["thread"]["events"].as_array().unwrap().len(), 2);
    assert_eq!(json["thread"]["properties"]["rating"]["comment"], "So kind");
}

#[test]
fn nothing_is_exported_before_all_is_loaded() {
    let mut console = with_results(&["A1"], None);
    act(&mut console, ArchiveIntent::Open("A".into(), "A1".into()));
    console.take_outputs();
    act(&mut console, ArchiveIntent::Export(ExportKind::Json));
    assert!(
        console
            .take_outputs()
            .iter()
            .all(|it| !matches!(it, Output::Download { .. }))
    );
}

#[test]
fn focus_goes_back_to_the_result() {
    let mut console = opened();
    assert!(console.take_outputs().contains(&Output::FocusConversation));
    act(&mut console, ArchiveIntent::Close);
    assert!(
        console
            .take_outputs()
            .contains(&Output::FocusResult("A1".into()))
    );
    assert_eq!(console.workspace.archived_chat(), None);
    assert_eq!(listed(&console), ["A1", "B1"]);
}

#[test]
fn arrows_of_the_lists_go_through_the_results() {
    let mut console = opened();
    console.act(Intent::SelectNext);
    assert_eq!(shown(&console).thread, "B1".into());
    console.act(Intent::SelectPrevious);
    assert_eq!(shown(&console).thread, "A1".into());
}

// The comment was stored as a property, which the console did not read.
#[test]
fn rating_reaches_the_agent_of_a_live_chat() {
    let mut console = answering_ada();
    let rated = json!({ "chat_id": "A", "thread_id": "A1",
        "properties": { "rating": { "score": 0, "comment": "Too slow" } } });
    console.push("thread_properties_updated", rated);
    let rating = console.workspace.person().unwrap().rating.unwrap();
    assert_eq!(rating.good, Some(false));
    assert_eq!(rating.comment.as_deref(), Some("Too slow"));
}
