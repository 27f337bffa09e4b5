//! Files that the person chose, and the requests that carry them up: by `XMLHttpRequest`, the only
//! one in browsers that tells how far it is. A file is held until the desk does not need it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use parlor_wire::decode;
use parlor_wire::event::File;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{FileList, FormData, ProgressEvent, XmlHttpRequest};

use super::calls::{ACTIONS, fault};
use crate::desk::{Chosen, Fault, FileId, Input};

#[derive(Default)]
pub(super) struct Files {
    held: RefCell<BTreeMap<FileId, Held>>,
    last: Cell<u64>,
}

struct Held {
    file: web_sys::File,
    going: Option<Going>,
}

/// A request; dropped, it is broken off and says nothing more.
struct Going {
    request: XmlHttpRequest,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_end: Closure<dyn FnMut()>,
}

impl Files {
    /// Keeps them, and says what they are.
    pub(super) fn hold(&self, files: &FileList) -> Vec<Chosen> {
        let files = (0..files.length()).filter_map(|at| files.get(at));
        files
            .map(|file| {
                let id = FileId(self.last.get() + 1);
                self.last.set(id.0);
                let chosen = Chosen {
                    id,
                    name: file.name(),
                    size: file.size() as u64,
                };
                let held = Held { file, going: None };
                self.held.borrow_mut().insert(id, held);
                chosen
            })
            .collect()
    }

    pub(super) fn send(&self, id: FileId, tell: Rc<dyn Fn(Input)>) {
        let mut held = self.held.borrow_mut();
        let going = held
            .get(&id)
            .and_then(|held| Going::begin(id, &held.file, Rc::clone(&tell)).ok());
        match held.get_mut(&id) {
            Some(held) if going.is_some() => held.going = going,
            _ => spawn_local(async move { tell(Input::Uploaded(id, Err(Fault::Refused))) }),
        }
    }

    pub(super) fn abort(&self, id: FileId) {
        if let Some(held) = self.held.borrow_mut().get_mut(&id) {
            held.going = None;
        }
    }

    pub(super) fn forget(&self, id: FileId) {
        self.held.borrow_mut().remove(&id);
    }
}

impl Going {
    fn begin(id: FileId, file: &web_sys::File, tell: Rc<dyn Fn(Input)>) -> Result<Self, JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open("POST", &format!("{ACTIONS}upload_file"))?;
        let form = FormData::new()?;
        form.append_with_blob_and_filename("file", file, &file.name())?;

        let told = Rc::clone(&tell);
        let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            told(Input::UploadWentOn(id, event.loaded() as u64));
        });
        let upload = request.upload()?;
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));

        let ended = request.clone();
        let on_end = Closure::<dyn FnMut()>::new(move || {
            let (tell, answer) = (Rc::clone(&tell), answer(&ended));
            // Afterwards: what is told may drop the request whose end this is.
            spawn_local(async move { tell(Input::Uploaded(id, answer)) });
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

impl Drop for Going {
    fn drop(&mut self) {
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        self.request.set_onloadend(None);
        // One that has ended is not hurt by it.
        let _ = self.request.abort();
    }
}

fn answer(request: &XmlHttpRequest) -> Result<Box<File>, Fault> {
    if let Some(fault) = fault(request.status().unwrap_or_default()) {
        return Err(fault);
    }
    let text = request.response_text().ok().flatten().unwrap_or_default();
    let file = decode::<File>(text.as_bytes()).map_err(|_| Fault::Unwell)?;
    Ok(Box::new(file))
}
