//! Conversations that are over are searched for, and listed page by page.

use parlor_wire::agent::{FoundArchive, SearchArchive};

use super::*;

pub(super) fn is_search(call: &Call) -> bool {
    matches!(call, Call::SearchArchive(_))
}

/// A page with these conversations, and the id of the next one.
pub(super) fn found(threads: &[&str], next: Option<&str>) -> Reply {
    let thread = |id: &&str| {
        json!({ "chat_id": &id[..1], "thread_id": id, "created_at": began(1), "ended_at": began(3),
            "name": "Ada", "agent_names": ["Mia"], "group_name": "Support", "rating": "good",
            "tags": ["vip"], "unread": true,
            "excerpt": [{ "text": "dark " }, { "text": "chocolate", "found": true }] })
    };
    let results: Vec<Value> = threads.iter().map(thread).collect();
    let page = json!({ "results": results, "total": 120, "next_page_id": next });
    let page: FoundArchive = decode_value(page).unwrap();
    Reply::FoundArchive(page)
}

pub(super) fn show(console: &mut TestConsole, section: Section) {
    let today = Day::parse("2026-11-30").unwrap();
    let zone = Some("Europe/Berlin".to_owned());
    console.act(Intent::ShowSection(section, today, zone));
}

pub(super) fn act(console: &mut TestConsole, intent: ArchiveIntent) {
    console.act(Intent::Archive(intent));
}

/// The archive was opened, and has these conversations.
pub(super) fn with_results(threads: &[&str], next: Option<&str>) -> TestConsole {
    let mut console = TestConsole::signed_in(&[]);
    show(&mut console, Section::Archive);
    console.reply_where(is_search, Ok(found(threads, next)));
    console.take_outputs();
    console
}

fn write(console: &mut TestConsole, text: &str) {
    act(console, ArchiveIntent::Write(text.to_owned(), text.len()));
}

pub(super) fn listed(console: &TestConsole) -> Vec<String> {
    let pages = console.workspace.archive_results().pages;
    let rows = pages.iter().flat_map(|page| page.iter());
    rows.map(|row| row.thread.to_string()).collect()
}

fn asked(console: &TestConsole) -> Vec<SearchArchive> {
    let calls = console.calls.iter().filter_map(|(_, call)| match call {
        Call::SearchArchive(call) => Some(call.clone()),
        _ => None,
    });
    calls.collect()
}

#[test]
fn it_lists_everything_when_it_is_opened() {
    let mut console = TestConsole::signed_in(&[]);
    show(&mut console, Section::Archive);
    assert!(console.take_outputs().contains(&Output::FocusSearch));
    assert!(console.workspace.archive_results().busy);
    let call = console.reply_where(is_search, Ok(found(&["A1", "B1"], Some("7"))));
    assert!(matches!(call, Call::SearchArchive(it) if it.query.is_empty() && it.page_id.is_none()));
    let results = console.workspace.archive_results();
    assert_eq!(
        (results.total, results.more, results.busy),
        (120, true, false)
    );
    let row = &results.pages[0][0];
    assert_eq!(
        row.excerpt,
        [("dark ".to_owned(), false), ("chocolate".to_owned(), true)]
    );
    assert_eq!((row.rating, row.lasted), (Some(true), Some(120_000)));
    // Opened again, it is as it was.
    show(&mut console, Section::Chats);
    show(&mut console, Section::Archive);
    assert!(asked(&console).is_empty());
    assert_eq!(listed(&console), ["A1", "B1"]);
}

#[test]
fn the_next_page_is_added() {
    let mut console = with_results(&["A1"], Some("7"));
    act(&mut console, ArchiveIntent::LoadMore);
    act(&mut console, ArchiveIntent::LoadMore);
    assert_eq!(asked(&console).len(), 1, "asked once");
    let call = console.reply_where(is_search, Err(Fault::Offline));
    assert!(matches!(call, Call::SearchArchive(it) if it.page_id.as_deref() == Some("7")));
    assert_eq!(
        console.workspace.archive_results().failed,
        Some(Fault::Offline)
    );
    act(&mut console, ArchiveIntent::LoadMore);
    console.reply_where(is_search, Ok(found(&["B1"], None)));
    assert_eq!(listed(&console), ["A1", "B1"]);
    act(&mut console, ArchiveIntent::LoadMore);
    assert!(asked(&console).is_empty(), "there is nothing more");
}

