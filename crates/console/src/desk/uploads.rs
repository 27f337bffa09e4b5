//! Files on their way: taken one after the other, a few at a time, each with its progress, until
//! the endpoint has it; then it is said like any reply, under a `custom_id` that it had from the
//! start. The bytes are not here: the driver holds them, and is told when they are not needed.

use parlor_wire::agent::RequestFile;
use parlor_wire::event::File;
use parlor_wire::{ChatId, CustomId, Event, EventBody};

use super::chat::Chat;
use super::{Call, Desk, Errand, Fault, Millis, Notice, Output, Part, Reply, limits};

/// Numbers a file that the driver holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u64);

/// A file that the person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Names it.
    pub id: FileId,
    /// As the person's machine calls it.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

/// A file on its way, to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Which.
    pub file: Chosen,
    /// For agents only.
    pub note: bool,
    /// How far it is.
    pub stage: SendingStage,
    /// It failed, and may go another time.
    pub again: bool,
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendingStage {
    /// Others go first.
    Waiting,
    /// So many of a hundred parts are there.
    Going(u64),
    /// It is not there, and does not go by itself.
    Failed(Fault),
}

#[derive(Debug)]
pub(super) struct Upload {
    file: Chosen,
    custom_id: CustomId,
    note: bool,
    stage: Stage,
}

#[derive(Debug, PartialEq)]
enum Stage {
    Waiting,
    Going {
        sent: u64,
        /// When it last went on.
        heard: Millis,
    },
    Failed(Fault),
}

impl Desk {
    pub(super) fn attach(&mut self, files: Vec<Chosen>) {
        for file in files {
            self.attach_one(file);
        }
        self.moved(Part::Uploads);
    }

    fn attach_one(&mut self, file: Chosen) {
        let custom_id = self.next_custom_id();
        let Some((_, chat)) = self.selected_chat() else {
            return self.out.push(Output::ForgetFile(file.id));
        };
        if !chat.is_active() || chat.uploads.len() >= limits::UPLOADS_MAX {
            if chat.is_active() {
                self.tell(Notice::TooManyFiles);
            }
            return self.out.push(Output::ForgetFile(file.id));
        }
        chat.uploads.push(Upload {
            file,
            custom_id,
            note: chat.draft.note,
            stage: Stage::Waiting,
        });
    }

    /// Not wanted any more, whether it is under way or not.
    pub(super) fn cancel_upload(&mut self, id: FileId) {
        if let Some((_, chat)) = self.selected_chat()
            && let Some(upload) = chat.take_upload(id)
        {
            self.let_go(&upload);
            self.moved(Part::Uploads);
        }
    }

    pub(super) fn retry_upload(&mut self, id: FileId) {
        if let Some((_, chat)) = self.selected_chat()
            && let Some(upload) = chat.uploads.iter_mut().find(|it| it.file.id == id)
            && upload.may_go_again()
        {
            upload.stage = Stage::Waiting;
            self.moved(Part::Uploads);
        }
    }

    pub(super) fn upload_went_on(&mut self, id: FileId, sent: u64) {
        let now = self.now;
        for chat in self.chats.values_mut() {
            for upload in chat.uploads.iter_mut().filter(|it| it.file.id == id) {
                if matches!(upload.stage, Stage::Going { .. }) {
                    upload.stage = Stage::Going { sent, heard: now };
                }
            }
        }
        self.moved(Part::Uploads);
    }

