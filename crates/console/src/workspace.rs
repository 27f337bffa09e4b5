//! The agent's workspace as a state machine: `handle(now, input) -> outputs`. It decides which
//! visitors wait, which chats are the agent's, what is unread, which replies are pending, and what
//! has to be fetched again.
//!
//! It does not know the browser, the clock, or any text that a person reads. It shows only what the
//! server has confirmed: whenever it may have missed something, it fetches again.

mod archive;
mod catch_up;
mod chat;
mod chat_actions;
mod compare_and_send;
mod connection;
mod content;
mod day;
mod deletion;
mod ended;
mod history;
mod input;
pub mod limits;
mod messages;
mod notifications;
mod output;
mod presenter;
mod push;
mod replies;
mod reports;
mod saved;
mod sign_in;
mod sign_ins;
#[cfg(test)]
mod stories;
mod tags;
mod teams;
mod templates;
mod timestamp;
mod uploads;
mod url_safety;
mod view_model;

use std::collections::{BTreeMap, BTreeSet};

use parlor_wire::agent::{SearchArchive, UpdateArchivedThread};
use parlor_wire::{AgentId, ChatId, CustomId, MyProfile, RoutingStatus, UserId};

pub use archive::{
    ArchiveIntent, ArchiveQuery, ArchiveResults, ArchiveRow, ArchivedChat, ExportKind, Field,
    Meaning, Names, QueryProblem, RatingView, Section, Suggestion,
};
pub use chat::ChatStatus;
pub use content::{Body, ButtonView, Card, FileView, ImageView, Question, RichLayout};
pub use day::Day;
pub use history::{HistoryThread, HistoryView};
pub use input::{Fault, Input, Intent, Link, MessageChange, Reply, Secret};
pub use output::{
    Announcement, Call, CallId, Chime, Notice, Notification, NotificationKind, NotificationRefusal,
    Output, SignInProblem, ViewPart,
};
pub use reports::{ReportIntent, ReportView, Span};
pub use saved::{Saved, SavedDraft, SavedOpen};
pub use sign_ins::{SignIn, SignInRow, SignIns};
pub use timestamp::parse_timestamp;
pub use url_safety::is_safe_link;
pub use view_model::{
    Author, CallbackView, Colleague, ConnectionStatus, Delivery, Draft, Entry, HeldReply, Lists,
    Me, MessageList, MessageRow, Offered, OpenChat, Page, Person, PersonRecord, Preview, Row,
    SignInStage, Team, Transfer, TypingPreview,
};

pub use templates::{CannedReply, Picker, TemplateId, TemplateItem, TemplateMenu};
pub use uploads::{ChosenFile, FileId, UploadStage, UploadView};

use chat::Chat;

/// Milliseconds since 1970-01-01 UTC, by the browser's clock.
pub type Millis = u64;

/// The whole state of the page of one agent.
#[derive(Debug)]
pub struct Workspace {
    now: Millis,
    /// Makes the `custom_id`s and the back-off pauses of this page different from those of other
    /// pages.
    seed: u64,
    /// The origin of this page, for example `https://chat.example.com`.
    origin: String,
    stage: sign_in::Stage,
    connection: connection::Connection,
    catch_up: catch_up::CatchUp,
    chats: BTreeMap<ChatId, Chat>,
    selected: Option<ChatId>,
    /// The chat that was opened last because it needed an answer.
    stepped_to: Option<ChatId>,
    templates: templates::Templates,
    /// All groups of agents, once they are loaded.
    groups: Vec<parlor_wire::agent::Group>,
    messages: messages::Messages,
    ended: ended::Ended,
    archive: archive::Archive,
    reports: reports::Reports,
    /// The part of the page that is shown.
    section: Section,
    saving: saved::Saving,
    /// How far the server's clock is ahead of the browser's, in milliseconds.
    clock_offset: i64,
    notifications: notifications::Notifications,
    /// Whether the page is visible and has the focus.
    focused: bool,
    /// True while a list of chats is applied: it is not news, so no sound is made for it.
    chimes_suppressed: bool,
    transfer: Option<Transfer>,
    sign_ins: Option<SignIns>,
    notice: Option<(Notice, Millis)>,
    pending_calls: BTreeMap<CallId, PendingCall>,
    last_call: u64,
    last_custom: u64,
    outputs: Vec<Output>,
    changed_parts: BTreeSet<ViewPart>,
    alarm: Option<Millis>,
}

