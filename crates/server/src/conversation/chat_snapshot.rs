//! A chat with everything that agents are shown around it, read from the store
//! in one transaction.

use parlor_wire::{
    AgentId, ChatId,
    chat::{Chat as WireChat, ChatSummary, Queue, Thread as WireThread},
    user::{Customer as WireCustomer, User},
};

use super::{Refusal, Result, annotations, queue};
use crate::{
    app::App,
    presenter::{AnnotatedEvents, agent::ChatView},
    store::{
        Tx,
        row::{Agent, Chat, Customer, Thread, ThreadStatus},
    },
};

/// See the module.
#[derive(Debug)]
pub(crate) struct ChatSnapshot {
    pub(crate) chat: Chat,
    pub(crate) threads: Vec<Thread>,
    customer: Customer,
    agents: Vec<Agent>,
    queue: Option<Queue>,
    customer_present: bool,
    followers: Vec<AgentId>,
    /// The agent for whom it is shown; `None` for pushes, which go to all
    /// agents.
    viewer: Option<AgentId>,
}

impl ChatSnapshot {
    /// Reads the chat and what belongs to it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such chat.
    pub(crate) async fn load(tx: &mut dyn Tx, app: &App, id: &ChatId) -> Result<Self> {
        let chat = tx.chat(id).await?.ok_or(Refusal::NotFound("chat"))?;
        let customer = tx
            .customer(&chat.customer_id)
            .await?
            .ok_or(Refusal::NotFound("customer"))?;
        let agents = tx.agents().await?;
        let threads = tx.threads_of(&chat.id).await?;
        let last = threads.last();
        let queue = match last {
            Some(thread) if thread.status == ThreadStatus::Queued => {
                queue::describe_place(tx, thread, app.clock.now()).await?
            }
            _ => None,
        };
        let customer_present = match last {
            Some(thread) => !tx.sessions_of(&thread.id).await?.is_empty(),
            None => false,
        };
        let followers = tx.followers(&chat.id).await?;
        Ok(Self {
            chat,
            threads,
            customer,
            agents,
            queue,
            customer_present,
            followers,
            viewer: None,
        })
    }

    /// Shows the chat as this agent sees it: `is_followed` is theirs.
    pub(crate) fn for_agent(mut self, agent: &Agent) -> Self {
        self.viewer = Some(agent.id.clone());
        self
    }

    fn view(&self) -> ChatView<'_> {
        ChatView {
            chat: &self.chat,
            customer: &self.customer,
            agents: &self.agents,
            threads: &self.threads,
            queue: self.queue.clone(),
            customer_present: self.customer_present,
            followed: self
                .viewer
                .as_ref()
                .is_some_and(|viewer| self.followers.contains(viewer)),
        }
    }

    /// The chat with one thread and its events.
    pub(crate) async fn chat(&self, tx: &mut dyn Tx, thread: &Thread) -> Result<WireChat> {
        let events = annotations::events_of(tx, thread).await?;
        Ok(self.view().chat(thread, &events)?)
    }

    /// One thread, with the given events or without any.
    pub(crate) fn thread(
        &self,
        thread: &Thread,
        events: Option<&AnnotatedEvents>,
    ) -> Result<WireThread> {
        Ok(self.view().thread(thread, events)?)
    }

    pub(crate) fn customer_as_user(&self, thread: &Thread) -> User {
        User::Customer(Box::new(self.customer(thread)))
    }

    pub(crate) fn customer(&self, thread: &Thread) -> WireCustomer {
        self.view().customer(thread)
    }

    /// The chat as an entry of `list_chats`: its newest thread and the last
    /// event of each type.
    pub(crate) async fn summary(&self, tx: &mut dyn Tx) -> Result<ChatSummary> {
        let thread = self.threads.last();
        let last = match thread {
            Some(thread) => AnnotatedEvents {
                rows: tx.last_event_per_type(&thread.id).await?,
                annotations: annotations::of_thread(tx, &thread.id).await?,
            },
            None => AnnotatedEvents::default(),
        };
        Ok(self.view().summary(thread, &last)?)
    }
}
