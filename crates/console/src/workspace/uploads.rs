//! File uploads: a few at a time, in order, each with its progress. An uploaded file is then sent
//! as an event like any reply, under a `custom_id` that it got when it was chosen. The content of
//! the files is not here: the driver holds it, and is told when it can drop it.

use parlor_wire::agent::RequestFile;
use parlor_wire::event::File;
use parlor_wire::{ChatId, CustomId, Event, EventBody};

use super::chat::Chat;
use super::{Call, Fault, Millis, Notice, Output, PendingCall, Reply, ViewPart, Workspace, limits};

/// Identifies a file that the driver holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u64);

/// A file that the agent chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenFile {
    /// Its id.
    pub id: FileId,
    /// Its name on the agent's computer.
    pub name: String,
    /// Its size, in bytes.
    pub size: u64,
}

/// An upload, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadView {
    /// The file.
    pub file: ChosenFile,
    /// Whether it will be a private note.
    pub note: bool,
    /// Its progress.
    pub stage: UploadStage,
    /// It failed, and can be tried again.
    pub can_retry: bool,
}

/// The progress of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadStage {
    /// Waiting for other uploads.
    Waiting,
    /// In progress: percent uploaded.
    InProgress(u64),
    /// Failed; it is not tried again automatically.
    Failed(Fault),
}

#[derive(Debug)]
pub(super) struct Upload {
    file: ChosenFile,
    custom_id: CustomId,
    note: bool,
    stage: Stage,
}

#[derive(Debug, PartialEq)]
enum Stage {
    Waiting,
    InProgress {
        sent: u64,
        /// When progress was last reported.
        last_progress_at: Millis,
    },
    Failed(Fault),
}

impl Workspace {
    pub(super) fn attach(&mut self, files: Vec<ChosenFile>) {
        for file in files {
            self.attach_one(file);
        }
        self.view_changed(ViewPart::Uploads);
    }

    fn attach_one(&mut self, file: ChosenFile) {
        let custom_id = self.next_custom_id();
        let Some((_, chat)) = self.selected_chat_mut() else {
            return self.outputs.push(Output::ForgetFile(file.id));
        };
        if !chat.takes_replies() || chat.uploads.len() >= limits::UPLOADS_MAX {
            if chat.takes_replies() {
                self.show_notice(Notice::TooManyFiles);
            }
            return self.outputs.push(Output::ForgetFile(file.id));
        }
        chat.uploads.push(Upload {
            file,
            custom_id,
            note: chat.draft.note,
            stage: Stage::Waiting,
        });
    }

    /// Cancels an upload, whether it has begun or not.
    pub(super) fn cancel_upload(&mut self, id: FileId) {
        if let Some((_, chat)) = self.selected_chat_mut()
            && let Some(upload) = chat.take_upload(id)
        {
            self.release_file(&upload);
            self.view_changed(ViewPart::Uploads);
        }
    }

    pub(super) fn retry_upload(&mut self, id: FileId) {
        if let Some((_, chat)) = self.selected_chat_mut()
            && let Some(upload) = chat.uploads.iter_mut().find(|it| it.file.id == id)
            && upload.can_retry()
        {
            upload.stage = Stage::Waiting;
            self.view_changed(ViewPart::Uploads);
        }
    }

    pub(super) fn on_upload_progress(&mut self, id: FileId, sent: u64) {
        let now = self.now;
        for chat in self.chats.values_mut() {
            for upload in chat.uploads.iter_mut().filter(|it| it.file.id == id) {
                if matches!(upload.stage, Stage::InProgress { .. }) {
                    upload.stage = Stage::InProgress {
                        sent,
                        last_progress_at: now,
                    };
                }
            }
        }
        self.view_changed(ViewPart::Uploads);
    }

    pub(super) fn on_upload_done(&mut self, id: FileId, answer: Result<Box<File>, Fault>) {
        let carries = |chat: &Chat| chat.uploads.iter().any(|it| it.file.id == id);
        let found = self.chats.values_mut().find(|chat| carries(chat));
        let Some(chat) = found else {
            return;
        };
        match answer {
            Ok(file) => {
                let Some(upload) = chat.take_upload(id) else {
                    return;
                };
                // Events that arrived during the upload and were read before it ended count as read
                // by its author.
                let seen_event = chat.read_up_to.and_then(|read| chat.event_key(read));
                let chat_id = chat.id.clone();
                let event = Event::new(EventBody::File(*file));
                self.outputs.push(Output::ForgetFile(id));
                self.queue_reply(&chat_id, upload.custom_id, event, upload.note, seen_event);
            }
            Err(fault) => {
                for upload in chat.uploads.iter_mut().filter(|it| it.file.id == id) {
                    // An upload that was aborted here keeps the reason for which it was aborted.
                    if !matches!(upload.stage, Stage::Failed(_)) {
                        upload.stage = Stage::Failed(fault);
                    }
                }
                if fault == Fault::SignedOut && self.me().is_some() {
                    self.on_session_ended();
                }
            }
        }
        self.view_changed(ViewPart::Uploads);
    }

