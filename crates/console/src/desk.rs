//! The agents' desk as a machine: `handle(now, input) -> outputs`. It decides who waits, who is
//! mine, what is unread, what was sent and what must be asked for again; it knows no browser, no
//! clock and no words that a person reads. What it shows is what the endpoint said: where it cannot
//! be sure that it heard everything, it asks again.

mod act;
mod address;
mod catch_up;
mod chat;
mod compare;
mod compose;
mod content;
mod input;
pub mod limits;
mod line;
mod moment;
mod output;
mod past;
mod picture;
mod push;
mod shown;
mod sign_in;
#[cfg(test)]
mod stories;
mod tags;
mod templates;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};

use parlor_wire::{AgentId, ChatId, CustomId, MyProfile, RoutingStatus, UserId};

pub use address::may_follow;
pub use chat::Place;
pub use content::{Attached, Body, Card, Look, Picture, Press, Question};
pub use input::{Fault, Input, Intent, Reply, Secret};
pub use moment::moment;
pub use output::{Announcement, Call, CallId, Chime, Notice, Output, Part, Trouble};
pub use past::{Earlier, EarlierThread};
pub use picture::{
    Author, Colleague, Connection, Delivery, Draft, Entry, Held, Lists, Live, Me, Open, Page,
    Person, Preview, Row, Stage, Transfer,
};

pub use templates::{Canned, Offer, Picker, Ready, Stock};
pub use uploads::{Chosen, FileId, Sending, SendingStage};

use chat::Chat;

/// Milliseconds since 1970, as the driver's clock says.
pub type Millis = u64;

/// Everything an agent has in front of them.
#[derive(Debug)]
pub struct Desk {
    now: Millis,
    /// Makes this page's `custom_id`s and pauses its own.
    seed: u64,
    /// This page's own, as `https://chat.example.com`.
    origin: String,
    stage: sign_in::Stage,
    line: line::Line,
    catching: catch_up::CatchUp,
    chats: BTreeMap<ChatId, Chat>,
    selected: Option<ChatId>,
    templates: templates::Templates,
    /// Whether somebody looks at the page.
    watched: bool,
    /// What is being applied is a listing, and no news.
    quiet: bool,
    transfer: Option<Transfer>,
    notice: Option<(Notice, Millis)>,
    awaited: BTreeMap<CallId, Errand>,
    last_call: u64,
    last_custom: u64,
    out: Vec<Output>,
    moved: BTreeSet<Part>,
    alarm: Option<Millis>,
}

/// What a call was for: its answer is read by it.
#[derive(Debug)]
enum Errand {
    WhoAmI,
    SignIn {
        by_link: bool,
    },
    SignOut,
    Fetch(ChatId),
    Accept(ChatId),
    Say(ChatId, CustomId),
    Colleagues(ChatId),
    Transfer(ChatId),
    End(ChatId),
    Status(RoutingStatus),
    Templates,
    Past(ChatId),
    Tag(tags::Tagging),
    AskForFile(ChatId, bool),
    /// Typing and seen marks: nobody waits for the answer.
    Aside,
}

impl Desk {
    /// A desk at which nobody is signed in yet; `seed` differs from page to page, and `origin` is
    /// this page's own.
    pub fn new(seed: u64, origin: String) -> Self {
        Self {
            now: 0,
            seed,
            origin,
            stage: sign_in::Stage::Asking,
            line: line::Line::default(),
            catching: catch_up::CatchUp::default(),
            chats: BTreeMap::new(),
            selected: None,
            templates: templates::Templates::default(),
            watched: true,
            quiet: false,
            transfer: None,
            notice: None,
            awaited: BTreeMap::new(),
            last_call: 0,
            last_custom: 0,
            out: Vec::new(),
            moved: BTreeSet::new(),
            alarm: None,
        }
    }

    /// One thing happened at `now`; what is to be done about it.
    pub fn handle(&mut self, now: Millis, input: Input) -> Vec<Output> {
        self.now = now;
        match input {
            Input::Start { link } => self.start(link),
            Input::Want(intent) => self.want(intent),
            Input::Answered(id, answer) => self.answered(id, answer),
            Input::UploadWentOn(file, sent) => self.upload_went_on(file, sent),
            Input::Uploaded(file, answer) => self.uploaded(file, answer),
            Input::Opened(socket) => self.opened(socket),
            Input::Closed(socket) => self.closed(socket),
            Input::Heard(socket, frame) => self.heard(socket, *frame),
            Input::Garbled(socket) => self.garbled(socket),
            Input::Watched(watched) => self.watched(watched),
            Input::Online => self.hurry(),
            Input::Woke => self.alarm = None,
        }
        self.due();
        self.drained()
    }

