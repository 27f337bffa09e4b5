//! One tab: the session if it leads, a mirror of it if it follows.

use super::{
    COMMAND_EXPIRES_AFTER, Command, CommandId, EXECUTED_COMMANDS_MAX, LEADER_SILENT_MAX, Message,
    OWN_DRAFT_WINS_FOR, PING_EVERY, Persisted, TabId, TabPayload,
};
use crate::{
    Millis,
    change::{Change, Stage},
    clock::Clock,
    intent::Intent,
    line::{Author, Body, Line, LineId, SendState},
    mirror::Mirror,
    saved::{OutgoingEvent, Pending, Saved, Unsent},
    session::Session,
    session::input::{Boot, Input},
    session::output::{Claim, Output},
    shared::Shared,
};

/// The machine of one tab. Takes the same inputs as a [`Session`] and gives the
/// same outputs; where there is one tab only, it is one.
#[derive(Debug, Default)]
pub struct Tab {
    boot: Option<Box<Boot>>,
    me: Option<TabId>,
    term: u64,
    session: Option<Box<Session>>,
    /// What our session was to be kept as when we gave up the lead, or what the
    /// leader holds and the device refuses to keep.
    unpersisted: Option<Saved>,
    /// What this tab shows.
    mirror: Mirror,
    /// Of the change made or heard last, and whose it is: in one term two may
    /// believe that they lead, and each counts for itself.
    number: u64,
    last_applied: Option<(u64, TabId)>,
    /// What our visitor asked for and no leader has confirmed.
    commands: Vec<Shared<Command>>,
    next_command: u64,
    /// When what the composer holds was typed, by the device's clock.
    draft_at: Millis,
    /// What was done already, the newest last.
    executed: Vec<CommandId>,
    /// The newest term that was known when this tab took the lead.
    term_at_election: u64,
    /// Another tab was heard: until then a leader tells its first picture, and of
    /// no change.
    has_peers: bool,
    visible: bool,
    /// The other tabs that are looked at.
    visible_peers: Vec<TabId>,
    storage_available: bool,
    clock: Clock,
    /// The leader's silence matters.
    leader_watched: bool,
    /// When the leader was heard last, or when its silence began to matter.
    leader_heard_at: Millis,
    pinged_at: Millis,
    /// When the session wants to be woken, by the device's clock.
    session_wake: Option<Millis>,
    woken_at: Option<Millis>,
    out: Vec<Output>,
}

impl Tab {
    pub fn new() -> Self {
        Self {
            storage_available: true,
            ..Self::default()
        }
    }

    /// Takes one input and says what follows from it, in order.
    pub fn handle(&mut self, device_now: Millis, input: Input) -> Vec<Output> {
        let now = self.clock.monotonic(device_now);
        match input {
            Input::Boot(boot) => self.boot(boot),
            Input::Intent(intent) => self.intent(device_now, intent),
            Input::TabMessage(message) => self.on_message(now, device_now, *message),
            Input::LeadershipGained(kept) => self.lead(device_now, *kept),
            Input::LeadershipLost => self.follow(device_now),
            Input::Visibility(visible) => {
                self.visible = visible;
                self.broadcast(TabPayload::Visibility(visible));
                self.update_visibility(device_now);
            }
            Input::StorageAvailable(available) => {
                self.storage_available = available;
                self.pass_to_session(device_now, Input::StorageAvailable(available));
                if available && self.leads() {
                    self.broadcast(TabPayload::Unpersisted(None));
                }
            }
            Input::Wake => {
                self.woken_at = None;
                self.session_wake = self.session_wake.filter(|at| *at > device_now);
                self.pass_to_session(device_now, Input::Wake);
            }
            other => self.pass_to_session(device_now, other),
        }
        self.watch_leader(now);
        self.ask_to_be_woken();
        std::mem::take(&mut self.out)
    }

    /// Whether this tab leads.
    pub fn leads(&self) -> bool {
        self.session.is_some()
    }

