//! One tab: the session if it leads, a mirror of it if it follows.

use super::{
    ASK_LASTS, AskId, Asked, DONE_REMEMBERED, Kept, LEADER_SILENT_MAX, Message, Mirror, PING_EVERY,
    TYPED_STAYS, TabId, What,
};
use crate::{
    Millis,
    change::{Change, Stage},
    clock::Clock,
    input::{Boot, Input},
    intent::Intent,
    line::{Author, Body, Line, LineId, SendState},
    output::{Claim, Output},
    saved::{Pending, Said, Saved, Unsent},
    session::Session,
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
    held: Option<Saved>,
    /// What this tab shows.
    mirror: Mirror,
    /// Of the change made or heard last, and whose it is: in one term two may
    /// believe that they lead, and each counts for itself.
    number: u64,
    number_of: Option<(u64, TabId)>,
    /// What our visitor asked for and no leader has confirmed.
    asked: Vec<Shared<Asked>>,
    next_ask: u64,
    /// When what the composer holds was typed, by the device's clock.
    typed_at: Millis,
    /// What was done already, the newest last.
    done: Vec<AskId>,
    /// The newest term that was known when this tab took the lead.
    knew: u64,
    /// Another tab was heard: until then a leader tells its first picture, and of
    /// no change.
    in_company: bool,
    looked_at: bool,
    /// The other tabs that are looked at.
    looking: Vec<TabId>,
    keeps: bool,
    clock: Clock,
    /// The leader's silence matters.
    watching: bool,
    /// When the leader was heard last, or when its silence began to matter.
    heard_at: Millis,
    pinged_at: Millis,
    /// When the session wants to be woken, by the device's clock.
    session_wake: Option<Millis>,
    woken_at: Option<Millis>,
    out: Vec<Output>,
}

impl Tab {
    pub fn new() -> Self {
        Self {
            keeps: true,
            ..Self::default()
        }
    }

