//! The conversation that is open in the archive: all of it, and what an agent does with it. It is
//! apart from the visitor's live chat, which may go on meanwhile.

use parlor_wire::agent::{GetChat, InitialChat, ResumeChat, UpdateArchivedThread};
use parlor_wire::limits::TAG_MAX_BYTES;
use parlor_wire::{Chat as WireChat, ChatId, EventId, ThreadId};

use super::{ArchiveRow, ExportKind, Section, export};
use crate::workspace::chat::{Chat, Fetch};
use crate::workspace::tags::Tagging;
use crate::workspace::{
    Call, Entry, Fault, Millis, Notice, Output, PendingCall, Person, Reply, ViewPart, Workspace,
    limits,
};

/// The conversation that is open.
#[derive(Debug)]
pub(in crate::workspace) struct Opened {
    chat_id: ChatId,
    pub(in crate::workspace) thread: ThreadId,
    /// Late replies are dropped by it.
    number: u64,
    chat: Chat,
    /// As the server sent it first, without the earlier events.
    snapshot: Option<Box<WireChat>>,
    /// Only the events before this one are missing.
    before: Option<EventId>,
    state: Loading,
    reopening: bool,
    /// What was found of it, if it is in no list any more.
    row: Option<ArchiveRow>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Loading {
    InFlight,
    Failed(Fault),
    Complete,
    /// There are more events than are loaded.
    Cut,
}

/// A visitor's rating.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RatingView {
    /// Whether it is good; none if only a comment was given.
    pub good: Option<bool>,
    /// What the visitor wrote about the conversation.
    pub comment: Option<String>,
}

/// The open conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct ArchivedChat {
    /// The conversation.
    pub thread: ThreadId,
    /// The visitor's name, if known.
    pub name: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub at: Option<Millis>,
    /// How long it went on, in milliseconds.
    pub lasted: Option<Millis>,
    /// A message that was left.
    pub is_message: bool,
    /// The names of the agents who took part.
    pub agents: Vec<String>,
    /// The group of agents.
    pub team: Option<String>,
    /// The visitor's rating.
    pub rating: Option<RatingView>,
    /// No agent has accepted it.
    pub missed: bool,
    /// It waits for somebody to deal with it; none if that is not known.
    pub unread: Option<bool>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its events.
    pub entries: Vec<Entry>,
    /// What is known about the visitor.
    pub person: Person,
    /// Events are being loaded.
    pub busy: bool,
    /// Why they could not be loaded.
    pub failed: Option<Fault>,
    /// Only the newest events are shown: there are too many.
    pub cut: bool,
    /// A new conversation is asked for, and not confirmed yet.
    pub reopening: bool,
}

impl Opened {
    pub(super) fn forget_pending_call(&mut self) {
        if self.state == Loading::InFlight {
            self.state = Loading::Failed(Fault::SignedOut);
        }
        self.reopening = false;
    }

    /// Whether all is there that can be exported.
    fn is_loaded(&self) -> bool {
        matches!(self.state, Loading::Complete | Loading::Cut)
    }
}

impl Workspace {
    pub(super) fn open_archived(&mut self, chat: ChatId, thread: ThreadId) {
        let is_open = self.archive.opened.as_ref();
        if is_open.is_some_and(|opened| opened.thread == thread && opened.is_loaded()) {
            return self.outputs.push(Output::FocusConversation);
        }
        self.archive.opened = Some(Opened {
            chat: Chat::new(chat.clone(), Fetch::Idle),
            chat_id: chat,
            number: 0,
            snapshot: None,
            before: None,
            state: Loading::InFlight,
            reopening: false,
            row: self.archive.row(&thread).cloned(),
            thread,
        });
        self.load_archived();
        self.outputs.push(Output::FocusConversation);
        self.view_changed(ViewPart::ArchiveResults);
    }

    pub(super) fn close_archived(&mut self) {
        if let Some(opened) = self.archive.opened.take() {
            self.outputs.push(Output::FocusResult(opened.thread));
        }
        self.changed_parts
            .extend([ViewPart::ArchivedChat, ViewPart::ArchiveResults]);
    }