    /// Whether it was told what the device refuses to keep.
    pub fn has_unpersisted(&self) -> bool {
        let term = self.unpersisted.as_ref().map(|held| held.term);
        term == Some(self.term)
    }

    /// What this tab shows.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    fn boot(&mut self, boot: Box<Boot>) {
        self.me = Some(TabId(boot.nonce.clone()));
        self.boot = Some(boot);
        self.out.push(Output::RequestLeadership(Claim::Queue));
        self.broadcast(TabPayload::Hello);
    }

    // What our own visitor wants.

    fn intent(&mut self, now: Millis, intent: Intent) {
        match intent {
            // Each key press: nothing to confirm, the next one says it again.
            Intent::Draft(text) => {
                self.typed(now, text.clone());
                self.pass_to_session(now, Input::Intent(Intent::Draft(text)));
            }
            // As it is already: another tab said it, and the page has heard it.
            Intent::WindowShown(shown) => {
                if self.mirror.apply(&Change::WindowShown(shown)) {
                    self.broadcast(TabPayload::WindowShown(shown));
                    self.pass_to_session(now, Input::Intent(Intent::WindowShown(shown)));
                }
            }
            intent => {
                let sends = matches!(intent, Intent::Send(_));
                let asked = self.command(now, intent);
                if self.leads() {
                    self.execute(now, asked);
                } else {
                    self.forward(asked);
                }
                if sends {
                    self.typed(now, String::new());
                }
            }
        }
    }

    fn typed(&mut self, at: Millis, text: String) {
        self.draft_at = at;
        self.mirror.apply(&Change::Draft(text.clone()));
        self.broadcast(TabPayload::Draft { at, text });
    }

    fn command(&mut self, now: Millis, intent: Intent) -> Command {
        self.next_command += 1;
        let me = self.me.as_ref().map_or("", |me| me.0.as_str());
        Command {
            id: CommandId(format!("{me}-{}", self.next_command)),
            at: now,
            intent,
            pending: None,
        }
    }

    /// To whoever leads, until it is confirmed. A message is on the device and
    /// on the screen from now on.
    fn forward(&mut self, asked: Command) {
        let asked = Shared::from(asked);
        self.commands.push(asked.clone());
        if asked.is_message() {
            // Were only this one kept, it would go before what was refused until now.
            let first = if self.storage_available {
                self.commands.len() - 1
            } else {
                0
            };
            let all = self.commands.get(first..).unwrap_or_default();
            let kept = all.iter().filter(|it| it.is_message()).cloned();
            self.out.extend(kept.map(Output::PersistCommand));
        }
        self.show_own_commands();
        self.broadcast(TabPayload::Command(asked));
    }

    /// Our visitor's messages that no leader has shown yet stand at the end.
    fn show_own_commands(&mut self) {
        for asked in self.commands.clone() {
            let id = asked.id.line();
            let Intent::Send(text) = &asked.intent else {
                continue;
            };
            if text.trim().is_empty() || self.mirror.lines.iter().any(|line| line.id == id) {
                continue;
            }
            let line = Line {
                id,
                number: None,
                author: Author::Visitor,
                at: None,
                body: Body::Text(text.trim().to_owned()).into(),
                state: Some(SendState::Queued),
            };
            let index = self.mirror.lines.len();
            self.apply(Change::Line {
                index,
                line: Box::new(line),
            });
        }
    }

    // The leader.

    fn lead(&mut self, now: Millis, kept: Persisted) {
        if self.leads() {
            return;
        }
        let Some(boot) = self.boot.clone() else {
            return;
        };
        let newest = kept.saved.as_ref().map_or(0, |saved| saved.term);
        // When nobody has led since we did, we know best: the device may have
        // refused to keep it.
        let ours = self.unpersisted.take();
        let saved = ours
            .filter(|held| held.term == self.term && newest <= self.term)
            .or(kept.saved);
        // By the clock too: whoever froze before anything was kept is as old as it
        // is, and puts nothing in the place of what we keep.
        self.term_at_election = self.term.max(newest);
        self.term = self.term_at_election.saturating_add(1).max(now);
        self.last_applied = self.me.clone().map(|me| (self.term, me));
        let mut session = Session::new();
        session.take_over(&self.mirror, self.term);
        self.session = Some(Box::new(session));
        // What was typed since we are here is newer than what the leader before
        // us could keep.
        let typed = (self.draft_at > 0).then(|| self.mirror.draft());
        self.pass_to_session(now, Input::Boot(Box::new(Boot { saved, ..*boot })));
        if let Some(typed) = typed
            && self.apply(Change::Draft(typed.clone()))
        {
            self.pass_to_session(now, Input::Intent(Intent::Draft(typed)));
        }
        if !self.storage_available {
            self.pass_to_session(now, Input::StorageAvailable(false));
        }
        self.update_visibility(now);
        let shown = self.mirror.shows(&Change::WindowShown(true));
        self.pass_to_session(now, Input::Intent(Intent::WindowShown(shown)));
        let own = std::mem::take(&mut self.commands);
        let mut all = kept.commands;
        for asked in own {
            all.push(asked.copied());
        }
        // Each tab's in the order in which they were asked for. They are few, and
        // sorting would be more code than all that is sorted.
        let first = |all: &[Command]| {
            let by_age = all.iter().enumerate();
            by_age
                .min_by(|(_, a), (_, b)| a.id.age().cmp(&b.id.age()))?
                .0
                .into()
        };
        while let Some(at) = first(&all) {
            self.execute(now, all.remove(at));
        }
        self.reconcile_lines();
        self.broadcast_snapshot();
    }

    /// Lines that were told by the leader before us, and that nobody keeps, go;
    /// the others stand as they do in the session.
    fn reconcile_lines(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        let lines = session.lines().to_vec();
        let is_known = |id: &LineId| lines.iter().any(|line| line.id == *id);
        let shown = self.mirror.lines.iter().map(|line| &line.id);
        let strays: Vec<LineId> = shown.filter(|id| !is_known(id)).cloned().collect();
        for id in strays {
            self.apply(Change::LineGone(id));
        }
        // What our visitor said before there was a picture stood above it, and
        // whoever is told a line by its index needs the same above it.
        for (index, line) in lines.into_iter().enumerate() {
            if self.mirror.lines.get(index).map(|it| &it.id) != Some(&line.id) {
                let line = Box::new(line);
                self.apply(Change::Line { index, line });
            }
        }
    }

    /// It leads without a conversation, and this is one of a lead that it knew
    /// nothing of; one that it knew of, and that is over, is not begun again.
    fn should_adopt(&self, saved: &Saved) -> bool {
        let ours = self.session.as_ref().map(|session| session.saved());
        let has_nothing = ours.is_some_and(|ours| !ours.has_conversation());
        has_nothing && saved.has_conversation() && saved.term > self.term_at_election
    }

    /// A tab that led before us, and was frozen meanwhile, had a conversation that
    /// the device refused to keep: the visitor's own.
    fn adopt(&mut self, now: Millis, mut saved: Saved) {
        if let Some(mut session) = self.session.take() {
            let (outputs, _, ours) = session.retire();
            self.out.extend(outputs);
            // What was handed to us while there was nothing to say it in, waits
            // in the conversation itself.
            let waits = |it: &Unsent| {
                saved
                    .outbox
                    .iter()
                    .all(|p| p.custom_id != it.message.custom_id)
            };
            let unsent: Vec<Unsent> = ours.unsent.into_iter().filter(waits).collect();
            saved.unsent.extend(unsent);
        }
        let saved = Some(saved);
        self.lead(
            now,
            Persisted {
                saved,
                commands: Vec::new(),
            },
        );
    }

    fn execute(&mut self, now: Millis, asked: Command) {
        let Command {
            id,
            at,
            intent,
            pending,
        } = asked;
        if !self.executed.contains(&id) {
            self.executed.push(id.clone());
            if self.executed.len() > EXECUTED_COMMANDS_MAX {
                self.executed.remove(0);
            }
            let message = match (pending, &intent) {
                (Some(pending), _) => Some(*pending),
                (None, Intent::Send(text)) => Some(Pending {
                    custom_id: id.0.clone(),
                    text: text.clone(),
                    ..Pending::default()
                }),
                _ => None,
            };
            match (message, intent) {
                (Some(message), _) => {
                    if let Some(session) = &mut self.session {
                        let outputs = session.submit(now, message);
                        self.process_outputs(outputs, Vec::new());
                    }
                }
                (None, intent) if now < at.saturating_add(COMMAND_EXPIRES_AFTER) => {
                    self.pass_to_session(now, Input::Intent(intent));
                }
                _ => {}
            }
        }
        self.out.push(Output::RemoveCommand(id.clone()));
        self.process_outputs(Vec::new(), vec![id]);
    }

    /// Hands an input to the session, if we have it.
    fn pass_to_session(&mut self, now: Millis, input: Input) {
        if let Some(session) = &mut self.session {
            let outputs = session.handle(now, input);
            self.process_outputs(outputs, Vec::new());
        }
    }

    /// Passes on what the session wants; what moves the picture is told to all.
    fn process_outputs(&mut self, outputs: Vec<Output>, executed: Vec<CommandId>) {
        let mut changes = Vec::new();
        let resumes = self.resumes();
        for output in outputs {
            match output {
                Output::Change(change) => {
                    if self.apply(change.clone()) {
                        changes.push(change);
                    }
                }
                Output::WakeAt(at) => self.session_wake = Some(at),
                Output::Save(saved) => {
                    self.broadcast_unpersisted(&saved);
                    self.out.push(Output::Save(saved));
                }
                other => self.out.push(other),
            }
        }
        if !changes.is_empty() || !executed.is_empty() {
            self.number += 1;
            self.broadcast(TabPayload::Changes {
                number: self.number,
                changes,
                executed,
            });
        }
        // Until now the others showed what they had.
        if resumes && !self.resumes() {
            self.broadcast_snapshot();
        }
    }

    fn resumes(&self) -> bool {
        self.mirror.shows(&Change::Stage(Stage::Resuming))
    }

    fn broadcast_snapshot(&mut self) {
        self.broadcast(TabPayload::Snapshot {
            number: self.number,
            changes: self.mirror.changes(),
        });
        if let Some(saved) = self.session.as_ref().map(|it| it.saved().clone()) {
            self.broadcast_unpersisted(&saved);
        }
    }

    /// What the device refuses to keep, the other tabs have.
    fn broadcast_unpersisted(&mut self, saved: &Saved) {
        if !self.storage_available {
            self.broadcast(TabPayload::Unpersisted(Some(Box::new(saved.clone()))));
        }
    }

    fn update_visibility(&mut self, now: Millis) {
        let any = self.visible || !self.visible_peers.is_empty();
        self.pass_to_session(now, Input::Visibility(any));
    }

    /// Another leads. What we held and it may not have, it is asked for.
    fn follow(&mut self, device_now: Millis) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        let (outputs, held, saved) = session.retire();
        self.out.extend(outputs);
        // Whoever leads may have come when nobody told it of this conversation.
        self.broadcast_unpersisted(&saved);
        self.unpersisted = Some(saved);
        self.session_wake = None;
        self.last_applied = None;
        self.out.push(Output::RequestLeadership(Claim::Queue));
        self.broadcast(TabPayload::Hello);
        for pending in held {
            let id = CommandId(pending.custom_id.clone());
            self.executed.retain(|done| *done != id);
            self.forward(Command {
                at: device_now,
                // What is no text is on the screen already.
                intent: match &pending.event {
                    OutgoingEvent::Text => Intent::Send(pending.text.clone()),
                    _ => Intent::Retry(id.line()),
                },
                pending: Some(Box::new(pending)),
                id,
            });
        }
    }

    // The other tabs.

    fn on_message(&mut self, now: Millis, device_now: Millis, message: Message) {
        let Message {
            from,
            term,
            payload,
        } = message;
        if self.me.as_ref() == Some(&from) {
            return;
        }
        // Of what came until now it knows nothing.
        let is_first = !std::mem::replace(&mut self.has_peers, true);
        let by_leader = matches!(
            payload,
            TabPayload::Snapshot { .. }
                | TabPayload::Changes { .. }
                | TabPayload::Pong { .. }
                | TabPayload::Unpersisted(_)
        );
        if is_first && self.leads() {
            self.broadcast_snapshot();
        }
        if self.leads() {
            let yields = term > self.term
                || (term == self.term && by_leader && self.me.as_ref() < Some(&from));
            if yields {
                self.follow(device_now);
                // Another has led since.
                self.unpersisted = None;
            } else if by_leader {
                // It does not know of us yet.
                self.broadcast_snapshot();
            }
        }
        let old = term < self.term;
        self.term = self.term.max(term);
        if by_leader && !self.leads() && !old {
            self.leader_heard_at = now;
        }
        match payload {
            TabPayload::Hello if self.leads() => self.broadcast_snapshot(),
            TabPayload::Ping if self.leads() => self.broadcast(TabPayload::Pong {
                number: self.number,
            }),
            TabPayload::Command(asked) if self.leads() => self.execute(device_now, asked.copied()),
            TabPayload::Hello | TabPayload::Ping | TabPayload::Command(_) => {}
            // Older than what is here, unless the clock was put back since.
            TabPayload::Draft { at, .. } if at < self.draft_at && self.draft_at <= device_now => {}
            TabPayload::Draft { at, text } => {
                self.draft_at = at;
                if self.apply(Change::Draft(text.clone())) {
                    self.pass_to_session(device_now, Input::Intent(Intent::Draft(text)));
                }
            }
            TabPayload::WindowShown(shown) => {
                self.apply(Change::WindowShown(shown));
                self.pass_to_session(device_now, Input::Intent(Intent::WindowShown(shown)));
            }
            TabPayload::Visibility(visible) => {
                self.visible_peers.retain(|tab| *tab != from);
                if visible {
                    self.visible_peers.push(from);
                }
                self.update_visibility(device_now);
            }
            TabPayload::Unpersisted(Some(saved)) if self.should_adopt(&saved) => {
                self.adopt(device_now, *saved);
            }
            TabPayload::Snapshot { .. }
            | TabPayload::Changes { .. }
            | TabPayload::Pong { .. }
            | TabPayload::Unpersisted(_)
                if self.leads() || old => {}
            TabPayload::Unpersisted(saved) => self.unpersisted = saved.map(|saved| *saved),
            // Overtaken by what is shown already.
            TabPayload::Snapshot { number, .. }
                if self.follows_sequence_of(term, &from) && number < self.number => {}
            TabPayload::Snapshot { number, changes } => {
                // Another has led since; what it holds it tells next.
                self.unpersisted = None;
                // A conversation that a new tab comes to is none that begins.
                if self.mirror.stage().is_none() {
                    self.apply(Change::Stage(Stage::Resuming));
                }
                // A leader that has nothing to show yet tells again when it has.
                let resumes = changes.contains(&Change::Stage(Stage::Resuming));
                if !resumes || self.resumes() {
                    for change in self
                        .mirror
                        .removals_before(&changes)
                        .into_iter()
                        .chain(changes)
                    {
                        self.apply_from_leader(device_now, change);
                    }
                }
                self.number = number;
                if !self.follows_sequence_of(term, &from) {
                    // A new leader may not know that we are here.
                    self.broadcast(TabPayload::Visibility(self.visible));
                }
                self.last_applied = Some((term, from));
                self.show_own_commands();
                self.resend_commands();
            }
            TabPayload::Changes {
                number,
                changes,
                executed,
            } => {
                let next = self.follows_sequence_of(term, &from) && number == self.number + 1;
                if next {
                    self.number = number;
                    for change in changes {
                        self.apply_from_leader(device_now, change);
                    }
                } else if self.is_behind(term, &from, number) {
                    self.broadcast(TabPayload::Hello);
                }
                self.commands.retain(|asked| !executed.contains(&asked.id));
                self.show_own_commands();
            }
            TabPayload::Pong { number } => {
                if self.is_behind(term, &from, number) {
                    self.broadcast(TabPayload::Hello);
                }
                self.resend_commands();
            }
        }
    }

    /// Whether our number is one of that leader's.
    fn follows_sequence_of(&self, term: u64, by: &TabId) -> bool {
        matches!(&self.last_applied, Some((of, who)) if *of == term && who == by)
    }

    /// Whether that leader has told of changes that we lack.
    fn is_behind(&self, term: u64, by: &TabId, number: u64) -> bool {
        !self.follows_sequence_of(term, by) || number > self.number
    }

    fn resend_commands(&mut self) {
        for asked in self.commands.clone() {
            self.broadcast(TabPayload::Command(asked));
        }
    }

    /// A follower that is looked at, or waits for something, knows within a
    /// second that nobody leads any more.
    fn watch_leader(&mut self, now: Millis) {
        if !self.watches() {
            self.leader_watched = false;
            return;
        }
        // Whoever has not asked for so long was asleep, and heard nobody.
        let slept = now >= self.pinged_at.saturating_add(3 * LEADER_SILENT_MAX);
        if !std::mem::replace(&mut self.leader_watched, true) || slept {
            self.leader_heard_at = now;
        }
        if now >= self.pinged_at.saturating_add(PING_EVERY) {
            self.pinged_at = now;
            self.broadcast(TabPayload::Ping);
        }
        if now >= self.leader_heard_at.saturating_add(LEADER_SILENT_MAX) {
            self.leader_heard_at = now;
            self.out.push(Output::RequestLeadership(Claim::Steal));
        }
    }

    fn watches(&self) -> bool {
        !self.leads() && self.boot.is_some() && (self.visible || !self.commands.is_empty())
    }

    fn ask_to_be_woken(&mut self) {
        let watch = self.watches().then(|| {
            let next = self
                .pinged_at
                .saturating_add(PING_EVERY)
                .min(self.leader_heard_at.saturating_add(LEADER_SILENT_MAX));
            self.clock.on_device(next)
        });
        let at = [self.session_wake, watch].into_iter().flatten().min();
        if let Some(at) = at
            && self.woken_at != Some(at)
        {
            self.woken_at = Some(at);
            self.out.push(Output::WakeAt(at));
        }
    }

    /// What the leader tells. It has not heard yet what was typed just now, or
    /// never will: it may have come after that.
    fn apply_from_leader(&mut self, now: Millis, change: Change) {
        let typed = now.abs_diff(self.draft_at) < OWN_DRAFT_WINS_FOR;
        match change {
            Change::Draft(told) if typed => {
                let (at, text) = (self.draft_at, self.mirror.draft());
                if text != told {
                    self.broadcast(TabPayload::Draft { at, text });
                }
            }
            change => {
                self.apply(change);
            }
        }
    }

    /// Shows a change here, if it moves anything.
    fn apply(&mut self, mut change: Change) -> bool {
        self.mirror.preserve_sent(&mut change);
        let moved = self.mirror.apply(&change);
        if moved {
            self.out.push(Output::Change(change));
        }
        moved
    }

    fn broadcast(&mut self, payload: TabPayload) {
        let is_news = self.leads()
            && matches!(
                payload,
                TabPayload::Changes { .. } | TabPayload::Unpersisted(_)
            );
        if let Some(me) = self.me.as_ref().filter(|_| self.has_peers || !is_news) {
            self.out.push(Output::Broadcast(Box::new(Message {
                from: me.clone(),
                term: self.term,
                payload,
            })));
        }
    }
}
