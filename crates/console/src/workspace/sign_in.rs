//! Signing in and out. When a session ends by itself, everything is kept, so that drafts are there
//! again after the same agent has signed in again.

use parlor_wire::{AgentId, MyProfile};

use super::input::pause;
use super::{
    Call, Fault, Link, Millis, Notice, Output, PendingCall, Reply, Secret, SignInProblem, ViewPart,
    Workspace, limits,
};

#[derive(Debug)]
pub(super) enum Stage {
    /// The server was asked who is signed in.
    Checking,
    /// It did not answer; it is asked again at `at`.
    Unreachable { at: Millis, attempt: u32 },
    /// Nobody is signed in.
    SignedOut {
        /// The sign-in form was sent and is not answered yet.
        busy: bool,
        problem: Option<SignInProblem>,
        /// The agent who was signed in before.
        before: Option<AgentId>,
    },
    /// The page was opened by a link for a new password.
    NewPassword {
        link: Secret,
        /// The password was sent and is not answered yet.
        busy: bool,
        problem: Option<SignInProblem>,
    },
    /// This agent is signed in.
    SignedIn(Box<MyProfile>),
}

impl Workspace {
    pub(super) fn start(&mut self, link: Option<Link>) {
        match link {
            Some(Link::NewPassword(link)) => {
                self.stage = Stage::NewPassword {
                    link,
                    busy: false,
                    problem: None,
                };
            }
            Some(Link::SignIn(token)) => self.call(
                PendingCall::SignIn { by_link: true },
                Call::SignInByLink(token),
            ),
            None => self.call(PendingCall::WhoAmI, Call::WhoAmI),
        }
        self.view_changed(ViewPart::SignInStage);
    }

    pub(super) fn sign_in(&mut self, email: String, password: Secret) {
        let Stage::SignedOut { busy, problem, .. } = &mut self.stage else {
            return;
        };
        if *busy {
            return;
        }
        *busy = true;
        *problem = None;
        self.call(
            PendingCall::SignIn { by_link: false },
            Call::SignIn { email, password },
        );
        self.view_changed(ViewPart::SignInStage);
    }

    pub(super) fn choose_password(&mut self, password: Secret) {
        let Stage::NewPassword {
            link,
            busy,
            problem,
        } = &mut self.stage
        else {
            return;
        };
        if *busy {
            return;
        }
        *busy = true;
        *problem = None;
        let link = link.clone();
        let call = Call::ChoosePassword { link, password };
        self.call(PendingCall::ChoosePassword, call);
        self.view_changed(ViewPart::SignInStage);
    }

    pub(super) fn on_choose_password_reply(&mut self, answer: Result<Reply, Fault>) {
        let failure = match answer {
            Ok(_) => return self.call(PendingCall::WhoAmI, Call::WhoAmI),
            Err(Fault::SignedOut) => {
                return self.set_signed_out(Some(SignInProblem::LinkInvalid));
            }
            Err(Fault::Offline) => SignInProblem::Unreachable,
            Err(Fault::TooMany) => SignInProblem::TooMany,
            Err(Fault::ServerError) => SignInProblem::ServerError,
            Err(_) => SignInProblem::PasswordWeak,
        };
        if let Stage::NewPassword { busy, problem, .. } = &mut self.stage {
            *busy = false;
            *problem = Some(failure);
            self.view_changed(ViewPart::SignInStage);
        }
    }

    pub(super) fn on_sign_in_reply(&mut self, answer: Result<Reply, Fault>, by_link: bool) {
        let problem = match answer {
            Ok(_) => return self.call(PendingCall::WhoAmI, Call::WhoAmI),
            Err(Fault::Offline) => SignInProblem::Unreachable,
            Err(Fault::TooMany) => SignInProblem::TooMany,
            Err(Fault::ServerError) => SignInProblem::ServerError,
            Err(_) if by_link => SignInProblem::LinkInvalid,
            Err(_) => SignInProblem::WrongPassword,
        };
        if by_link {
            // The browser may still have a valid session.
            self.stage = Stage::SignedOut {
                busy: true,
                problem: Some(problem),
                before: None,
            };
            return self.call(PendingCall::WhoAmI, Call::WhoAmI);
        }
        self.set_signed_out(Some(problem));
    }

    pub(super) fn on_profile_reply(&mut self, answer: Result<Reply, Fault>) {
        match answer {
            Ok(Reply::Profile(me)) => self.set_signed_in(me),
            // This call was made because the socket could not be opened, which is tried again
            // anyway.
            _ if self.me().is_some() => {}
            Err(Fault::SignedOut) => {
                let problem = match &self.stage {
                    Stage::SignedOut { problem, .. } => *problem,
                    _ => None,
                };
                self.set_signed_out(problem);
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
                self.view_changed(ViewPart::SignInStage);
            }
        }
    }

