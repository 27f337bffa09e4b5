//! Files that are chosen, dropped or pasted: a few are uploaded at a time, each can be cancelled
//! and retried, and each is sent once.

use parlor_wire::event::File;

use super::*;

fn file(id: u64) -> ChosenFile {
    ChosenFile {
        id: FileId(id),
        name: format!("{id}.png"),
        size: 200,
    }
}

fn uploaded_file(id: u64) -> Box<File> {
    let url = format!("https://chat.example.com/chat/files/{id}/file");
    Box::new(decode_value(json!({ "url": url, "name": format!("{id}.png") })).unwrap())
}

fn started_uploads(console: &mut TestConsole) -> Vec<u64> {
    let started = console
        .take_outputs()
        .into_iter()
        .filter_map(|output| match output {
            Output::Upload(FileId(id)) => Some(id),
            _ => None,
        });
    started.collect()
}

fn stages(console: &TestConsole) -> Vec<UploadStage> {
    let uploads = console.workspace.uploads().into_iter();
    uploads.map(|upload| upload.stage).collect()
}

#[test]
fn uploads_are_limited_and_each_is_sent_when_done() {
    let mut console = answering_ada();
    console.act(Intent::Attach(vec![file(1), file(2), file(3)]));
    assert_eq!(started_uploads(&mut console), [1, 2]);
    console.input(Input::UploadProgress(FileId(2), 50));
    assert_eq!(
        stages(&console),
        [
            UploadStage::InProgress(0),
            UploadStage::InProgress(25),
            UploadStage::Waiting
        ]
    );
    console.input(Input::UploadDone(FileId(2), Ok(uploaded_file(2))));
    let heard = console.take_outputs();
    assert!(heard.contains(&Output::ForgetFile(FileId(2))));
    assert!(heard.contains(&Output::Upload(FileId(3))));
    assert_eq!(console.sends()[0].1, "2.png");
    assert!(
        matches!(&console.workspace.entries()[1].body, Body::File(file) if file.name == "2.png")
    );
    // The reply to the event was lost: the event is sent again with the same `custom_id`.
    let first = console.sends();
    console.reply_where(is_send, Err(Fault::Offline));
    console.advance(limits::BACKOFF_FIRST);
    assert_eq!(console.sends(), first);
}

#[test]
fn failed_upload_is_retried_on_request_only() {
    let mut console = answering_ada();
    console.act(Intent::Attach(vec![file(1)]));
    console.input(Input::UploadDone(FileId(1), Err(Fault::Offline)));
    assert_eq!(stages(&console), [UploadStage::Failed(Fault::Offline)]);
    console.take_outputs();
    console.advance(120_000);
    assert!(started_uploads(&mut console).is_empty(), "not by itself");
    console.act(Intent::RetryUpload(FileId(1)));
    assert_eq!(started_uploads(&mut console), [1]);
}

#[test]
fn too_large_file_cannot_be_retried() {
    let mut console = answering_ada();
    console.act(Intent::Attach(vec![file(1)]));
    console.input(Input::UploadDone(FileId(1), Err(Fault::TooLarge)));
    assert!(!console.workspace.uploads()[0].can_retry);
    console.take_outputs();
    console.act(Intent::RetryUpload(FileId(1)));
    assert!(started_uploads(&mut console).is_empty());
}

#[test]
fn stalled_upload_is_aborted() {
    let mut console = answering_ada();
    console.act(Intent::Attach(vec![file(1)]));
    console.advance(limits::UPLOAD_STALLS - 1);
    console.input(Input::UploadProgress(FileId(1), 100));
    console.advance(limits::UPLOAD_STALLS - 1);
    assert_eq!(stages(&console), [UploadStage::InProgress(50)]);
    console.advance(1);
    assert_eq!(stages(&console), [UploadStage::Failed(Fault::Offline)]);
    assert!(
        console
            .take_outputs()
            .contains(&Output::AbortUpload(FileId(1)))
    );
}

#[test]
fn cancelled_upload_is_aborted_and_dropped() {
    let mut console = answering_ada();
    console.act(Intent::Attach(vec![file(1)]));
    console.act(Intent::CancelUpload(FileId(1)));
    let heard = console.take_outputs();
    assert!(heard.contains(&Output::AbortUpload(FileId(1))));
    assert!(heard.contains(&Output::ForgetFile(FileId(1))));
    // The upload had already ended, and the report arrives now.
    console.input(Input::UploadDone(FileId(1), Ok(uploaded_file(1))));
    assert!(console.sends().is_empty());
    assert!(stages(&console).is_empty());
}

#[test]
fn too_many_files_are_refused() {
    let mut console = answering_ada();
    let many = (1..=limits::UPLOADS_MAX as u64 + 1).map(file).collect();
    console.act(Intent::Attach(many));
    assert_eq!(stages(&console).len(), limits::UPLOADS_MAX);
    assert_eq!(console.workspace.notice(), Some(Notice::TooManyFiles));
    let last = FileId(limits::UPLOADS_MAX as u64 + 1);
    assert!(console.take_outputs().contains(&Output::ForgetFile(last)));
}

#[test]
fn file_is_sent_to_the_chat_in_which_it_was_chosen() {
    let mut console =
        TestConsole::signed_in(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    console.select("A");
    console.act(Intent::NoteMode(true));
    console.act(Intent::Attach(vec![file(1)]));
    console.select("B");
    assert!(stages(&console).is_empty());
    console.input(Input::UploadDone(FileId(1), Ok(uploaded_file(1))));
    let Some((_, Call::SendEvent(send))) = console.calls.iter().find(|(_, call)| is_send(call))
    else {
        panic!("no send");
    };
    assert_eq!(send.chat_id, chat("A"));
    assert!(!send.event.is_public(), "it was chosen for a note");
}

#[test]
fn signing_out_drops_all_files() {
    let mut console = answering_ada();
    console.act(Intent::Attach(vec![file(1)]));
    console.act(Intent::SignOut);
    console.take_outputs();
    console.reply_where(|call| *call == Call::SignOut, Ok(Reply::Done));
    let heard = console.take_outputs();
    assert!(heard.contains(&Output::AbortUpload(FileId(1))));
    assert!(heard.contains(&Output::ForgetFile(FileId(1))));
}