    /// Loads the open conversation, or the events before those that have been loaded.
    pub(super) fn load_archived(&mut self) {
        let Some(opened) = &mut self.archive.opened else {
            return;
        };
        self.archive.opened_number += 1;
        opened.number = self.archive.opened_number;
        opened.state = Loading::InFlight;
        let number = opened.number;
        let call = GetChat {
            chat_id: opened.chat_id.clone(),
            thread_id: Some(opened.thread.clone()),
            events_before: opened.before.clone(),
        };
        self.call(PendingCall::ArchivedChat(number), Call::GetChat(call));
        self.view_changed(ViewPart::ArchivedChat);
    }

    pub(in crate::workspace) fn on_archived_chat_reply(
        &mut self,
        number: u64,
        answer: Result<Reply, Fault>,
    ) {
        let Some(me) = self.my_id().cloned() else {
            return;
        };
        let Some(opened) = self
            .archive
            .opened
            .as_mut()
            .filter(|it| it.number == number)
        else {
            return;
        };
        match answer {
            Ok(Reply::Chat(reply)) => {
                let cut = reply.thread.as_ref().filter(|it| it.has_earlier_events);
                opened.before = cut.and_then(|it| it.events.as_ref()?.first()?.id.clone());
                opened.chat.show_thread(&opened.thread);
                opened.chat.apply_snapshot((*reply).clone(), &me);
                opened.snapshot.get_or_insert(reply);
                let loaded = opened.chat.events().count();
                opened.state = match opened.before {
                    None => Loading::Complete,
                    Some(_) if loaded >= limits::EVENTS_MAX => Loading::Cut,
                    Some(_) => return self.load_archived(),
                };
            }
            Err(fault) => opened.state = Loading::Failed(fault),
            Ok(_) => opened.state = Loading::Failed(Fault::ServerError),
        }
        self.view_changed(ViewPart::ArchivedChat);
    }

    pub(super) fn mark_archived(&mut self, unread: bool) {
        if let Some(opened) = &self.archive.opened {
            let call = UpdateArchivedThread {
                thread_id: opened.thread.clone(),
                unread,
            };
            self.call(
                PendingCall::MarkArchived(call.clone()),
                Call::UpdateArchivedThread(call),
            );
        }
    }

    pub(in crate::workspace) fn on_marked_archived(
        &mut self,
        asked: &UpdateArchivedThread,
        answer: Result<Reply, Fault>,
    ) {
        if let Err(fault) = answer {
            return self.show_notice(Notice::NotMarked(fault));
        }
        self.change_archived(&asked.thread_id, |row| row.unread = asked.unread);
        self.outputs.push(Output::Announce(match asked.unread {
            true => crate::workspace::Announcement::MarkedUnread,
            false => crate::workspace::Announcement::MarkedRead,
        }));
    }

    /// Changes what is listed of a conversation, and shown of it if it is open.
    fn change_archived(&mut self, thread: &ThreadId, change: impl Fn(&mut ArchiveRow)) {
        self.archive.change_row(thread, &change);
        let opened = self
            .archive
            .opened
            .as_mut()
            .filter(|it| it.thread == *thread);
        if let Some(row) = opened.and_then(|it| it.row.as_mut()) {
            change(row);
        }
        self.changed_parts
            .extend([ViewPart::ArchivedChat, ViewPart::ArchiveResults]);
    }

    pub(super) fn tag_archived(&mut self, tag: &str, added: bool) {
        let words: Vec<&str> = tag.split_whitespace().collect();
        let tag = words.join(" ");
        if tag.len() > TAG_MAX_BYTES {
            return self.show_notice(Notice::TagTooLong);
        }
        let Some(opened) = &self.archive.opened else {
            return;
        };
        let Some(thread) = &opened.chat.thread else {
            return;
        };
        if tag.is_empty() || thread.tags.contains(&tag) == added {
            return;
        }
        self.call_tag(Tagging {
            chat: opened.chat_id.clone(),
            thread: opened.thread.clone(),
            tag,
            added,
        });
    }

    /// A conversation has another tag, or one less.
    pub(in crate::workspace) fn archived_tagged(&mut self, tagging: &Tagging) {
        if let Some(opened) = &mut self.archive.opened {
            opened.chat.tag(tagging);
        }
        self.change_archived(&tagging.thread, |row| {
            row.tags.retain(|tag| *tag != tagging.tag);
            if tagging.added {
                row.tags.push(tagging.tag.clone());
            }
        });
    }