    /// `call`: here, or everywhere.
    pub(super) fn sign_out(&mut self, call: Call) {
        if self.me().is_some() {
            self.call(PendingCall::SignOut, call);
        }
    }

    pub(super) fn on_sign_out_reply(&mut self, answer: Result<Reply, Fault>) {
        match answer {
            Err(fault) if fault != Fault::SignedOut => self.show_notice(Notice::NotSignedOut),
            _ => {
                self.outputs.push(Output::TellSignedOut);
                self.leave();
            }
        }
    }

    /// All tabs of a browser share the session. Who has signed out in one of them leaves nothing in
    /// the others.
    pub(super) fn on_signed_out_elsewhere(&mut self) {
        if matches!(self.stage, Stage::SignedIn(_) | Stage::SignedOut { .. }) {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.clear();
        self.forget_saved();
        self.set_signed_out(None);
        if let Stage::SignedOut { before, .. } = &mut self.stage {
            *before = None;
        }
    }

    pub(super) fn on_session_ended(&mut self) {
        self.set_signed_out(Some(SignInProblem::SessionEnded));
    }

    pub(super) fn sign_in_due(&mut self) {
        if let Stage::Unreachable { at, attempt } = self.stage
            && at <= self.now
        {
            // Later than the reply: every call ends before this time.
            let at = self.now + limits::SILENCE_TIMEOUT;
            self.stage = Stage::Unreachable { at, attempt };
            self.call(PendingCall::WhoAmI, Call::WhoAmI);
        }
    }

    pub(super) fn sign_in_deadline(&self) -> Option<Millis> {
        match self.stage {
            Stage::Unreachable { at, .. } => Some(at),
            _ => None,
        }
    }

    /// The network is back, or the agent has returned to the page: tries again at once.
    pub(super) fn retry_now(&mut self) {
        if let Stage::Unreachable { at, .. } = &mut self.stage {
            *at = self.now;
        }
        self.reconnect_now();
    }

    /// Applies the agent's profile as the server sent it.
    pub(super) fn update_profile(&mut self, me: MyProfile) {
        if let Stage::SignedIn(known) = &mut self.stage
            && known.id == me.id
        {
            **known = me;
            self.view_changed(ViewPart::Me);
        }
    }

    fn set_signed_in(&mut self, me: Box<MyProfile>) {
        if let Stage::SignedIn(known) = &mut self.stage {
            *known = me;
            return self.view_changed(ViewPart::Me);
        }
        let same = matches!(&self.stage, Stage::SignedOut { before: Some(before), .. } if *before == me.id);
        if !same {
            self.clear();
            self.keep_saved_of(&me.id);
        }
        self.stage = Stage::SignedIn(me);
        self.refresh_all();
        self.connect();
    }

    fn set_signed_out(&mut self, problem: Option<SignInProblem>) {
        let before = match &self.stage {
            Stage::SignedIn(me) => Some(me.id.clone()),
            Stage::SignedOut { before, .. } => before.clone(),
            _ => None,
        };
        self.stage = Stage::SignedOut {
            busy: false,
            problem,
            before,
        };
        self.pending_calls.clear();
        self.withdraw_notifications();
        self.transfer = None;
        self.forget_pending_calls();
        self.disconnect();
        self.refresh_all();
    }

    /// Drops all state: the next agent on this page may be somebody else.
    fn clear(&mut self) {
        self.discard_uploads();
        self.templates = super::templates::Templates::default();
        self.chats.clear();
        self.messages = super::messages::Messages::default();
        self.ended = super::ended::Ended::default();
        self.archive = super::archive::Archive::default();
        self.reports = super::reports::Reports::default();
        self.section = super::Section::default();
        self.selected = None;
        self.transfer = None;
        self.sign_ins = None;
        self.catch_up = super::catch_up::CatchUp::default();
    }

    fn refresh_all(&mut self) {
        self.changed_parts.extend([
            ViewPart::SignInStage,
            ViewPart::Me,
            ViewPart::Connection,
            ViewPart::Lists,
            ViewPart::Messages,
            ViewPart::OpenChat,
            ViewPart::Entries,
            ViewPart::TypingPreview,
            ViewPart::Draft,
            ViewPart::Person,
            ViewPart::Picker,
            ViewPart::TemplateMenu,
            ViewPart::Uploads,
            ViewPart::History,
            ViewPart::Transfer,
            ViewPart::SignIns,
            ViewPart::Notice,
            ViewPart::Section,
            ViewPart::ArchiveQuery,
            ViewPart::ArchiveResults,
            ViewPart::ArchivedChat,
            ViewPart::Report,
        ]);
    }

    fn disconnect(&mut self) {
        if self.connection.close() {
            self.outputs.push(Output::CloseSocket);
        }
    }
}