    /// Takes one input and says what follows from it, in order.
    pub fn handle(&mut self, device_now: Millis, input: Input) -> Vec<Output> {
        let now = self.clock.tell(device_now);
        match input {
            Input::Boot(boot) => self.begin(boot),
            Input::Intent(intent) => self.intent(device_now, intent),
            Input::Tab(message) => self.heard(now, device_now, *message),
            Input::Leads(kept) => self.lead(device_now, *kept),
            Input::Follows => self.follow(device_now),
            Input::Looked(looked_at) => {
                self.looked_at = looked_at;
                self.tell(What::Looked(looked_at));
                self.look(device_now);
            }
            Input::Keeps(keeps) => {
                self.keeps = keeps;
                self.feed(device_now, Input::Keeps(keeps));
                if keeps && self.leads() {
                    self.tell(What::Held(None));
                }
            }
            Input::Wake => {
                self.woken_at = None;
                self.session_wake = self.session_wake.filter(|at| *at > device_now);
                self.feed(device_now, Input::Wake);
            }
            other => self.feed(device_now, other),
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
    pub fn holds(&self) -> bool {
        let term = self.held.as_ref().map(|held| held.term);
        term == Some(self.term)
    }

    /// What this tab shows.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    fn begin(&mut self, boot: Box<Boot>) {
        self.me = Some(TabId(boot.nonce.clone()));
        self.boot = Some(boot);
        self.out.push(Output::AskLeadership(Claim::InTurn));
        self.tell(What::Hello);
    }

    // What our own visitor wants.

    fn intent(&mut self, now: Millis, intent: Intent) {
        match intent {
            // Each key press: nothing to confirm, the next one says it again.
            Intent::Draft(text) => {
                self.typed(now, text.clone());
                self.feed(now, Input::Intent(Intent::Draft(text)));
            }
            // As it is already: another tab said it, and the page has heard it.
            Intent::WindowShown(shown) => {
                if self.mirror.apply(&Change::WindowShown(shown)) {
                    self.tell(What::WindowShown(shown));
                    self.feed(now, Input::Intent(Intent::WindowShown(shown)));
                }
            }
            intent => {
                let sends = matches!(intent, Intent::Send(_));
                let asked = self.name(now, intent);
                if self.leads() {
                    self.do_asked(now, asked);
                } else {
                    self.hand_over(asked);
                }
                if sends {
                    self.typed(now, String::new());
                }
            }
        }
    }

    fn typed(&mut self, at: Millis, text: String) {
        self.typed_at = at;
        self.mirror.apply(&Change::Draft(text.clone()));
        self.tell(What::Draft { at, text });
    }

    fn name(&mut self, now: Millis, intent: Intent) -> Asked {
        self.next_ask += 1;
        let me = self.me.as_ref().map_or("", |me| me.0.as_str());
        Asked {
            id: AskId(format!("{me}-{}", self.next_ask)),
            at: now,
            intent,
            held: None,
        }
    }

    /// To whoever leads, until it is confirmed. A message is on the device and
    /// on the screen from now on.
    fn hand_over(&mut self, asked: Asked) {
        let asked = Shared::from(asked);
        self.asked.push(asked.clone());
        if asked.is_message() {
            // Were only this one kept, it would go before what was refused until now.
            let first = if self.keeps { self.asked.len() - 1 } else { 0 };
            let all = self.asked.get(first..).unwrap_or_default();
            let kept = all.iter().filter(|it| it.is_message()).cloned();
            self.out.extend(kept.map(Output::Keep));
        }
        self.show_asked();
        self.tell(What::Ask(asked));
    }

    /// Our visitor's messages that no leader has shown yet stand at the end.
    fn show_asked(&mut self) {
        for asked in self.asked.clone() {
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
            self.show(Change::Line {
                index,
                line: Box::new(line),
            });
        }
    }

    // The leader.

    fn lead(&mut self, now: Millis, kept: Kept) {
        if self.leads() {
            return;
        }
        let Some(boot) = self.boot.clone() else {
            return;
        };
        let newest = kept.saved.as_ref().map_or(0, |saved| saved.term);
        // When nobody has led since we did, we know best: the device may have
        // refused to keep it.
        let ours = self.held.take();
        let saved = ours
            .filter(|held| held.term == self.term && newest <= self.term)
            .or(kept.saved);
        // By the clock too: whoever froze before anything was kept is as old as it
        // is, and puts nothing in the place of what we keep.
        self.knew = self.term.max(newest);
        self.term = self.knew.saturating_add(1).max(now);
        self.number_of = self.me.clone().map(|me| (self.term, me));
        let mut session = Session::new();
        session.take_over(&self.mirror, self.term);
        self.session = Some(Box::new(session));
        // What was typed since we are here is newer than what the leader before
        // us could keep.
        let typed = (self.typed_at > 0).then(|| self.mirror.draft());
        self.feed(now, Input::Boot(Box::new(Boot { saved, ..*boot })));
        if let Some(typed) = typed
            && self.show(Change::Draft(typed.clone()))
        {
            self.feed(now, Input::Intent(Intent::Draft(typed)));
        }
        if !self.keeps {
            self.feed(now, Input::Keeps(false));
        }
        self.look(now);
        let shown = self.mirror.shows(&Change::WindowShown(true));
        self.feed(now, Input::Intent(Intent::WindowShown(shown)));
        let own = std::mem::take(&mut self.asked);
        let mut all = kept.asked;
        for asked in own {
            all.push(asked.copied());
        }
        // Each tab's in the order in which they were asked for. They are few, and
        // sorting would be more code than all that is sorted.
        let first = |all: &[Asked]| {
            let by_age = all.iter().enumerate();
            by_age
                .min_by(|(_, a), (_, b)| a.id.age().cmp(&b.id.age()))?
                .0
                .into()
        };
        while let Some(at) = first(&all) {
            self.do_asked(now, all.remove(at));
        }
        self.agree_with_session();
        self.tell_picture();
    }

    /// Lines that were told by the leader before us, and that nobody keeps, go;
    /// the others stand as they do in the session.
    fn agree_with_session(&mut self) {
        let Some(session) = &self.session else {
            return;
        };
        let lines = session.lines().to_vec();
        let is_known = |id: &LineId| lines.iter().any(|line| line.id == *id);
        let shown = self.mirror.lines.iter().map(|line| &line.id);
        let strays: Vec<LineId> = shown.filter(|id| !is_known(id)).cloned().collect();
        for id in strays {
            self.show(Change::LineGone(id));
        }
        // What our visitor said before there was a picture stood above it, and
        // whoever is told a line by its index needs the same above it.
        for (index, line) in lines.into_iter().enumerate() {
            if self.mirror.lines.get(index).map(|it| &it.id) != Some(&line.id) {
                let line = Box::new(line);
                self.show(Change::Line { index, line });
            }
        }
    }

    /// It leads without a conversation, and this is one of a lead that it knew
    /// nothing of; one that it knew of, and that is over, is not begun again.
    fn lacks(&self, saved: &Saved) -> bool {
        let ours = self.session.as_ref().map(|session| session.saved());
        let has_nothing = ours.is_some_and(|ours| !ours.is_of_a_conversation());
        has_nothing && saved.is_of_a_conversation() && saved.term > self.knew
    }

    /// A tab that led before us, and was frozen meanwhile, had a conversation that
    /// the device refused to keep: the visitor's own.
    fn go_on_with(&mut self, now: Millis, mut saved: Saved) {
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
            Kept {
                saved,
                asked: Vec::new(),
            },
        );
    }

