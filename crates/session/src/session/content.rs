//! What a person does with what a chat carries: presses, answers, files,
//! ratings, and what the page says.

use super::Session;
use crate::{Millis, intent::Intent};

impl Session {
    pub(super) fn content(&mut self, _now: Millis, _intent: Intent) {}
}
