//! The view model as signals, one for each `ViewPart`, and the settings of this browser. It decides
//! nothing.

use leptos::prelude::*;

use crate::workspace::{
    Announcement, ArchiveQuery, ArchiveResults, ArchivedChat, ConnectionStatus, Draft, Entry,
    HistoryView, Lists, Me, MessageList, Millis, Notice, OpenChat, Person, Picker, ReportView,
    Section, SignInStage, SignIns, TemplateMenu, Transfer, TypingPreview, UploadView, ViewPart,
    Workspace,
};

/// All signals of the page. A cheap copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Store {
    pub(crate) sign_in_stage: RwSignal<SignInStage>,
    pub(crate) me: RwSignal<Option<Me>>,
    pub(crate) connection: RwSignal<ConnectionStatus>,
    pub(crate) lists: RwSignal<Lists>,
    pub(crate) messages: RwSignal<MessageList>,
    pub(crate) callbacks: RwSignal<MessageList>,
    pub(crate) ended: RwSignal<MessageList>,
    pub(crate) open: RwSignal<Option<OpenChat>>,
    pub(crate) entries: RwSignal<Vec<Entry>>,
    pub(crate) typing_preview: RwSignal<TypingPreview>,
    pub(crate) draft: RwSignal<Draft>,
    pub(crate) picker: RwSignal<Picker>,
    pub(crate) template_menu: RwSignal<TemplateMenu>,
    pub(crate) uploads: RwSignal<Vec<UploadView>>,
    pub(crate) person: RwSignal<Option<Person>>,
    pub(crate) history: RwSignal<HistoryView>,
    pub(crate) transfer: RwSignal<Option<Transfer>>,
    pub(crate) sign_ins: RwSignal<Option<SignIns>>,
    pub(crate) notice: RwSignal<Option<Notice>>,
    pub(crate) section: RwSignal<Section>,
    pub(crate) archive_query: RwSignal<ArchiveQuery>,
    pub(crate) archive_results: RwSignal<ArchiveResults>,
    pub(crate) archived: RwSignal<Option<ArchivedChat>>,
    pub(crate) report: RwSignal<ReportView>,
    /// The server's time, to the second. Waits are counted with it.
    pub(crate) now: RwSignal<Millis>,
    /// The current announcement for screen readers, for a moment.
    pub(crate) announcement: RwSignal<Option<Announcement>>,
    /// Whether sounds are turned off in this browser.
    pub(crate) muted: RwSignal<bool>,
    /// Whether desktop notifications are turned on in this browser.
    pub(crate) notifications: RwSignal<bool>,
    /// Whether single-key shortcuts are turned on in this browser.
    pub(crate) single_keys: RwSignal<bool>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            sign_in_stage: RwSignal::new(SignInStage::Checking),
            me: RwSignal::new(None),
            connection: RwSignal::new(ConnectionStatus::Connecting),
            lists: RwSignal::new(Lists::default()),
            messages: RwSignal::new(MessageList::default()),
            callbacks: RwSignal::new(MessageList::default()),
            ended: RwSignal::new(MessageList::default()),
            open: RwSignal::new(None),
            entries: RwSignal::new(Vec::new()),
            typing_preview: RwSignal::new(TypingPreview::default()),
            draft: RwSignal::new(Draft::default()),
            picker: RwSignal::new(Picker::default()),
            template_menu: RwSignal::new(TemplateMenu::default()),
            uploads: RwSignal::new(Vec::new()),
            person: RwSignal::new(None),
            history: RwSignal::new(HistoryView::default()),
            transfer: RwSignal::new(None),
            sign_ins: RwSignal::new(None),
            notice: RwSignal::new(None),
            section: RwSignal::new(Section::default()),
            archive_query: RwSignal::new(ArchiveQuery::default()),
            archive_results: RwSignal::new(ArchiveResults::default()),
            archived: RwSignal::new(None),
            report: RwSignal::new(ReportView::default()),
            now: RwSignal::new(0),
            announcement: RwSignal::new(None),
            muted: RwSignal::new(false),
            notifications: RwSignal::new(false),
            single_keys: RwSignal::new(true),
        }
    }

    /// Reads one part of the view model from the workspace into its signal.
    pub(crate) fn refresh(self, part: ViewPart, workspace: &Workspace) {
        match part {
            ViewPart::SignInStage => set_if_changed(self.sign_in_stage, workspace.sign_in_stage()),
            ViewPart::Me => set_if_changed(self.me, workspace.profile()),
            ViewPart::Connection => set_if_changed(self.connection, workspace.connection_status()),
            ViewPart::Lists => set_if_changed(self.lists, workspace.lists()),
            ViewPart::Messages => {
                set_if_changed(self.messages, workspace.messages());
                set_if_changed(self.callbacks, workspace.callbacks());
                set_if_changed(self.ended, workspace.ended());
            }
            ViewPart::OpenChat => set_if_changed(self.open, workspace.open_chat()),
            ViewPart::Entries => set_if_changed(self.entries, workspace.entries()),
            ViewPart::TypingPreview => {
                set_if_changed(self.typing_preview, workspace.typing_preview())
            }
            // Also when it is equal: the field may contain something else.
            ViewPart::Draft => self.draft.set(workspace.draft()),
            ViewPart::Picker => set_if_changed(self.picker, workspace.picker()),
            ViewPart::TemplateMenu => set_if_changed(self.template_menu, workspace.template_menu()),
            ViewPart::Uploads => set_if_changed(self.uploads, workspace.uploads()),
            ViewPart::Person => set_if_changed(self.person, workspace.person()),
            ViewPart::History => set_if_changed(self.history, workspace.history()),
            ViewPart::Transfer => set_if_changed(self.transfer, workspace.transfer()),
            ViewPart::SignIns => set_if_changed(self.sign_ins, workspace.sign_ins()),
            ViewPart::Notice => set_if_changed(self.notice, workspace.notice()),
            ViewPart::Section => set_if_changed(self.section, workspace.section()),
            ViewPart::ArchiveQuery => {
                set_if_changed(self.archive_query, workspace.archive_query());
            }
            ViewPart::ArchiveResults => {
                set_if_changed(self.archive_results, workspace.archive_results());
            }
            ViewPart::ArchivedChat => set_if_changed(self.archived, workspace.archived_chat()),
            ViewPart::Report => set_if_changed(self.report, workspace.report()),
        }
    }

    /// The number of waiting visitors, chats with unread messages and callbacks that are due, for the
    /// page title.
    pub(crate) fn attention_count(self) -> usize {
        let callbacks = self.callbacks;
        let due = callbacks.with(|list| list.rows.iter().filter(|row| row.is_due).count());
        self.lists.with(|lists| {
            let unread = lists.mine.iter().filter(|row| row.unread > 0).count();
            lists.waiting.len() + unread + due
        })
    }
}

/// Sets a signal, unless it has this value already.
fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|known| *known != value) {
        signal.set(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{MessageRow, Preview, Row};
    use leptos::reactive::owner::Owner;

    fn row(unread: usize) -> Row {
        Row {
            chat: "A".into(),
            name: None,
            preview: Preview::Nothing,
            since: None,
            unread,
            typing: false,
            agent_name: None,
            team: None,
            offered: false,
            selected: false,
            ended: false,
        }
    }

    fn callback(is_due: bool) -> MessageRow {
        MessageRow {
            chat: "A".into(),
            thread: "A1".into(),
            name: None,
            text: String::new(),
            at: None,
            is_due,
            selected: false,
        }
    }

    #[test]
    fn title_counts_waiting_and_unread_chats_and_callbacks_that_are_due() {
        let owner = Owner::new();
        owner.with(|| {
            let store = Store::new();
            store.lists.set(Lists {
                waiting: vec![row(0), row(0)],
                mine: vec![row(3), row(0)],
                team: vec![row(0)],
            });
            assert_eq!(store.attention_count(), 3);
            store.callbacks.set(MessageList {
                rows: vec![callback(true), callback(false)],
                total: 2,
            });
            assert_eq!(store.attention_count(), 4);
        });
    }
}
