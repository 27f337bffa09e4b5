//! Cards, quick replies and forms from templates, and asking the visitor for a file.

use parlor_wire::Visibility;

use super::canned_reply::templates;
use super::*;

fn with_templates() -> TestConsole {
    let mut console = answering_ada();
    console.act(Intent::LoadTemplates);
    assert!(console.workspace.template_menu().busy);
    console.reply(Ok(templates()));
    console
}

fn is_asked_for_file(call: &Call) -> bool {
    matches!(call, Call::RequestFile(_))
}

#[test]
fn template_is_listed_and_sent_unchanged() {
    let mut console = with_templates();
    let menu = console.workspace.template_menu();
    assert_eq!(
        (menu.rich[0].name.as_str(), menu.rich[0].summary.as_str()),
        ("Sizes", "Which size?")
    );
    console.act(Intent::SendTemplate(menu.rich[0].id));
    let Some((_, Call::SendEvent(send))) = console.calls.iter().find(|(_, call)| is_send(call))
    else {
        panic!("no send");
    };
    assert_eq!(send.event.body.kind(), "rich_message");
    assert_eq!(send.event.visibility, Some(Visibility::All));
    assert!(send.event.custom_id.is_some());
    let first = console.sends();
    assert!(
        matches!(&console.workspace.entries()[1].body, Body::Rich(RichLayout::QuickReplies, cards) if cards.len() == 1)
    );
    console.reply_where(is_send, Err(Fault::Offline));
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(console.sends(), first, "again under its own id");
}

#[test]
fn form_can_be_sent_as_a_private_note() {
    let mut console = with_templates();
    console.act(Intent::NoteMode(true));
    console.act(Intent::SendTemplate(TemplateId::Form(0)));
    let Some((_, Call::SendEvent(send))) = console.calls.iter().find(|(_, call)| is_send(call))
    else {
        panic!("no send");
    };
    assert_eq!(send.event.body.kind(), "form");
    assert_eq!(send.event.visibility, Some(Visibility::Agents));
}

#[test]
fn unknown_template_is_not_sent() {
    let mut console = with_templates();
    console.act(Intent::SendTemplate(TemplateId::Form(7)));
    assert!(console.sends().is_empty());
}

#[test]
fn file_request_ends_when_the_visitor_sends_a_file() {
    let asked = |console: &TestConsole| console.workspace.open_chat().unwrap().file_requested;
    let mut console = answering_ada();
    console.act(Intent::AskForFile(true));
    assert!(!asked(&console));
    console.reply_where(is_asked_for_file, Ok(Reply::Done));
    assert!(asked(&console));
    let mut file = incoming_event("ada", 2, "");
    file["event"]["type"] = json!("file");
    file["event"]["url"] = json!("https://chat.example.com/chat/files/x/file");
    console.push("incoming_event", file);
    assert!(!asked(&console));
    console.act(Intent::AskForFile(true));
    console.reply_where(is_asked_for_file, Err(Fault::Refused));
    assert_eq!(
        console.workspace.notice(),
        Some(Notice::NotAskedForFile(Fault::Refused))
    );
    assert!(!asked(&console));
}

#[test]
fn file_request_can_be_withdrawn() {
    let mut console = answering_ada();
    console.act(Intent::AskForFile(true));
    console.reply_where(is_asked_for_file, Ok(Reply::Done));
    console.act(Intent::AskForFile(false));
    let call = console.reply_where(is_asked_for_file, Ok(Reply::Done));
    assert!(matches!(call, Call::RequestFile(it) if it.cancel == Some(true)));
    assert!(!console.workspace.open_chat().unwrap().file_requested);
}