/// What an outstanding call was made for. Its reply is handled accordingly.
#[derive(Debug)]
enum PendingCall {
    WhoAmI,
    SignIn {
        by_link: bool,
    },
    ChoosePassword,
    SignOut,
    SignIns,
    EndSignIn(String),
    Fetch(ChatId),
    Accept(ChatId),
    TakeOver(ChatId),
    Send(ChatId, CustomId),
    Colleagues(ChatId),
    Teams,
    Join(ChatId),
    /// The chat, and the offer that is declined.
    Decline(ChatId, Offered),
    Transfer(ChatId),
    End(ChatId),
    Reopen(ChatId),
    Status(RoutingStatus),
    Templates,
    History(ChatId),
    Messages {
        callbacks: bool,
    },
    UpdateMessage,
    Ended,
    Tag(tags::Tagging),
    /// The number of the search, and what was asked.
    Archive(u64, SearchArchive),
    /// The number of the conversation that was opened.
    ArchivedChat(u64),
    MarkArchived(UpdateArchivedThread),
    ReopenArchived(ChatId),
    /// The number of the question.
    Report(u64),
    ArchiveNames,
    AskForFile(ChatId, bool),
    /// Typing indicators and seen marks: the reply is ignored.
    IgnoreReply,
}

impl Workspace {
    /// A workspace in which it is not known yet who is signed in. `seed` must differ from page to
    /// page; `origin` is this page's own.
    pub fn new(seed: u64, origin: String) -> Self {
        Self {
            now: 0,
            seed,
            origin,
            stage: sign_in::Stage::Checking,
            connection: connection::Connection::default(),
            catch_up: catch_up::CatchUp::default(),
            chats: BTreeMap::new(),
            selected: None,
            stepped_to: None,
            templates: templates::Templates::default(),
            groups: Vec::new(),
            messages: messages::Messages::default(),
            ended: ended::Ended::default(),
            archive: archive::Archive::default(),
            reports: reports::Reports::default(),
            section: Section::default(),
            saving: saved::Saving::default(),
            clock_offset: 0,
            notifications: notifications::Notifications::default(),
            focused: true,
            chimes_suppressed: false,
            transfer: None,
            sign_ins: None,
            notice: None,
            pending_calls: BTreeMap::new(),
            last_call: 0,
            last_custom: 0,
            outputs: Vec::new(),
            changed_parts: BTreeSet::new(),
            alarm: None,
        }
    }

    /// Handles one input that happened at `now` and returns what the driver has to do.
    pub fn handle(&mut self, now: Millis, input: Input) -> Vec<Output> {
        self.now = now;
        match input {
            Input::Start { link, saved } => {
                self.saved_found(saved);
                self.start(link);
            }
            Input::Intent(intent) => self.on_intent(intent),
            Input::CallReply(id, answer) => self.on_call_reply(id, answer),
            Input::UploadProgress(file, sent) => self.on_upload_progress(file, sent),
            Input::UploadDone(file, answer) => self.on_upload_done(file, answer),
            Input::SocketOpened(socket) => self.on_socket_opened(socket),
            Input::SocketClosed(socket) => self.on_socket_closed(socket),
            Input::FrameReceived(socket, frame) => self.on_frame(socket, *frame),
            Input::UnreadableFrame(socket) => self.on_unreadable_frame(socket),
            Input::FocusChanged(focused) => self.on_focus_changed(focused),
            Input::ClockMeasured(offset) => self.clock_offset = offset,
            Input::NotificationsRefused(why) => self.show_notice(Notice::NoNotifications(why)),
            Input::SignedOutElsewhere => self.on_signed_out_elsewhere(),
            Input::Online => self.retry_now(),
            Input::Wake => self.alarm = None,
        }
        self.run_due();
        self.drain_outputs()
    }

