//! Uploads files. It uses XMLHttpRequest, because `fetch` does not report the progress of an upload.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_events::EventListener;
use parlor_session::{Attachment, Credentials, FailedBecause, Fault, Input, UploadOutcome};
use parlor_wire::visitor::{API_VERSION, header, status};
use wasm_bindgen::JsCast;
use web_sys::{File, FormData, ProgressEvent, XmlHttpRequest};

use super::{clock, json};

/// Called with the progress and the outcome of an upload.
type OnInput = Rc<dyn Fn(Input)>;

/// The files that the visitor has chosen, and the uploads that are running.
pub(super) struct Uploads {
    /// The last id. It starts at a random number, because an id is unique among all tabs.
    last: Cell<u32>,
    chosen: RefCell<Vec<(u32, File)>>,
    running: RefCell<Vec<(u32, Upload)>>,
}

struct Upload {
    request: XmlHttpRequest,
    _listeners: [EventListener; 3],
}

impl Uploads {
    pub(super) fn new() -> Self {
        Self {
            last: Cell::new(clock::seed() as u32),
            chosen: RefCell::default(),
            running: RefCell::default(),
        }
    }

    /// Gives a file that was chosen in this tab an id.
    pub(super) fn add(&self, file: File) -> Attachment {
        let id = self.last.get().wrapping_add(1);
        self.last.set(id);
        let attachment = Attachment {
            id,
            name: file.name(),
            kind: file.type_(),
            size: file.size() as u64,
        };
        self.insert(id, file);
        attachment
    }

    /// Remembers a file that was chosen in any tab. This costs little memory: the browser has the
    /// bytes.
    pub(super) fn insert(&self, id: u32, file: File) {
        self.chosen.borrow_mut().push((id, file));
    }

    /// Starts the upload of a file.
    pub(super) fn send(&self, base: &str, id: u32, credentials: &Credentials, on_input: OnInput) {
        let started = self.start(base, id, credentials, on_input.clone());
        match started {
            Some(upload) => {
                self.running.borrow_mut().push((id, upload));
            }
            // Later, because the session's outputs are being performed.
            None => leptos::task::spawn_local(async move {
                on_input(Input::UploadFinished {
                    id,
                    outcome: UploadOutcome::Failed(Fault::Refused),
                });
            }),
        }
    }

    fn start(
        &self,
        base: &str,
        id: u32,
        credentials: &Credentials,
        on_input: OnInput,
    ) -> Option<Upload> {
        let file = self
            .chosen
            .borrow()
            .iter()
            .find(|(known, _)| *known == id)?
            .1
            .clone();
        let form = FormData::new().ok()?;
        form.append_with_blob("file", &file).ok()?;
        let request = XmlHttpRequest::new().ok()?;
        request
            .open("POST", &[base, "/Chasitor/FileUpload"].concat())
            .ok()?;
        for (name, value) in [
            (header::API_VERSION, API_VERSION.to_string().as_str()),
            (header::AFFINITY, &credentials.affinity),
            (header::SESSION_KEY, &credentials.key),
        ] {
            request.set_request_header(name, value).ok()?;
        }
        let (progress, done, failed) = (on_input.clone(), on_input.clone(), on_input);
        let answered = request.clone();
        let listeners = [
            EventListener::new(request.upload().ok()?.as_ref(), "progress", move |event| {
                let event: &ProgressEvent = event.unchecked_ref();
                let percent = (100.0 * event.loaded() / event.total().max(1.0)) as u8;
                progress(Input::UploadProgress { id, percent });
            }),
            EventListener::once(&request, "load", move |_| {
                done(Input::UploadFinished {
                    id,
                    outcome: outcome(&answered),
                });
            }),
            EventListener::once(&request, "error", move |_| {
                failed(Input::UploadFinished {
                    id,
                    outcome: UploadOutcome::Failed(Fault::Network),
                });
            }),
        ];
        request.send_with_opt_form_data(Some(&form)).ok()?;
        Some(Upload {
            request,
            _listeners: listeners,
        })
    }

    /// Removes the listeners before it aborts the request, so that no further input comes of it.
    pub(super) fn abort(&self, id: u32) {
        let mut running = self.running.borrow_mut();
        let found = running.iter().position(|(known, _)| *known == id);
        if let Some((_, upload)) = found.map(|index| running.remove(index)) {
            let request = upload.request.clone();
            drop(upload);
            // Aborting a request that has ended does nothing.
            let _ = request.abort();
        }
    }
}

fn outcome(request: &XmlHttpRequest) -> UploadOutcome {
    let answer = request.response_text().ok().flatten().unwrap_or_default();
    match request.status().unwrap_or(0) {
        status::OK => match json::read(&answer) {
            Some(file) => UploadOutcome::Stored(file),
            None => UploadOutcome::Failed(Fault::Unreadable),
        },
        413 => UploadOutcome::Refused(FailedBecause::TooLarge),
        415 => UploadOutcome::Refused(FailedBecause::TypeNotAllowed),
        status::FORBIDDEN => UploadOutcome::Failed(Fault::SessionGone),
        // A server that is full says when to try again. One that has handed the session over
        // does not.
        status::AFFINITY_CHANGED if !has_retry_after(request) => {
            UploadOutcome::Failed(Fault::AffinityChanged)
        }
        _ => UploadOutcome::Failed(Fault::Refused),
    }
}

fn has_retry_after(request: &XmlHttpRequest) -> bool {
    matches!(request.get_response_header("retry-after"), Ok(Some(_)))
}
