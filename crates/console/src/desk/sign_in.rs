//! Who is signed in. A session that ended by itself leaves everything in place, so that what was
//! being written is there again after the next sign-in of the same person.

use parlor_wire::{AgentId, MyProfile};

use super::input::pause;
use super::{
    Call, Desk, Errand, Fault, Millis, Notice, Output, Part, Reply, Secret, Trouble, limits,
};

#[derive(Debug)]
pub(super) enum Stage {
    /// The endpoint was asked who is signed in here.
    Asking,
    /// It did not answer that; it is asked again.
    Unreachable { at: Millis, attempt: u32 },
    /// Nobody is.
    SignedOut {
        /// The form was sent.
        busy: bool,
        trouble: Option<Trouble>,
        /// Who was, until now.
        before: Option<AgentId>,
    },
    /// This agent is.
    SignedIn(Box<MyProfile>),
}

impl Desk {
    pub(super) fn start(&mut self, link: Option<Secret>) {
        match link {
            Some(token) => self.call(Errand::SignIn { by_link: true }, Call::SignInByLink(token)),
            None => self.call(Errand::WhoAmI, Call::WhoAmI),
        }
        self.moved(Part::Stage);
    }

    pub(super) fn sign_in(&mut self, email: String, password: Secret) {
        let Stage::SignedOut { busy, trouble, .. } = &mut self.stage else {
            return;
        };
        if *busy {
            return;
        }
        *busy = true;
        *trouble = None;
        self.call(
            Errand::SignIn { by_link: false },
            Call::SignIn { email, password },
        );
        self.moved(Part::Stage);
    }

    pub(super) fn signed_in(&mut self, answer: Result<Reply, Fault>, by_link: bool) {
        let trouble = match answer {
            Ok(_) => return self.call(Errand::WhoAmI, Call::WhoAmI),
            Err(Fault::Offline) => Trouble::Unreachable,
            Err(Fault::TooMany) => Trouble::TooMany,
            Err(Fault::Unwell) => Trouble::Unwell,
            Err(_) if by_link => Trouble::LinkSpent,
            Err(_) => Trouble::WrongPassword,
        };
        if by_link {
            // Somebody may be signed in here all the same.
            self.stage = Stage::SignedOut {
                busy: true,
                trouble: Some(trouble),
                before: None,
            };
            return self.call(Errand::WhoAmI, Call::WhoAmI);
        }
        self.nobody(Some(trouble));
    }

    pub(super) fn told_who(&mut self, answer: Result<Reply, Fault>) {
        match answer {
            Ok(Reply::Profile(me)) => self.somebody(me),
            // A socket that does not open made us ask; it is tried again by itself.
            _ if self.me().is_some() => {}
            Err(Fault::SignedOut) => {
                let trouble = match &self.stage {
                    Stage::SignedOut { trouble, .. } => *trouble,
                    _ => None,
                };
                self.nobody(trouble);
            }
            _ => {
                let attempt = match self.stage {
                    Stage::Unreachable { attempt, .. } => attempt + 1,
                    _ => 1,
                };
                let pause = pause(
                    limits::BACKOFF_FIRST,
                    limits::BACKOFF_CEILING,
                    attempt,
                    self.seed,
                );
                let at = self.now + pause;
                self.stage = Stage::Unreachable { at, attempt };
                self.moved(Part::Stage);
            }
        }
    }

    pub(super) fn sign_out(&mut self) {
        if self.me().is_some() {
            self.call(Errand::SignOut, Call::SignOut);
        }
    }

    pub(super) fn signed_out(&mut self, answer: Result<Reply, Fault>) {
        match answer {
            Err(fault) if fault != Fault::SignedOut => self.tell(Notice::NotSignedOut),
            _ => {
                self.clear();
                self.nobody(None);
            }
        }
    }

    pub(super) fn session_over(&mut self) {
        self.nobody(Some(Trouble::SessionOver));
    }

    pub(super) fn sign_in_due(&mut self) {
        if let Stage::Unreachable { at, attempt } = self.stage
            && at <= self.now
        {
            // Until it is answered: a call ends by itself before that.
            let at = self.now + limits::SILENCE_IS_DEATH;
            self.stage = Stage::Unreachable { at, attempt };
            self.call(Errand::WhoAmI, Call::WhoAmI);
        }
    }

    pub(super) fn sign_in_deadline(&self) -> Option<Millis> {
        match self.stage {
            Stage::Unreachable { at, .. } => Some(at),
            _ => None,
        }
    }

    /// The browser has a network again, or somebody looks again: what waits need not wait.
    pub(super) fn hurry(&mut self) {
        if let Stage::Unreachable { at, .. } = &mut self.stage {
            *at = self.now;
        }
        self.line_hurry();
    }

    /// The endpoint says anew who I am, and whether I take chats.
    pub(super) fn profile_told(&mut self, me: MyProfile) {
        if let Stage::SignedIn(known) = &mut self.stage
            && known.id == me.id
        {
            **known = me;
            self.moved(Part::Me);
        }
    }

    fn somebody(&mut self, me: Box<MyProfile>) {
        if let Stage::SignedIn(known) = &mut self.stage {
            *known = me;
            return self.moved(Part::Me);
        }
        let same = matches!(&self.stage, Stage::SignedOut { before: Some(before), .. } if *before == me.id);
        if !same {
            self.clear();
        }
        self.stage = Stage::SignedIn(me);
        self.show_all();
        self.connect();
    }

    fn nobody(&mut self, trouble: Option<Trouble>) {
        let before = match &self.stage {
            Stage::SignedIn(me) => Some(me.id.clone()),
            Stage::SignedOut { before, .. } => before.clone(),
            _ => None,
        };
        self.stage = Stage::SignedOut {
            busy: false,
            trouble,
            before,
        };
        self.awaited.clear();
        self.transfer = None;
        self.nothing_awaited();
        self.disconnect();
        self.show_all();
    }

    /// Forgets all chats: somebody else may come next.
    fn clear(&mut self) {
        self.forget_uploads();
        self.templates = super::templates::Templates::default();
        self.chats.clear();
        self.selected = None;
        self.transfer = None;
        self.catching = super::catch_up::CatchUp::default();
    }

    fn show_all(&mut self) {
        self.moved.extend([
            Part::Stage,
            Part::Me,
            Part::Connection,
            Part::Lists,
            Part::Open,
            Part::Entries,
            Part::Live,
            Part::Draft,
            Part::Person,
            Part::Picker,
            Part::Stock,
            Part::Uploads,
            Part::Past,
            Part::Transfer,
            Part::Notice,
        ]);
    }

    fn disconnect(&mut self) {
        if self.line.close() {
            self.out.push(Output::CloseSocket);
        }
    }
}
