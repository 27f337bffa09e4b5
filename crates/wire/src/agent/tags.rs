//! Tags: words by which a thread can be found.

use serde::{Deserialize, Serialize};

use super::{Action, Done};
use crate::id::{ChatId, ThreadId};

/// Gives a thread a tag; one that it has already stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TagThread {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// The tag.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub tag: String,
}

impl Action for TagThread {
    const NAME: &'static str = "tag_thread";
    type Reply = Done;
}

/// Takes a tag from a thread; one that it does not have is gone already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UntagThread {
    /// In which chat.
    pub chat_id: ChatId,
    /// Which thread.
    pub thread_id: ThreadId,
    /// The tag.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub tag: String,
}

impl Action for UntagThread {
    const NAME: &'static str = "untag_thread";
    type Reply = Done;
}
