//! A conversation from its request to after its end: the transcript stays
//! where it is, and what is above and below it follows the stage.

use leptos::prelude::*;
use parlor_session::{Intent, Stage};

use super::{
    composer::Composer,
    context::chat,
    ended::{Ended, Failed},
    hello::StartButton,
    idle::Idle,
    message_left::MessageLeft,
    transcript::Transcript,
    transcript_request::TranscriptRequest,
    waiting::Waiting,
};
use crate::erased::{IntoBuilt, dynamic};

/// What stands below the transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foot {
    Composer,
    Ended,
    Failed,
    /// What becomes of a message that is left.
    Left,
    /// The way to a new conversation, below earlier ones.
    Start,
}

#[component]
pub(super) fn Conversation() -> impl IntoView {
    let chat = chat();
    // Earlier conversations are read from their beginning.
    let at_end = RwSignal::new(!chat.reads_earlier.get_untracked());
    let foot = Memo::new(move |_| {
        chat.store.stage.with(|stage| match stage {
            Stage::Ended(_) => Foot::Ended,
            Stage::Failed(_) => Foot::Failed,
            Stage::LeavingMessage | Stage::MessageLeft => Foot::Left,
            Stage::Hello => Foot::Start,
            _ => Foot::Composer,
        })
    });
    let start = move || {
        at_end.set(true);
        chat.send(Intent::StartConversation);
        chat.reads_earlier.set(false);
        chat.request_focus();
    };
    let foot = dynamic(move || match foot.get() {
        Foot::Composer => view! { <Composer on_send=move || at_end.set(true) /> }.built(),
        Foot::Ended => view! { <Ended /> }.built(),
        Foot::Failed => view! { <Failed /> }.built(),
        Foot::Left => view! { <MessageLeft /> }.built(),
        Foot::Start => view! {
            <div class="earlier-start">
                <StartButton on_press=start />
            </div>
        }
        .built(),
    });
    view! {
        <div class="conversation">
            <Waiting />
            <Transcript at_end />
            <Idle />
            <TranscriptRequest />
            {foot}
        </div>
    }
    .built()
}