#[test]
fn late_reply_to_an_earlier_search_is_dropped() {
    let mut console = with_results(&["A1"], None);
    write(&mut console, "dark");
    act(&mut console, ArchiveIntent::PressEnter);
    write(&mut console, "chocolate");
    act(&mut console, ArchiveIntent::PressEnter);
    let newest = |call: &Call| matches!(call, Call::SearchArchive(it) if it.query == "chocolate");
    console.reply_where(newest, Ok(found(&["C1"], None)));
    console.reply_where(is_search, Ok(found(&["B1"], None)));
    assert_eq!(listed(&console), ["C1"]);
}

#[test]
fn server_says_where_a_query_is_wrong() {
    let mut console = with_results(&["A1"], None);
    write(&mut console, "rating:goood");
    act(&mut console, ArchiveIntent::PressEnter);
    let refusal = "query, column 8: expected good or bad".to_owned();
    console.reply_where(is_search, Ok(Reply::QueryRefused(refusal)));
    let problem = console.workspace.archive_query().problem.unwrap();
    assert_eq!(problem.column, Some(8));
    assert_eq!(problem.problem, "expected good or bad");
    assert_eq!(listed(&console), ["A1"], "what was found before");
    write(&mut console, "rating:good");
    assert_eq!(console.workspace.archive_query().problem, None);
}

#[test]
fn filters_are_conditions_of_the_query() {
    let mut console = with_results(&["A1"], None);
    write(&mut console, "dark");
    let support = "Support team".to_owned();
    act(
        &mut console,
        ArchiveIntent::Filter(Field::Department, Some(support.clone())),
    );
    assert_eq!(
        asked(&console)[0].query,
        "dark department_name:\"Support team\""
    );
    let query = console.workspace.archive_query();
    assert_eq!(query.text, "dark department_name:\"Support team\"");
    assert_eq!(query.filters, [(Field::Department, support)]);
    assert_eq!(query.names.tags, ["vip"], "those of what was found");
    act(&mut console, ArchiveIntent::Filter(Field::Department, None));
    assert_eq!(console.workspace.archive_query().text, "dark");
    act(&mut console, ArchiveIntent::ClearQuery);
    assert_eq!(asked(&console).last().unwrap().query, "");
}

#[test]
fn suggestions_are_put_into_the_query() {
    let mut console = with_results(&["A1"], None);
    write(&mut console, "dark ra");
    act(&mut console, ArchiveIntent::HighlightNext);
    act(&mut console, ArchiveIntent::PressEnter);
    let query = console.workspace.archive_query();
    assert_eq!(
        (query.text.as_str(), query.caret),
        ("dark rating:", Some(12))
    );
    assert_eq!(query.suggestions.len(), 2, "its values");
    assert_eq!(query.highlighted, None);
    act(&mut console, ArchiveIntent::HighlightPrevious);
    act(&mut console, ArchiveIntent::PressEnter);
    let query = console.workspace.archive_query();
    assert_eq!(query.text, "dark rating:bad ");
    assert!(query.suggestions.is_empty());
    assert!(asked(&console).is_empty());
    act(&mut console, ArchiveIntent::PressEnter);
    assert_eq!(asked(&console)[0].query, "dark rating:bad");
}

#[test]
fn what_was_deleted_is_listed_no_more() {
    let mut console = with_results(&["A1", "B1"], None);
    let deleted = json!({ "chat_id": "A", "thread_id": "A1", "chat_deleted": false });
    console.push("thread_deleted", deleted);
    assert_eq!(listed(&console), ["B1"]);
    assert_eq!(console.workspace.archive_results().total, 119);
}

#[test]
fn it_is_forgotten_at_the_sign_out() {
    let mut console = with_results(&["A1"], None);
    console.input(Input::SignedOutElsewhere);
    assert!(listed(&console).is_empty());
    assert_eq!(console.workspace.section(), Section::Chats);
}

#[test]
fn chat_that_is_open_behind_it_is_not_read() {
    let mut console = answering_ada();
    show(&mut console, Section::Archive);
    console.take_outputs();
    console.receive_from_ada(2, "Are you there?");
    assert_eq!(console.chimes(), 1);
    assert_eq!(console.workspace.lists().mine[0].unread, 1);
    console.select("A");
    assert_eq!(console.workspace.section(), Section::Chats);
    assert_eq!(console.workspace.lists().mine[0].unread, 0);
}
