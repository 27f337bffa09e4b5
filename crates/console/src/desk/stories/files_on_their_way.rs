//! Files that are chosen, dropped or pasted: a few go up at a time, each can be given up and tried
//! again, and what is up is said once.

use parlor_wire::event::File;

use super::*;

fn file(id: u64) -> Chosen {
    Chosen {
        id: FileId(id),
        name: format!("{id}.png"),
        size: 200,
    }
}

fn kept(id: u64) -> Box<File> {
    let url = format!("https://chat.example.com/chat/files/{id}/file");
    Box::new(decode_value(json!({ "url": url, "name": format!("{id}.png") })).unwrap())
}

fn started(day: &mut Day) -> Vec<u64> {
    let started = day.heard().into_iter().filter_map(|output| match output {
        Output::Upload(FileId(id)) => Some(id),
        _ => None,
    });
    started.collect()
}

fn stages(day: &Day) -> Vec<SendingStage> {
    let uploads = day.desk.uploads().into_iter();
    uploads.map(|upload| upload.stage).collect()
}

#[test]
fn few_go_at_once_and_each_is_said_when_it_is_up() {
    let mut day = with_ada();
    day.want(Intent::Attach(vec![file(1), file(2), file(3)]));
    assert_eq!(started(&mut day), [1, 2]);
    day.tell(Input::UploadWentOn(FileId(2), 50));
    assert_eq!(
        stages(&day),
        [
            SendingStage::Going(0),
            SendingStage::Going(25),
            SendingStage::Waiting
        ]
    );
    day.tell(Input::Uploaded(FileId(2), Ok(kept(2))));
    let heard = day.heard();
    assert!(heard.contains(&Output::ForgetFile(FileId(2))));
    assert!(heard.contains(&Output::Upload(FileId(3))));
    assert_eq!(day.sends()[0].1, "2.png");
    assert!(matches!(&day.desk.entries()[1].body, Body::File(file) if file.name == "2.png"));
    // The answer to the event was lost: it is repeated under its own id.
    let first = day.sends();
    day.answer_where(is_send, Err(Fault::Offline));
    day.pass(limits::BACKOFF_FIRST);
    assert_eq!(day.sends(), first);
}

#[test]
fn file_that_fails_waits_to_be_tried_again() {
    let mut day = with_ada();
    day.want(Intent::Attach(vec![file(1)]));
    day.tell(Input::Uploaded(FileId(1), Err(Fault::Offline)));
    assert_eq!(stages(&day), [SendingStage::Failed(Fault::Offline)]);
    day.heard();
    day.pass(120_000);
    assert!(started(&mut day).is_empty(), "not by itself");
    day.want(Intent::RetryUpload(FileId(1)));
    assert_eq!(started(&mut day), [1]);
}

#[test]
fn file_that_is_too_large_is_not_tried_again() {
    let mut day = with_ada();
    day.want(Intent::Attach(vec![file(1)]));
    day.tell(Input::Uploaded(FileId(1), Err(Fault::TooLarge)));
    assert!(!day.desk.uploads()[0].again);
    day.heard();
    day.want(Intent::RetryUpload(FileId(1)));
    assert!(started(&mut day).is_empty());
}

#[test]
fn file_that_does_not_go_on_is_given_up() {
    let mut day = with_ada();
    day.want(Intent::Attach(vec![file(1)]));
    day.pass(limits::UPLOAD_STALLS - 1);
    day.tell(Input::UploadWentOn(FileId(1), 100));
    day.pass(limits::UPLOAD_STALLS - 1);
    assert_eq!(stages(&day), [SendingStage::Going(50)]);
    day.pass(1);
    assert_eq!(stages(&day), [SendingStage::Failed(Fault::Offline)]);
    assert!(day.heard().contains(&Output::AbortUpload(FileId(1))));
}

#[test]
fn file_is_not_sent_after_all() {
    let mut day = with_ada();
    day.want(Intent::Attach(vec![file(1)]));
    day.want(Intent::CancelUpload(FileId(1)));
    let heard = day.heard();
    assert!(heard.contains(&Output::AbortUpload(FileId(1))));
    assert!(heard.contains(&Output::ForgetFile(FileId(1))));
    // It was up already, and nobody had told.
    day.tell(Input::Uploaded(FileId(1), Ok(kept(1))));
    assert!(day.sends().is_empty());
    assert!(stages(&day).is_empty());
}

#[test]
fn too_many_at_once_are_not_taken() {
    let mut day = with_ada();
    let many = (1..=limits::UPLOADS_MAX as u64 + 1).map(file).collect();
    day.want(Intent::Attach(many));
    assert_eq!(stages(&day).len(), limits::UPLOADS_MAX);
    assert_eq!(day.desk.notice(), Some(Notice::TooManyFiles));
    let last = FileId(limits::UPLOADS_MAX as u64 + 1);
    assert!(day.heard().contains(&Output::ForgetFile(last)));
}

#[test]
fn file_goes_to_the_chat_in_which_it_was_chosen() {
    let mut day = Day::with(&[summary("A", 1, Some(ME)), summary("B", 2, Some(ME))]);
    day.select("A");
    day.want(Intent::NoteMode(true));
    day.want(Intent::Attach(vec![file(1)]));
    day.select("B");
    assert!(stages(&day).is_empty());
    day.tell(Input::Uploaded(FileId(1), Ok(kept(1))));
    let Some((_, Call::SendEvent(send))) = day.calls.iter().find(|(_, call)| is_send(call)) else {
        panic!("no send");
    };
    assert_eq!(send.chat_id, chat("A"));
    assert!(!send.event.is_public(), "it was chosen for a note");
}

#[test]
fn who_signs_out_leaves_no_file_behind() {
    let mut day = with_ada();
    day.want(Intent::Attach(vec![file(1)]));
    day.want(Intent::SignOut);
    day.heard();
    day.answer_where(|call| *call == Call::SignOut, Ok(Reply::Done));
    let heard = day.heard();
    assert!(heard.contains(&Output::AbortUpload(FileId(1))));
    assert!(heard.contains(&Output::ForgetFile(FileId(1))));
}
