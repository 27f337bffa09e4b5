//! The agent's sign-ins: the list is loaded whenever it is opened, and each of them can be ended.

use serde::Deserialize;

use super::timestamp::parse_timestamp;
use super::{Announcement, Call, Fault, Millis, Notice, Output, PendingCall, Reply, ViewPart};
use super::{Intent, Workspace};

/// A sign-in as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SignIn {
    /// Names it among the agent's sign-ins.
    pub id: String,
    /// When the agent signed in, RFC 3339.
    pub created_at: String,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<String>,
    /// Whether it is the one of this browser.
    pub is_current: bool,
}

/// The open list of sign-ins.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIns {
    /// This browser's first, then the last used first; none while they are being loaded.
    pub rows: Option<Vec<SignInRow>>,
}

/// A sign-in in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// Names it.
    pub id: String,
    /// When the agent signed in.
    pub since: Option<Millis>,
    /// When it was last used.
    pub last_used: Option<Millis>,
    /// Whether it is the one of this browser.
    pub is_current: bool,
    /// It is being ended.
    pub busy: bool,
}

impl Workspace {
    pub(super) fn open_sign_ins(&mut self) {
        self.sign_ins = Some(SignIns { rows: None });
        self.view_changed(ViewPart::SignIns);
        self.call(PendingCall::SignIns, Call::ListSignIns);
    }

    pub(super) fn close_sign_ins(&mut self) {
        self.sign_ins = None;
        self.view_changed(ViewPart::SignIns);
    }

    pub(super) fn on_sign_ins_reply(&mut self, answer: Result<Reply, Fault>) {
        let Some(open) = &mut self.sign_ins else {
            return;
        };
        match answer {
            Ok(Reply::SignIns(list)) => {
                let mut rows: Vec<SignInRow> = list.into_iter().map(SignInRow::from).collect();
                rows.sort_by_key(|row| {
                    let used = row.last_used.or(row.since);
                    (!row.is_current, std::cmp::Reverse(used))
                });
                open.rows = Some(rows);
            }
            Ok(_) | Err(_) => {
                self.sign_ins = None;
                let fault = answer.err().unwrap_or(Fault::Refused);
                self.show_notice(Notice::SignInsNotListed(fault));
            }
        }
        self.view_changed(ViewPart::SignIns);
    }

    /// Ends a sign-in; the one of this browser as any sign-out.
    pub(super) fn end_sign_in(&mut self, id: &str) {
        let Some(row) = self.sign_in_row(id).filter(|row| !row.busy) else {
            return;
        };
        if row.is_current {
            return self.on_intent(Intent::SignOut);
        }
        row.busy = true;
        self.view_changed(ViewPart::SignIns);
        self.call(
            PendingCall::EndSignIn(id.to_owned()),
            Call::EndSignIn(id.to_owned()),
        );
    }

    pub(super) fn on_sign_in_ended(&mut self, id: &str, answer: Result<Reply, Fault>) {
        match answer {
            // It may have ended by itself.
            Ok(_) | Err(Fault::Gone) => {
                if let Some(rows) = self.sign_ins.as_mut().and_then(|open| open.rows.as_mut()) {
                    rows.retain(|row| row.id != id);
                }
                self.outputs
                    .push(Output::Announce(Announcement::SignInEnded));
            }
            Err(fault) => {
                if let Some(row) = self.sign_in_row(id) {
                    row.busy = false;
                }
                self.show_notice(Notice::SignInNotEnded(fault));
            }
        }
        self.view_changed(ViewPart::SignIns);
    }

    fn sign_in_row(&mut self, id: &str) -> Option<&mut SignInRow> {
        let rows = self.sign_ins.as_mut()?.rows.as_mut()?;
        rows.iter_mut().find(|row| row.id == id)
    }
}

impl From<SignIn> for SignInRow {
    fn from(from: SignIn) -> Self {
        Self {
            since: parse_timestamp(&from.created_at),
            last_used: from.last_used_at.as_deref().and_then(parse_timestamp),
            id: from.id,
            is_current: from.is_current,
            busy: false,
        }
    }
}
