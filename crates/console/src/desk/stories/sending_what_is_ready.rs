//! Cards, quick replies and forms from templates, and asking the visitor for a file.

use parlor_wire::Visibility;

use super::canned_reply::templates;
use super::*;

fn stocked() -> Day {
    let mut day = with_ada();
    day.want(Intent::WantTemplates);
    assert!(day.desk.stock().busy);
    day.answer(Ok(templates()));
    day
}

fn is_asked_for_file(call: &Call) -> bool {
    matches!(call, Call::RequestFile(_))
}

#[test]
fn what_is_ready_is_named_and_sent_as_it_is() {
    let mut day = stocked();
    let stock = day.desk.stock();
    assert_eq!(
        (stock.rich[0].name.as_str(), stock.rich[0].gist.as_str()),
        ("Sizes", "Which size?")
    );
    day.want(Intent::SendReady(stock.rich[0].which));
    let Some((_, Call::SendEvent(send))) = day.calls.iter().find(|(_, call)| is_send(call)) else {
        panic!("no send");
    };
    assert_eq!(send.event.body.kind(), "rich_message");
    assert_eq!(send.event.visibility, Some(Visibility::All));
    assert!(send.event.custom_id.is_some());
    let first = day.sends();
    assert!(
        matches!(&day.desk.entries()[1].body, Body::Rich(Look::QuickReplies, cards) if cards.len() == 1)
    );
    day.answer_where(is_send, Err(Fault::Offline));
    day.pass(limits::BACKOFF_FIRST);
    assert_eq!(day.sends(), first, "again under its own id");
}

#[test]
fn form_can_be_a_note_to_colleagues() {
    let mut day = stocked();
    day.want(Intent::NoteMode(true));
    day.want(Intent::SendReady(Ready::Form(0)));
    let Some((_, Call::SendEvent(send))) = day.calls.iter().find(|(_, call)| is_send(call)) else {
        panic!("no send");
    };
    assert_eq!(send.event.body.kind(), "form");
    assert_eq!(send.event.visibility, Some(Visibility::Agents));
}

#[test]
fn what_is_not_there_is_not_sent() {
    let mut day = stocked();
    day.want(Intent::SendReady(Ready::Form(7)));
    assert!(day.sends().is_empty());
}

#[test]
fn visitor_is_asked_for_a_file_until_there_is_one() {
    let asked = |day: &Day| day.desk.open().unwrap().file_asked;
    let mut day = with_ada();
    day.want(Intent::AskForFile(true));
    assert!(!asked(&day));
    day.answer_where(is_asked_for_file, Ok(Reply::Done));
    assert!(asked(&day));
    let mut file = said_by("ada", 2, "");
    file["event"]["type"] = json!("file");
    file["event"]["url"] = json!("https://chat.example.com/chat/files/x/file");
    day.push("incoming_event", file);
    assert!(!asked(&day));
    day.want(Intent::AskForFile(true));
    day.answer_where(is_asked_for_file, Err(Fault::Refused));
    assert_eq!(
        day.desk.notice(),
        Some(Notice::NotAskedForFile(Fault::Refused))
    );
    assert!(!asked(&day));
}

#[test]
fn request_for_a_file_is_taken_back() {
    let mut day = with_ada();
    day.want(Intent::AskForFile(true));
    day.answer_where(is_asked_for_file, Ok(Reply::Done));
    day.want(Intent::AskForFile(false));
    let call = day.answer_where(is_asked_for_file, Ok(Reply::Done));
    assert!(matches!(call, Call::RequestFile(it) if it.cancel == Some(true)));
    assert!(!day.desk.open().unwrap().file_asked);
}
