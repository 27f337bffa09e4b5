//! What is shown, as signals: one for each part of the desk's picture, and what belongs to this
//! browser alone. It decides nothing.

use leptos::prelude::*;

use crate::desk::{
    Announcement, Connection, Desk, Draft, Earlier, Entry, Lists, Live, Me, Millis, Notice, Open,
    Part, Person, Picker, Sending, Stage, Stock, Transfer,
};

/// The signals, to be handed around.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Store {
    pub(crate) stage: RwSignal<Stage>,
    pub(crate) me: RwSignal<Option<Me>>,
    pub(crate) connection: RwSignal<Connection>,
    pub(crate) lists: RwSignal<Lists>,
    pub(crate) open: RwSignal<Option<Open>>,
    pub(crate) entries: RwSignal<Vec<Entry>>,
    pub(crate) live: RwSignal<Live>,
    pub(crate) draft: RwSignal<Draft>,
    pub(crate) picker: RwSignal<Picker>,
    pub(crate) stock: RwSignal<Stock>,
    pub(crate) uploads: RwSignal<Vec<Sending>>,
    pub(crate) person: RwSignal<Option<Person>>,
    pub(crate) past: RwSignal<Earlier>,
    pub(crate) transfer: RwSignal<Option<Transfer>>,
    pub(crate) notice: RwSignal<Option<Notice>>,
    /// The endpoint's time, to the second: waits are counted by it.
    pub(crate) now: RwSignal<Millis>,
    /// What is being said aloud, for a moment.
    pub(crate) spoken: RwSignal<Option<Announcement>>,
    /// No sounds in this browser.
    pub(crate) muted: RwSignal<bool>,
    /// Single keys do something in this browser.
    pub(crate) single_keys: RwSignal<bool>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            stage: RwSignal::new(Stage::Asking),
            me: RwSignal::new(None),
            connection: RwSignal::new(Connection::Connecting),
            lists: RwSignal::new(Lists::default()),
            open: RwSignal::new(None),
            entries: RwSignal::new(Vec::new()),
            live: RwSignal::new(Live::default()),
            draft: RwSignal::new(Draft::default()),
            picker: RwSignal::new(Picker::default()),
            stock: RwSignal::new(Stock::default()),
            uploads: RwSignal::new(Vec::new()),
            person: RwSignal::new(None),
            past: RwSignal::new(Earlier::default()),
            transfer: RwSignal::new(None),
            notice: RwSignal::new(None),
            now: RwSignal::new(0),
            spoken: RwSignal::new(None),
            muted: RwSignal::new(false),
            single_keys: RwSignal::new(true),
        }
    }

    /// Shows one part as the desk has it now.
    pub(crate) fn show(self, part: Part, desk: &Desk) {
        match part {
            Part::Stage => put(self.stage, desk.stage()),
            Part::Me => put(self.me, desk.profile()),
            Part::Connection => put(self.connection, desk.connection()),
            Part::Lists => put(self.lists, desk.lists()),
            Part::Open => put(self.open, desk.open()),
            Part::Entries => put(self.entries, desk.entries()),
            Part::Live => put(self.live, desk.live()),
            // Also when it is the same: the field may show something else.
            Part::Draft => self.draft.set(desk.draft()),
            Part::Picker => put(self.picker, desk.picker()),
            Part::Stock => put(self.stock, desk.stock()),
            Part::Uploads => put(self.uploads, desk.uploads()),
            Part::Person => put(self.person, desk.person()),
            Part::Past => put(self.past, desk.past()),
            Part::Transfer => put(self.transfer, desk.transfer()),
            Part::Notice => put(self.notice, desk.notice()),
        }
    }

    /// Visitors who wait, and chats with something unread.
    pub(crate) fn wanting(self) -> usize {
        self.lists.with(|lists| {
            let unread = lists.mine.iter().filter(|row| row.unread > 0).count();
            lists.waiting.len() + unread
        })
    }
}

/// Sets a signal, unless it is that already.
fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|known| *known != value) {
        signal.set(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Preview, Row};
    use leptos::reactive::owner::Owner;

    fn row(unread: usize) -> Row {
        Row {
            chat: "A".into(),
            name: None,
            preview: Preview::Nothing,
            since: None,
            unread,
            typing: false,
            with: None,
            selected: false,
            ended: false,
        }
    }

    #[test]
    fn title_counts_who_waits_and_what_is_unread() {
        let owner = Owner::new();
        owner.with(|| {
            let store = Store::new();
            store.lists.set(Lists {
                waiting: vec![row(0), row(0)],
                mine: vec![row(3), row(0)],
                colleagues: vec![row(0)],
            });
            assert_eq!(store.wanting(), 3);
        });
    }
}