    pub(super) fn reopen_archived(&mut self) {
        let Some(opened) = self.archive.opened.as_mut().filter(|it| !it.reopening) else {
            return;
        };
        opened.reopening = true;
        let id = opened.chat_id.clone();
        let call = ResumeChat {
            chat: InitialChat {
                id: Some(id.clone()),
                ..InitialChat::default()
            },
            active: None,
            continuous: None,
        };
        self.call(
            PendingCall::ReopenArchived(id),
            Call::ResumeChat(Box::new(call)),
        );
        self.view_changed(ViewPart::ArchivedChat);
    }

    /// The new conversation is opened among the chats.
    pub(in crate::workspace) fn on_reopen_archived_reply(
        &mut self,
        id: &ChatId,
        answer: Result<Reply, Fault>,
    ) {
        let opened = self.archive.opened.as_mut().filter(|it| it.chat_id == *id);
        if let Some(opened) = opened {
            opened.reopening = false;
        }
        self.view_changed(ViewPart::ArchivedChat);
        if let Err(fault) = answer {
            return self.show_notice(Notice::NotReopened(fault));
        }
        let chat = self.ensure_chat(id, Fetch::Wanted);
        chat.shown = None;
        chat.request_fetch();
        self.enter_section(Section::Chats);
        self.select(Some(id.clone()));
        self.chat_changed(id);
        self.outputs.push(Output::FocusReply);
    }

    /// The visitor finds what is written to them later when they return. If they chat at present, that
    /// is opened.
    pub(super) fn answer_archived(&mut self) {
        if let Some(opened) = &self.archive.opened {
            let (chat, thread) = (opened.chat_id.clone(), opened.thread.clone());
            self.open_thread(&chat, &thread, true);
            self.outputs.push(Output::FocusReply);
        }
    }

    pub(super) fn export_archived(&mut self, kind: ExportKind) {
        let Some(opened) = self.archive.opened.as_ref().filter(|it| it.is_loaded()) else {
            return;
        };
        let Some(thread) = &opened.chat.thread else {
            return;
        };
        let output = match kind {
            ExportKind::Print => Output::Print,
            ExportKind::Json => Output::Download {
                name: format!("{}.json", export::file_name(&opened.thread)),
                kind: "application/json",
                content: export::json(
                    opened.snapshot.as_deref(),
                    thread,
                    opened.state == Loading::Cut,
                ),
            },
            ExportKind::Text => {
                let Some(shown) = self.archived_chat() else {
                    return;
                };
                Output::Download {
                    name: format!("{}.txt", export::file_name(&opened.thread)),
                    kind: "text/plain",
                    content: export::text(&shown),
                }
            }
        };
        self.outputs.push(output);
    }

    /// The conversation that is open in the archive.
    pub fn archived_chat(&self) -> Option<ArchivedChat> {
        let opened = self.archive.opened.as_ref()?;
        let me = self.my_id()?;
        let chat = &opened.chat;
        let row = self.archive.row(&opened.thread).or(opened.row.as_ref());
        let thread = chat.thread.as_ref();
        let rating = thread.and_then(|thread| thread.rating.clone());
        let listed = row.and_then(|row| row.rating).map(|good| RatingView {
            good: Some(good),
            comment: None,
        });
        let events = chat.events();
        Some(ArchivedChat {
            thread: opened.thread.clone(),
            name: chat.name().or_else(|| row.and_then(|row| row.name.clone())),
            at: row.and_then(|row| row.at).or_else(|| {
                thread.and_then(|it| crate::workspace::parse_timestamp(&it.created_at))
            }),
            lasted: row.and_then(|row| row.lasted),
            is_message: row.is_some_and(|row| row.is_message),
            agents: row.map_or_else(Vec::new, |row| row.agents.clone()),
            team: row.and_then(|row| row.team.clone()),
            rating: rating.or(listed),
            missed: row.is_some_and(|row| row.missed),
            unread: row.map(|row| row.unread),
            tags: match thread {
                Some(thread) => thread.tags.clone(),
                None => row.map_or_else(Vec::new, |row| row.tags.clone()),
            },
            entries: events
                .map(|event| chat.entry(event, me, None, &self.origin))
                .collect(),
            person: chat.person(),
            busy: opened.state == Loading::InFlight,
            failed: match opened.state {
                Loading::Failed(fault) => Some(fault),
                _ => None,
            },
            cut: opened.state == Loading::Cut,
            reopening: opened.reopening,
        })
    }
}