    pub(super) fn uploads_due(&mut self) {
        let now = self.now;
        let mut out = Vec::new();
        let mut going = 0;
        let uploads = self.chats.values_mut().flat_map(|chat| &mut chat.uploads);
        let mut waiting: Vec<&mut Upload> = Vec::new();
        for upload in uploads {
            match upload.stage {
                Stage::InProgress {
                    last_progress_at, ..
                } if last_progress_at + limits::UPLOAD_STALLS <= now => {
                    upload.stage = Stage::Failed(Fault::Offline);
                    out.push(Output::AbortUpload(upload.file.id));
                }
                Stage::InProgress { .. } => going += 1,
                Stage::Waiting => waiting.push(upload),
                Stage::Failed(_) => {}
            }
        }
        waiting.sort_by_key(|upload| upload.file.id);
        let room = limits::UPLOADS_AT_ONCE.saturating_sub(going);
        for upload in waiting.into_iter().take(room) {
            upload.stage = Stage::InProgress {
                sent: 0,
                last_progress_at: now,
            };
            out.push(Output::Upload(upload.file.id));
        }
        if !out.is_empty() {
            self.outputs.extend(out);
            self.view_changed(ViewPart::Uploads);
        }
    }

    /// Nobody is signed in: the server would refuse the uploads.
    pub(super) fn stop_uploads(&mut self) {
        for chat in self.chats.values_mut() {
            for upload in &mut chat.uploads {
                if matches!(upload.stage, Stage::InProgress { .. }) {
                    self.outputs.push(Output::AbortUpload(upload.file.id));
                }
                if !matches!(upload.stage, Stage::Failed(_)) {
                    upload.stage = Stage::Failed(Fault::SignedOut);
                }
            }
        }
        self.view_changed(ViewPart::Uploads);
    }

    /// Drops all files: the next agent on this page may be somebody else.
    pub(super) fn discard_uploads(&mut self) {
        let chats = self.chats.values_mut();
        let uploads: Vec<Upload> = chats.flat_map(|chat| chat.uploads.drain(..)).collect();
        for upload in &uploads {
            self.release_file(upload);
        }
        self.view_changed(ViewPart::Uploads);
    }

    fn release_file(&mut self, upload: &Upload) {
        if matches!(upload.stage, Stage::InProgress { .. }) {
            self.outputs.push(Output::AbortUpload(upload.file.id));
        }
        self.outputs.push(Output::ForgetFile(upload.file.id));
    }

    /// Asks the visitor of the open chat for a file, or withdraws the request.
    pub(super) fn ask_for_file(&mut self, on: bool) {
        let Some((id, chat)) = self.selected_chat_mut() else {
            return;
        };
        if !chat.takes_replies() {
            return;
        }
        let call = RequestFile {
            chat_id: id.clone(),
            cancel: (!on).then_some(true),
        };
        self.call(PendingCall::AskForFile(id, on), Call::RequestFile(call));
    }

    pub(super) fn on_file_request_reply(
        &mut self,
        id: &ChatId,
        on: bool,
        answer: Result<Reply, Fault>,
    ) {
        match answer {
            Ok(_) => {
                if let Some(chat) = self.chats.get_mut(id) {
                    chat.file_requested = on;
                }
                self.chat_changed(id);
            }
            Err(fault) => self.show_notice(Notice::NotAskedForFile(fault)),
        }
    }

    /// The uploads of the open chat.
    pub fn uploads(&self) -> Vec<UploadView> {
        let uploads = self
            .selected_chat()
            .into_iter()
            .flat_map(|chat| &chat.uploads);
        uploads
            .map(|upload| UploadView {
                file: upload.file.clone(),
                note: upload.note,
                can_retry: upload.can_retry(),
                stage: match upload.stage {
                    Stage::Waiting => UploadStage::Waiting,
                    Stage::InProgress { sent, .. } => {
                        let of = upload.file.size.max(1);
                        UploadStage::InProgress((sent.saturating_mul(100) / of).min(100))
                    }
                    Stage::Failed(fault) => UploadStage::Failed(fault),
                },
            })
            .collect()
    }
}

impl Upload {
    /// A file that is too large, or of a forbidden type, cannot be tried again.
    fn can_retry(&self) -> bool {
        matches!(self.stage, Stage::Failed(fault) if fault.is_transient() || fault == Fault::SignedOut)
    }
}

impl Chat {
    fn take_upload(&mut self, id: FileId) -> Option<Upload> {
        let at = self.uploads.iter().position(|it| it.file.id == id)?;
        Some(self.uploads.remove(at))
    }

    pub(super) fn upload_deadline(&self) -> Option<Millis> {
        let going = self.uploads.iter().filter_map(|upload| match upload.stage {
            Stage::InProgress {
                last_progress_at, ..
            } => Some(last_progress_at + limits::UPLOAD_STALLS),
            _ => None,
        });
        going.min()
    }
}