    pub(super) fn uploaded(&mut self, id: FileId, answer: Result<Box<File>, Fault>) {
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
                // What came while it went up was seen by who waited for it.
                let answers = chat.read.and_then(|read| chat.order_of(read));
                let chat_id = chat.id.clone();
                let event = Event::new(EventBody::File(*file));
                self.out.push(Output::ForgetFile(id));
                self.dispatch(&chat_id, upload.custom_id, event, upload.note, answers);
            }
            Err(fault) => {
                for upload in chat.uploads.iter_mut().filter(|it| it.file.id == id) {
                    // One that was given up here is told as what it was given up for.
                    if !matches!(upload.stage, Stage::Failed(_)) {
                        upload.stage = Stage::Failed(fault);
                    }
                }
                if fault == Fault::SignedOut && self.me().is_some() {
                    self.session_over();
                }
            }
        }
        self.moved(Part::Uploads);
    }

    pub(super) fn uploads_due(&mut self) {
        let now = self.now;
        let mut out = Vec::new();
        let mut going = 0;
        let uploads = self.chats.values_mut().flat_map(|chat| &mut chat.uploads);
        let mut waiting: Vec<&mut Upload> = Vec::new();
        for upload in uploads {
            match upload.stage {
                Stage::Going { heard, .. } if heard + limits::UPLOAD_STALLS <= now => {
                    upload.stage = Stage::Failed(Fault::Offline);
                    out.push(Output::AbortUpload(upload.file.id));
                }
                Stage::Going { .. } => going += 1,
                Stage::Waiting => waiting.push(upload),
                Stage::Failed(_) => {}
            }
        }
        waiting.sort_by_key(|upload| upload.file.id);
        let room = limits::UPLOADS_AT_ONCE.saturating_sub(going);
        for upload in waiting.into_iter().take(room) {
            upload.stage = Stage::Going {
                sent: 0,
                heard: now,
            };
            out.push(Output::Upload(upload.file.id));
        }
        if !out.is_empty() {
            self.out.extend(out);
            self.moved(Part::Uploads);
        }
    }

    /// Nobody is signed in: nothing would be taken now.
    pub(super) fn stop_uploads(&mut self) {
        for chat in self.chats.values_mut() {
            for upload in &mut chat.uploads {
                if matches!(upload.stage, Stage::Going { .. }) {
                    self.out.push(Output::AbortUpload(upload.file.id));
                }
                if !matches!(upload.stage, Stage::Failed(_)) {
                    upload.stage = Stage::Failed(Fault::SignedOut);
                }
            }
        }
        self.moved(Part::Uploads);
    }

    /// Somebody else may come next: the files are theirs who chose them.
    pub(super) fn forget_uploads(&mut self) {
        let chats = self.chats.values_mut();
        let uploads: Vec<Upload> = chats.flat_map(|chat| chat.uploads.drain(..)).collect();
        for upload in &uploads {
            self.let_go(upload);
        }
        self.moved(Part::Uploads);
    }

    fn let_go(&mut self, upload: &Upload) {
        if matches!(upload.stage, Stage::Going { .. }) {
            self.out.push(Output::AbortUpload(upload.file.id));
        }
        self.out.push(Output::ForgetFile(upload.file.id));
    }

    /// Asks the visitor of the open chat for a file, or takes that back.
    pub(super) fn ask_for_file(&mut self, on: bool) {
        let Some((id, chat)) = self.selected_chat() else {
            return;
        };
        if !chat.is_active() {
            return;
        }
        let call = RequestFile {
            chat_id: id.clone(),
            cancel: (!on).then_some(true),
        };
        self.call(Errand::AskForFile(id, on), Call::RequestFile(call));
    }

    pub(super) fn asked_for_file(&mut self, id: &ChatId, on: bool, answer: Result<Reply, Fault>) {
        match answer {
            Ok(_) => {
                if let Some(chat) = self.chats.get_mut(id) {
                    chat.file_asked = on;
                }
                self.chat_moved(id);
            }
            Err(fault) => self.tell(Notice::NotAskedForFile(fault)),
        }
    }

    /// Files on their way in the open chat.
    pub fn uploads(&self) -> Vec<Sending> {
        let uploads = self.open_chat().into_iter().flat_map(|chat| &chat.uploads);
        uploads
            .map(|upload| Sending {
                file: upload.file.clone(),
                note: upload.note,
                again: upload.may_go_again(),
                stage: match upload.stage {
                    Stage::Waiting => SendingStage::Waiting,
                    Stage::Going { sent, .. } => {
                        let of = upload.file.size.max(1);
                        SendingStage::Going((sent.saturating_mul(100) / of).min(100))
                    }
                    Stage::Failed(fault) => SendingStage::Failed(fault),
                },
            })
            .collect()
    }
}

impl Upload {
    /// What is too large stays so.
    fn may_go_again(&self) -> bool {
        matches!(self.stage, Stage::Failed(fault) if fault.passes() || fault == Fault::SignedOut)
    }
}

impl Chat {
    fn take_upload(&mut self, id: FileId) -> Option<Upload> {
        let at = self.uploads.iter().position(|it| it.file.id == id)?;
        Some(self.uploads.remove(at))
    }

    pub(super) fn upload_deadline(&self) -> Option<Millis> {
        let going = self.uploads.iter().filter_map(|upload| match upload.stage {
            Stage::Going { heard, .. } => Some(heard + limits::UPLOAD_STALLS),
            _ => None,
        });
        going.min()
    }
}