    fn on_intent(&mut self, intent: Intent) {
        match intent {
            Intent::SignIn { email, password } => self.sign_in(email, password),
            Intent::ChoosePassword(password) => self.choose_password(password),
            Intent::SignOut => self.sign_out(Call::SignOut),
            Intent::SignOutEverywhere => self.sign_out(Call::SignOutEverywhere),
            Intent::OpenSignIns => self.open_sign_ins(),
            Intent::CloseSignIns => self.close_sign_ins(),
            Intent::EndSignIn(id) => self.end_sign_in(&id),
            Intent::SetStatus(status) => self.set_status(status),
            Intent::Select(id) => self.select(Some(id)),
            Intent::OpenNotified(notification) => self.open_notified(notification),
            Intent::Deselect => self.select(None),
            Intent::SelectNext if self.section == Section::Archive => self.step_in_archive(1),
            Intent::SelectPrevious if self.section == Section::Archive => {
                self.step_in_archive(-1);
            }
            Intent::SelectNext => self.select_relative(1),
            Intent::SelectPrevious => self.select_relative(-1),
            Intent::SelectNextUnanswered => self.select_next_unanswered(),
            Intent::Enter => self.enter(),
            Intent::Accept => self.accept(),
            Intent::TakeOver => self.take_over(),
            Intent::Join => self.join(),
            Intent::Decline => self.decline(),
            Intent::Write(text) => self.write(text),
            Intent::NoteMode(on) => self.note_mode(on),
            Intent::Send => self.send_draft(),
            Intent::PressEnter => self.press_enter(),
            Intent::PickNext => self.move_highlight(1),
            Intent::PickPrevious => self.move_highlight(-1),
            Intent::Pick(at) => {
                self.pick(Some(at));
            }
            Intent::DismissPicker => self.dismiss_picker(),
            Intent::SendAnyway => self.send_anyway(),
            Intent::EditHeld => self.edit_held(),
            Intent::LoadTemplates => self.load_templates(),
            Intent::SendTemplate(which) => self.send_template(which),
            Intent::Attach(files) => self.attach(files),
            Intent::CancelUpload(file) => self.cancel_upload(file),
            Intent::RetryUpload(file) => self.retry_upload(file),
            Intent::AskForFile(on) => self.ask_for_file(on),
            Intent::AddTag(tag) => self.add_tag(&tag),
            Intent::RemoveTag(tag) => self.remove_tag(tag),
            Intent::LoadHistory => self.load_history(),
            Intent::OpenMessage(chat, thread) => self.open_thread(&chat, &thread, true),
            Intent::OpenEnded(chat, thread) => self.open_thread(&chat, &thread, false),
            Intent::UpdateMessage(change) => self.update_message(change),
            Intent::AnswerEnded => self.answer_ended(),
            Intent::Reopen => self.reopen(),
            Intent::Dismiss => self.dismiss(),
            Intent::Resend(custom_id) => self.resend(&custom_id),
            Intent::Discard(custom_id) => self.discard(&custom_id),
            Intent::OpenTransfer => self.open_transfer(),
            Intent::CloseTransfer => self.close_transfer(),
            Intent::TransferTo(agent) => self.transfer_to(agent),
            Intent::TransferToTeam(id) => self.transfer_to_team(id),
            Intent::WriteTransferNote(note) => self.write_transfer_note(note),
            Intent::End => self.end(),
            Intent::ShowSection(section, today, time_zone) => {
                self.show_section(section, today, time_zone);
            }
            Intent::Archive(intent) => self.on_archive_intent(intent),
            Intent::Report(intent) => self.on_report_intent(intent),
            Intent::DismissNotice => self.clear_notice(),
        }
    }