    fn want(&mut self, intent: Intent) {
        match intent {
            Intent::SignIn { email, password } => self.sign_in(email, password),
            Intent::SignOut => self.sign_out(),
            Intent::SetStatus(status) => self.set_status(status),
            Intent::Select(id) => self.select(Some(id)),
            Intent::Deselect => self.select(None),
            Intent::SelectNext => self.step(1),
            Intent::SelectPrevious => self.step(-1),
            Intent::Enter => self.enter(),
            Intent::Accept => self.accept(),
            Intent::Write(text) => self.write(text),
            Intent::NoteMode(on) => self.note_mode(on),
            Intent::Send => self.say(),
            Intent::PressEnter => self.press_enter(),
            Intent::PickNext => self.pick_by(1),
            Intent::PickPrevious => self.pick_by(-1),
            Intent::Pick(at) => {
                self.pick(Some(at));
            }
            Intent::DismissPicker => self.dismiss_picker(),
            Intent::SendAnyway => self.send_anyway(),
            Intent::TakeBack => self.take_back(),
            Intent::WantTemplates => self.want_templates(),
            Intent::SendReady(which) => self.send_ready(which),
            Intent::Attach(files) => self.attach(files),
            Intent::CancelUpload(file) => self.cancel_upload(file),
            Intent::RetryUpload(file) => self.retry_upload(file),
            Intent::AskForFile(on) => self.ask_for_file(on),
            Intent::AddTag(tag) => self.add_tag(&tag),
            Intent::RemoveTag(tag) => self.remove_tag(tag),
            Intent::ReadPast => self.read_past(),
            Intent::Resend(custom_id) => self.resend(&custom_id),
            Intent::Discard(custom_id) => self.discard(&custom_id),
            Intent::OpenTransfer => self.open_transfer(),
            Intent::CloseTransfer => self.close_transfer(),
            Intent::TransferTo(agent) => self.transfer_to(agent),
            Intent::End => self.end(),
            Intent::DismissNotice => self.clear_notice(),
        }
    }

    fn answered(&mut self, id: CallId, answer: Result<Reply, Fault>) {
        let Some(errand) = self.awaited.remove(&id) else {
            return;
        };
        if answer == Err(Fault::SignedOut) && self.me().is_some() {
            self.session_over();
            return;
        }
        match errand {
            Errand::WhoAmI => self.told_who(answer),
            Errand::SignIn { by_link } => self.signed_in(answer, by_link),
            Errand::SignOut => self.signed_out(answer),
            Errand::Fetch(chat) => self.fetched(&chat, answer),
            Errand::Accept(chat) => self.accepted(&chat, answer),
            Errand::Say(chat, custom_id) => self.said(&chat, &custom_id, answer),
            Errand::Colleagues(chat) => self.told_colleagues(&chat, answer),
            Errand::Transfer(chat) => self.transferred(&chat, answer),
            Errand::End(chat) => self.ended(&chat, answer),
            Errand::Templates => self.told_templates(answer),
            Errand::Past(chat) => self.told_past(&chat, answer),
            Errand::Tag(tagging) => self.told_tag(tagging, answer),
            Errand::AskForFile(chat, on) => self.asked_for_file(&chat, on, answer),
            Errand::Status(before) => self.told_status(before, answer),
            Errand::Aside => {}
        }
    }

    /// Whatever was to be done by now.
    fn due(&mut self) {
        self.line_due();
        self.sign_in_due();
        if self.me().is_some() {
            self.glances_due();
            self.typing_due();
            self.uploads_due();
            self.replies_due();
            self.fetches_due();
            self.mark_seen();
        }
        if self
            .notice
            .as_ref()
            .is_some_and(|(_, until)| *until <= self.now)
        {
            self.clear_notice();
        }
    }

    fn drained(&mut self) -> Vec<Output> {
        let alarm = self.next_deadline();
        if alarm != self.alarm {
            self.alarm = alarm;
            self.out.push(Output::WakeAt(alarm));
        }
        let moved = std::mem::take(&mut self.moved);
        let mut out = std::mem::take(&mut self.out);
        // The picture first: a focus or a sound belongs to what is shown by then.
        out.splice(0..0, moved.into_iter().map(Output::Moved));
        out
    }

    fn next_deadline(&self) -> Option<Millis> {
        let mut deadlines = vec![
            self.line.deadline(),
            self.sign_in_deadline(),
            self.notice.as_ref().map(|(_, until)| *until),
        ];
        if self.me().is_some() {
            deadlines.push(self.fetch_deadline());
            deadlines.extend(self.chats.values().map(Chat::deadline));
        }
        deadlines.into_iter().flatten().min()
    }

    fn call(&mut self, errand: Errand, call: Call) {
        self.last_call += 1;
        let id = CallId(self.last_call);
        self.awaited.insert(id, errand);
        self.out.push(Output::Call(id, call));
    }

    fn moved(&mut self, part: Part) {
        self.moved.insert(part);
    }

    fn tell(&mut self, notice: Notice) {
        self.notice = Some((notice, self.now + limits::NOTICE_LASTS));
        self.moved(Part::Notice);
    }

    fn clear_notice(&mut self) {
        self.notice = None;
        self.moved(Part::Notice);
    }

    fn watched(&mut self, watched: bool) {
        let back = watched && !self.watched;
        self.watched = watched;
        if back {
            self.hurry();
        }
    }

    fn me(&self) -> Option<&MyProfile> {
        match &self.stage {
            sign_in::Stage::SignedIn(me) => Some(me),
            _ => None,
        }
    }

    fn my_id(&self) -> Option<&AgentId> {
        self.me().map(|me| &me.id)
    }

    fn is_me(&self, user: &UserId) -> bool {
        self.my_id().is_some_and(|me| me.as_str() == user.as_str())
    }

    fn place_of(&self, id: &ChatId) -> Option<Place> {
        Some(self.chats.get(id)?.place(self.my_id()?))
    }

    /// Everything about one chat may look different now.
    fn chat_moved(&mut self, id: &ChatId) {
        self.moved(Part::Lists);
        if self.selected.as_ref() == Some(id) {
            self.moved.extend([
                Part::Open,
                Part::Entries,
                Part::Live,
                Part::Person,
                Part::Past,
            ]);
        }
    }
}