    fn do_asked(&mut self, now: Millis, asked: Asked) {
        let Asked {
            id,
            at,
            intent,
            held,
        } = asked;
        if !self.done.contains(&id) {
            self.done.push(id.clone());
            if self.done.len() > DONE_REMEMBERED {
                self.done.remove(0);
            }
            let message = match (held, &intent) {
                (Some(held), _) => Some(*held),
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
                        let outputs = session.say(now, message);
                        self.carry(outputs, Vec::new());
                    }
                }
                (None, intent) if now < at.saturating_add(ASK_LASTS) => {
                    self.feed(now, Input::Intent(intent));
                }
                _ => {}
            }
        }
        self.out.push(Output::Forget(id.clone()));
        self.carry(Vec::new(), vec![id]);
    }

    /// Hands an input to the session, if we have it.
    fn feed(&mut self, now: Millis, input: Input) {
        if let Some(session) = &mut self.session {
            let outputs = session.handle(now, input);
            self.carry(outputs, Vec::new());
        }
    }

    /// Passes on what the session wants; what moves the picture is told to all.
    fn carry(&mut self, outputs: Vec<Output>, done: Vec<AskId>) {
        let mut changes = Vec::new();
        let resumes = self.resumes();
        for output in outputs {
            match output {
                Output::Change(change) => {
                    if self.show(change.clone()) {
                        changes.push(change);
                    }
                }
                Output::WakeAt(at) => self.session_wake = Some(at),
                Output::Save(saved) => {
                    self.tell_held(&saved);
                    self.out.push(Output::Save(saved));
                }
                other => self.out.push(other),
            }
        }
        if !changes.is_empty() || !done.is_empty() {
            self.number += 1;
            self.tell(What::Changes {
                number: self.number,
                changes,
                done,
            });
        }
        // Until now the others showed what they had.
        if resumes && !self.resumes() {
            self.tell_picture();
        }
    }

    fn resumes(&self) -> bool {
        self.mirror.shows(&Change::Stage(Stage::Resuming))
    }

    fn tell_picture(&mut self) {
        self.tell(What::Picture {
            number: self.number,
            changes: self.mirror.changes(),
        });
        if let Some(saved) = self.session.as_ref().map(|it| it.saved().clone()) {
            self.tell_held(&saved);
        }
    }

    /// What the device refuses to keep, the other tabs have.
    fn tell_held(&mut self, saved: &Saved) {
        if !self.keeps {
            self.tell(What::Held(Some(Box::new(saved.clone()))));
        }
    }

    fn look(&mut self, now: Millis) {
        let any = self.looked_at || !self.looking.is_empty();
        self.feed(now, Input::Looked(any));
    }

    /// Another leads. What we held and it may not have, it is asked for.
    fn follow(&mut self, device_now: Millis) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        let (outputs, held, saved) = session.retire();
        self.out.extend(outputs);
        // Whoever leads may have come when nobody told it of this conversation.
        self.tell_held(&saved);
        self.held = Some(saved);
        self.session_wake = None;
        self.number_of = None;
        self.out.push(Output::AskLeadership(Claim::InTurn));
        self.tell(What::Hello);
        for pending in held {
            let id = AskId(pending.custom_id.clone());
            self.done.retain(|done| *done != id);
            self.hand_over(Asked {
                at: device_now,
                // What is no text is on the screen already.
                intent: match &pending.said {
                    Said::Text => Intent::Send(pending.text.clone()),
                    _ => Intent::Retry(id.line()),
                },
                held: Some(Box::new(pending)),
                id,
            });
        }
    }

    // The other tabs.

    fn heard(&mut self, now: Millis, device_now: Millis, message: Message) {
        let Message { from, term, what } = message;
        if self.me.as_ref() == Some(&from) {
            return;
        }
        // Of what came until now it knows nothing.
        let is_first = !std::mem::replace(&mut self.in_company, true);
        let by_leader = matches!(
            what,
            What::Picture { .. } | What::Changes { .. } | What::Pong { .. } | What::Held(_)
        );
        if is_first && self.leads() {
            self.tell_picture();
        }
        if self.leads() {
            let yields = term > self.term
                || (term == self.term && by_leader && self.me.as_ref() < Some(&from));
            if yields {
                self.follow(device_now);
                // Another has led since.
                self.held = None;
            } else if by_leader {
                // It does not know of us yet.
                self.tell_picture();
            }
        }
        let old = term < self.term;
        self.term = self.term.max(term);
        if by_leader && !self.leads() && !old {
            self.heard_at = now;
        }
        match what {
            What::Hello if self.leads() => self.tell_picture(),
            What::Ping if self.leads() => self.tell(What::Pong {
                number: self.number,
            }),
            What::Ask(asked) if self.leads() => self.do_asked(device_now, asked.copied()),
            What::Hello | What::Ping | What::Ask(_) => {}
            // Older than what is here, unless the clock was put back since.
            What::Draft { at, .. } if at < self.typed_at && self.typed_at <= device_now => {}
            What::Draft { at, text } => {
                self.typed_at = at;
                if self.show(Change::Draft(text.clone())) {
                    self.feed(device_now, Input::Intent(Intent::Draft(text)));
                }
            }
            What::WindowShown(shown) => {
                self.show(Change::WindowShown(shown));
                self.feed(device_now, Input::Intent(Intent::WindowShown(shown)));
            }
            What::Looked(looked_at) => {
                self.looking.retain(|tab| *tab != from);
                if looked_at {
                    self.looking.push(from);
                }
                self.look(device_now);
            }
            What::Held(Some(saved)) if self.lacks(&saved) => {
                self.go_on_with(device_now, *saved);
            }
            What::Picture { .. } | What::Changes { .. } | What::Pong { .. } | What::Held(_)
                if self.leads() || old => {}
            What::Held(saved) => self.held = saved.map(|saved| *saved),
            // Overtaken by what is shown already.
            What::Picture { number, .. } if self.counts(term, &from) && number < self.number => {}
            What::Picture { number, changes } => {
                // Another has led since; what it holds it tells next.
                self.held = None;
                // A conversation that a new tab comes to is none that begins.
                if self.mirror.stage().is_none() {
                    self.show(Change::Stage(Stage::Resuming));
                }
                // A leader that has nothing to show yet tells again when it has.
                let resumes = changes.contains(&Change::Stage(Stage::Resuming));
                if !resumes || self.resumes() {
                    for change in self.mirror.gone_in(&changes).into_iter().chain(changes) {
                        self.show_told(device_now, change);
                    }
                }
                self.number = number;
                if !self.counts(term, &from) {
                    // A new leader may not know that we are here.
                    self.tell(What::Looked(self.looked_at));
                }
                self.number_of = Some((term, from));
                self.show_asked();
                self.ask_again();
            }
            What::Changes {
                number,
                changes,
                done,
            } => {
                let next = self.counts(term, &from) && number == self.number + 1;
                if next {
                    self.number = number;
                    for change in changes {
                        self.show_told(device_now, change);
                    }
                } else if self.misses(term, &from, number) {
                    self.tell(What::Hello);
                }
                self.asked.retain(|asked| !done.contains(&asked.id));
                self.show_asked();
            }
            What::Pong { number } => {
                if self.misses(term, &from, number) {
                    self.tell(What::Hello);
                }
                self.ask_again();
            }
        }
    }

    /// Whether our number is one of that leader's.
    fn counts(&self, term: u64, by: &TabId) -> bool {
        matches!(&self.number_of, Some((of, who)) if *of == term && who == by)
    }

    /// Whether that leader has told of changes that we lack.
    fn misses(&self, term: u64, by: &TabId, number: u64) -> bool {
        !self.counts(term, by) || number > self.number
    }

    fn ask_again(&mut self) {
        for asked in self.asked.clone() {
            self.tell(What::Ask(asked));
        }
    }

    /// A follower that is looked at, or waits for something, knows within a
    /// second that nobody leads any more.
    fn watch_leader(&mut self, now: Millis) {
        if !self.watches() {
            self.watching = false;
            return;
        }
        // Whoever has not asked for so long was asleep, and heard nobody.
        let slept = now >= self.pinged_at.saturating_add(3 * LEADER_SILENT_MAX);
        if !std::mem::replace(&mut self.watching, true) || slept {
            self.heard_at = now;
        }
        if now >= self.pinged_at.saturating_add(PING_EVERY) {
            self.pinged_at = now;
            self.tell(What::Ping);
        }
        if now >= self.heard_at.saturating_add(LEADER_SILENT_MAX) {
            self.heard_at = now;
            self.out.push(Output::AskLeadership(Claim::AtOnce));
        }
    }

    fn watches(&self) -> bool {
        !self.leads() && self.boot.is_some() && (self.looked_at || !self.asked.is_empty())
    }

    fn ask_to_be_woken(&mut self) {
        let watch = self.watches().then(|| {
            let next = self
                .pinged_at
                .saturating_add(PING_EVERY)
                .min(self.heard_at.saturating_add(LEADER_SILENT_MAX));
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
    fn show_told(&mut self, now: Millis, change: Change) {
        let typed = now.abs_diff(self.typed_at) < TYPED_STAYS;
        match change {
            Change::Draft(told) if typed => {
                let (at, text) = (self.typed_at, self.mirror.draft());
                if text != told {
                    self.tell(What::Draft { at, text });
                }
            }
            change => {
                self.show(change);
            }
        }
    }

    /// Shows a change here, if it moves anything.
    fn show(&mut self, mut change: Change) -> bool {
        self.mirror.keep_sent(&mut change);
        let moved = self.mirror.apply(&change);
        if moved {
            self.out.push(Output::Change(change));
        }
        moved
    }

    fn tell(&mut self, what: What) {
        let is_news = self.leads() && matches!(what, What::Changes { .. } | What::Held(_));
        if let Some(me) = self.me.as_ref().filter(|_| self.in_company || !is_news) {
            self.out.push(Output::Tell(Box::new(Message {
                from: me.clone(),
                term: self.term,
                what,
            })));
        }
    }
}