    fn on_call_reply(&mut self, id: CallId, answer: Result<Reply, Fault>) {
        let Some(errand) = self.pending_calls.remove(&id) else {
            return;
        };
        if answer == Err(Fault::SignedOut) && self.me().is_some() {
            self.on_session_ended();
            return;
        }
        match errand {
            PendingCall::WhoAmI => self.on_profile_reply(answer),
            PendingCall::SignIn { by_link } => self.on_sign_in_reply(answer, by_link),
            PendingCall::ChoosePassword => self.on_choose_password_reply(answer),
            PendingCall::SignOut => self.on_sign_out_reply(answer),
            PendingCall::SignIns => self.on_sign_ins_reply(answer),
            PendingCall::EndSignIn(id) => self.on_sign_in_ended(&id, answer),
            PendingCall::Fetch(chat) => self.on_chat_reply(&chat, answer),
            PendingCall::Accept(chat) => self.on_accept_reply(&chat, answer),
            PendingCall::TakeOver(chat) => self.on_take_over_reply(&chat, answer),
            PendingCall::Send(chat, custom_id) => self.on_send_reply(&chat, &custom_id, answer),
            PendingCall::Teams => self.on_teams_reply(answer),
            PendingCall::Decline(chat, offered) => self.on_decline_reply(&chat, offered, answer),
            PendingCall::Join(chat) => self.on_join_reply(&chat, answer),
            PendingCall::Colleagues(chat) => self.on_colleagues_reply(&chat, answer),
            PendingCall::Transfer(chat) => self.on_transfer_reply(&chat, answer),
            PendingCall::Reopen(chat) => self.on_reopen_reply(&chat, answer),
            PendingCall::End(chat) => self.on_end_reply(&chat, answer),
            PendingCall::Templates => self.on_templates_reply(answer),
            PendingCall::History(chat) => self.on_history_reply(&chat, answer),
            PendingCall::Messages { callbacks } => self.on_messages_reply(callbacks, answer),
            PendingCall::Ended => self.on_ended_reply(answer),
            PendingCall::UpdateMessage => self.on_message_update_reply(answer),
            PendingCall::Tag(tagging) => self.on_tag_reply(tagging, answer),
            PendingCall::Archive(number, asked) => self.on_archive_reply(number, &asked, answer),
            PendingCall::ArchivedChat(number) => self.on_archived_chat_reply(number, answer),
            PendingCall::MarkArchived(asked) => self.on_marked_archived(&asked, answer),
            PendingCall::ReopenArchived(chat) => self.on_reopen_archived_reply(&chat, answer),
            PendingCall::Report(number) => self.on_report_reply(number, answer),
            PendingCall::ArchiveNames => self.on_names_reply(answer),
            PendingCall::AskForFile(chat, on) => self.on_file_request_reply(&chat, on, answer),
            PendingCall::Status(before) => self.on_status_reply(before, answer),
            PendingCall::IgnoreReply => {}
        }
    }

    /// Does everything whose time has come.
    fn run_due(&mut self) {
        self.connection_due();
        self.sign_in_due();
        if self.me().is_some() {
            self.reading_due();
            self.typing_due();
            self.uploads_due();
            self.replies_due();
            self.fetches_due();
            self.messages_due();
            self.callbacks_due();
            self.ended_due();
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

    fn drain_outputs(&mut self) -> Vec<Output> {
        self.save();
        let alarm = self.next_deadline();
        if alarm != self.alarm {
            self.alarm = alarm;
            self.outputs.push(Output::WakeAt(alarm));
        }
        let changed = std::mem::take(&mut self.changed_parts);
        let mut out = std::mem::take(&mut self.outputs);
        // View changes come first: a focus move or a sound belongs to what is shown by then.
        out.splice(0..0, changed.into_iter().map(Output::ViewChanged));
        out
    }

    fn next_deadline(&self) -> Option<Millis> {
        let mut deadlines = vec![
            self.connection.deadline(),
            self.sign_in_deadline(),
            self.notice.as_ref().map(|(_, until)| *until),
        ];
        if self.me().is_some() {
            deadlines.push(self.fetch_deadline());
            deadlines.push(self.ended_deadline());
            deadlines.push(self.callbacks_deadline());
            deadlines.extend(self.chats.values().map(Chat::deadline));
        }
        deadlines.into_iter().flatten().min()
    }

    fn call(&mut self, errand: PendingCall, call: Call) {
        self.last_call += 1;
        let id = CallId(self.last_call);
        self.pending_calls.insert(id, errand);
        self.outputs.push(Output::Call(id, call));
    }

    fn view_changed(&mut self, part: ViewPart) {
        self.changed_parts.insert(part);
    }

    fn show_notice(&mut self, notice: Notice) {
        self.notice = Some((notice, self.now + limits::NOTICE_LASTS));
        self.view_changed(ViewPart::Notice);
    }

    fn clear_notice(&mut self) {
        self.notice = None;
        self.view_changed(ViewPart::Notice);
    }

    fn on_focus_changed(&mut self, focused: bool) {
        let regained = focused && !self.focused;
        self.focused = focused;
        if regained {
            self.withdraw_notifications();
            self.retry_now();
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

    /// The time by the server's clock.
    fn server_now(&self) -> Millis {
        self.now.saturating_add_signed(self.clock_offset)
    }

    fn status_of(&self, id: &ChatId) -> Option<ChatStatus> {
        Some(self.chats.get(id)?.status(self.my_id()?))
    }

    /// Marks everything that shows this chat as changed.
    fn chat_changed(&mut self, id: &ChatId) {
        self.view_changed(ViewPart::Lists);
        if self.selected.as_ref() == Some(id) {
            self.changed_parts.extend([
                ViewPart::OpenChat,
                ViewPart::Entries,
                ViewPart::TypingPreview,
                ViewPart::Person,
                ViewPart::History,
            ]);
        }
    }
}
