//! The files that the agent chose, and their uploads. `XMLHttpRequest` is used because it is the
//! only browser API that reports upload progress. A file is held until the workspace does not need
//! it any more.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use parlor_wire::decode;
use parlor_wire::event::File;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{FileList, FormData, ProgressEvent, XmlHttpRequest};

use super::calls::{ACTIONS, fault_of_status};
use crate::workspace::{ChosenFile, Fault, FileId, Input};

#[derive(Default)]
pub(super) struct Files {
    held: RefCell<BTreeMap<FileId, HeldFile>>,
    last: Cell<u64>,
}

struct HeldFile {
    file: web_sys::File,
    request: Option<UploadRequest>,
}

/// An upload request. Dropping it aborts it, without any further report.
struct UploadRequest {
    request: XmlHttpRequest,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_end: Closure<dyn FnMut()>,
}

impl Files {
    /// Keeps these files and returns their descriptions.
    pub(super) fn hold(&self, files: &FileList) -> Vec<ChosenFile> {
        let files = (0..files.length()).filter_map(|at| files.get(at));
        files
            .map(|file| {
                let id = FileId(self.last.get() + 1);
                self.last.set(id.0);
                let chosen = ChosenFile {
                    id,
                    name: file.name(),
                    size: file.size() as u64,
                };
                let held = HeldFile {
                    file,
                    request: None,
                };
                self.held.borrow_mut().insert(id, held);
                chosen
            })
            .collect()
    }

    pub(super) fn send(&self, id: FileId, send_input: Rc<dyn Fn(Input)>) {
        let mut held = self.held.borrow_mut();
        let request = held
            .get(&id)
            .and_then(|held| UploadRequest::start(id, &held.file, Rc::clone(&send_input)).ok());
        match held.get_mut(&id) {
            Some(held) if request.is_some() => held.request = request,
            _ => spawn_local(async move { send_input(Input::UploadDone(id, Err(Fault::Refused))) }),
        }
    }

    pub(super) fn abort(&self, id: FileId) {
        if let Some(held) = self.held.borrow_mut().get_mut(&id) {
            held.request = None;
        }
    }

    pub(super) fn forget(&self, id: FileId) {
        self.held.borrow_mut().remove(&id);
    }
}

impl UploadRequest {
    fn start(
        id: FileId,
        file: &web_sys::File,
        send_input: Rc<dyn Fn(Input)>,
    ) -> Result<Self, JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open("POST", &format!("{ACTIONS}upload_file"))?;
        let form = FormData::new()?;
        form.append_with_blob_and_filename("file", file, &file.name())?;

        let send = Rc::clone(&send_input);
        let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            send(Input::UploadProgress(id, event.loaded() as u64));
        });
        let upload = request.upload()?;
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));

        let ended = request.clone();
        let on_end = Closure::<dyn FnMut()>::new(move || {
            let (send_input, answer) = (Rc::clone(&send_input), answer(&ended));
            // Deferred, because handling the input may drop the request whose event handler this
            // is.
            spawn_local(async move { send_input(Input::UploadDone(id, answer)) });
        });
        request.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
        request.send_with_opt_form_data(Some(&form))?;
        Ok(Self {
            request,
            _on_progress: on_progress,
            _on_end: on_end,
        })
    }
}

impl Drop for UploadRequest {
    fn drop(&mut self) {
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        self.request.set_onloadend(None);
        // Has no effect on a request that has ended.
        let _ = self.request.abort();
    }
}

fn answer(request: &XmlHttpRequest) -> Result<Box<File>, Fault> {
    if let Some(fault) = fault_of_status(request.status().unwrap_or_default()) {
        return Err(fault);
    }
    let text = request.response_text().ok().flatten().unwrap_or_default();
    let file = decode::<File>(text.as_bytes()).map_err(|_| Fault::ServerError)?;
    Ok(Box::new(file))
}
