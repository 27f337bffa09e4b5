//! Files that the visitor sends: first the bytes, then the event that names the file. The
//! driver has the bytes; this decides when they are sent.

use parlor_wire::event::File;

use super::{Session, link::Phase};
use crate::{
    Millis,
    change::Change,
    limits::{UPLOADS_AT_ONCE, UPLOADS_MAX},
    line::{Attachment, Author, Body, FailedBecause, Line, LineId, SendState},
    saved::{OutgoingEvent, Pending},
    session::{Fault, Output, UploadOutcome},
};

/// A file that is not stored yet.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    line: LineId,
    attachment: Attachment,
    going: bool,
}

impl Session {
    pub(super) fn attach(&mut self, attachment: Attachment) {
        if !self.in_conversation() {
            return;
        }
        let line = LineId(self.ids.line());
        let refused = self.refuses(&attachment);
        let state = refused.map_or(SendState::Queued, SendState::Failed);
        self.place_upload(line, attachment, state);
    }

    /// Why the file is not sent, decided before a byte is.
    fn refuses(&self, attachment: &Attachment) -> Option<FailedBecause> {
        let Some(policy) = self
            .display
            .welcome
            .as_ref()
            .and_then(|it| it.files.as_ref())
        else {
            return Some(FailedBecause::TypeNotAllowed);
        };
        // If the device does not know the type, the endpoint decides.
        let allowed = attachment.kind.is_empty() || policy.types.contains(&attachment.kind);
        if attachment.size > policy.max_bytes {
            Some(FailedBecause::TooLarge)
        } else if !allowed {
            Some(FailedBecause::TypeNotAllowed)
        } else if self.uploads.len() >= UPLOADS_MAX {
            Some(FailedBecause::OutboxFull)
        } else {
            None
        }
    }

    fn place_upload(&mut self, line: LineId, attachment: Attachment, state: SendState) {
        self.place(Line {
            id: line.clone(),
            number: None,
            author: Author::Visitor,
            at: None,
            body: Body::Upload(attachment.clone()).into(),
            state: Some(state),
        });
        if state == SendState::Queued {
            self.uploads.push(Upload {
                line,
                attachment,
                going: false,
            });
        }
    }

    pub(super) fn retry_upload(&mut self, line: LineId, attachment: Attachment) {
        if self.in_conversation() && self.refuses(&attachment).is_none() {
            self.place_upload(line, attachment, SendState::Queued);
        }
    }

    /// The file was cancelled, or deleted after it failed. False if the line is no file.
    pub(super) fn drop_upload(&mut self, line: &LineId) -> bool {
        let is_upload = self
            .conversation
            .transcript
            .find(line)
            .is_some_and(|line| matches!(*line.body, Body::Upload(_)));
        if is_upload {
            let dropped = self.uploads.iter().position(|upload| upload.line == *line);
            if let Some(upload) = dropped.map(|at| self.uploads.remove(at)) {
                self.out.push(Output::AbortUpload(upload.attachment.id));
            }
            self.edit_transcript(|t, out| t.remove(line, out));
        }
        is_upload
    }

    /// Continues the uploads of the session before. The driver knows whether it has their
    /// bytes.
    pub(super) fn take_over_uploads(&mut self) {
        let lines = self.conversation.transcript.lines().iter();
        let on_its_way = |line: &Line| match &*line.body {
            Body::Upload(attachment) if !matches!(line.state, Some(SendState::Failed(_))) => {
                Some(Upload {
                    line: line.id.clone(),
                    attachment: attachment.clone(),
                    going: false,
                })
            }
            _ => None,
        };
        self.uploads = lines.filter_map(on_its_way).collect();
    }

    /// Starts uploads, up to the limit.
    pub(super) fn drive_uploads(&mut self) {
        // An upload that a session before had finished is a message by now.
        let transcript = &self.conversation.transcript;
        self.uploads.retain(|upload| {
            let line = transcript.find(&upload.line);
            line.is_some_and(|line| matches!(*line.body, Body::Upload(_)))
        });
        let Some(link) = self.link.open().filter(|link| link.phase == Phase::Up) else {
            return;
        };
        let credentials = link.credentials.clone();
        let mut going = self.uploads.iter().filter(|upload| upload.going).count();
        let mut began = Vec::new();
        for upload in &mut self.uploads {
            if !upload.going && going < UPLOADS_AT_ONCE {
                upload.going = true;
                going += 1;
                began.push(upload.line.clone());
                self.out.push(Output::Upload {
                    id: upload.attachment.id,
                    credentials: credentials.clone(),
                });
            }
        }
        for line in began {
            self.set_state(&line, SendState::Sending);
        }
    }

    /// Another server has the session: uploads start again there.
    pub(super) fn restart_uploads(&mut self) {
        let mut stopped = Vec::new();
        for upload in &mut self.uploads {
            if std::mem::take(&mut upload.going) {
                stopped.push(Output::AbortUpload(upload.attachment.id));
            }
        }
        self.out.extend(stopped);
    }

    pub(super) fn give_up_uploads(&mut self) {
        self.restart_uploads();
        for upload in std::mem::take(&mut self.uploads) {
            self.set_state(&upload.line, SendState::Failed(FailedBecause::Ended));
        }
    }

    pub(super) fn uploading(&mut self, id: u32, percent: u8) {
        let found = self.uploads.iter().find(|it| it.attachment.id == id);
        if let Some(line) = found.map(|upload| upload.line.clone()) {
            self.change(Change::Progress { id: line, percent });
        }
    }

    pub(super) fn uploaded(&mut self, now: Millis, id: u32, outcome: UploadOutcome) {
        let Some(at) = self.uploads.iter().position(|it| it.attachment.id == id) else {
            return;
        };
        let failed = match outcome {
            UploadOutcome::Stored(file) => {
                let upload = self.uploads.remove(at);
                return self.send_file(now, upload, *file);
            }
            UploadOutcome::Refused(because) => because,
            UploadOutcome::Failed(Fault::AffinityChanged) => return self.hand_over(now),
            UploadOutcome::Failed(Fault::SessionGone) => FailedBecause::Ended,
            UploadOutcome::Failed(_) => FailedBecause::UploadFailed,
        };
        let upload = self.uploads.remove(at);
        self.set_state(&upload.line, SendState::Failed(failed));
    }

    fn send_file(&mut self, now: Millis, upload: Upload, file: File) {
        self.queue(Pending {
            custom_id: upload.line.0,
            text: upload.attachment.name,
            at: now,
            event: OutgoingEvent::File(file.into()),
            ..Pending::default()
        });
    }
}
