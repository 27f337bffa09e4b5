//! Routing of visitors to agents: pure functions over agents, queues and
//! targets. It does not know HTTP, SQL or the current time.

use parlor_wire::{AgentId, ButtonId};

use crate::store::row::{Agent, Button, RoutingStatus, Thread};

/// A target that the visitor's client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The queue of this button.
    Button(ButtonId),
    /// This agent only.
    Agent(AgentId),
    /// The agent, or else the button.
    AgentThenButton(AgentId, ButtonId),
}

/// The queue that the visitor enters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) button_id: Option<ButtonId>,
    /// Set when the visitor waits for this agent only.
    pub(crate) agent_id: Option<AgentId>,
}

/// The targets of a request in order of preference (Chat REST API,
/// `ChasitorInit`): the button overrides, or else the agent, with or without
/// fallback to the button, or else the button.
pub(crate) fn targets(
    overrides: &[String],
    agent_id: Option<&str>,
    do_fallback: bool,
    button_id: &str,
    agents: &[Agent],
) -> Vec<Target> {
    // An override that a client left empty is ignored.
    let mut named = overrides.iter().filter(|o| !o.is_empty()).peekable();
    if named.peek().is_some() {
        return named.map(|o| target(o, agents)).collect();
    }
    match agent_id.filter(|id| !id.is_empty()) {
        Some(agent) if do_fallback && !button_id.is_empty() => {
            vec![Target::AgentThenButton(agent.into(), button_id.into())]
        }
        Some(agent) => vec![Target::Agent(agent.into())],
        None => vec![Target::Button(button_id.into())],
    }
}

/// Reads an override: `button`, `agent`, or `agent_button`.
fn target(word: &str, agents: &[Agent]) -> Target {
    let is_agent = |id: &str| agents.iter().any(|a| a.id.as_ref() == id);
    match word.split_once('_') {
        Some((agent, button)) if is_agent(agent) => {
            Target::AgentThenButton(agent.into(), button.into())
        }
        _ if is_agent(word) => Target::Agent(word.into()),
        _ => Target::Button(word.into()),
    }
}

/// The first target that can take the visitor now; `None` when nobody can.
pub(crate) fn route(targets: &[Target], agents: &[Agent], buttons: &[Button]) -> Option<Route> {
    targets.iter().find_map(|target| match target {
        Target::Button(id) => to_button(id, agents, buttons),
        Target::Agent(id) => to_agent(id, agents),
        Target::AgentThenButton(agent, button) => {
            to_agent(agent, agents).or_else(|| to_button(button, agents, buttons))
        }
    })
}

fn to_agent(id: &AgentId, agents: &[Agent]) -> Option<Route> {
    agents
        .iter()
        .any(|a| &a.id == id && accepts(a))
        .then(|| Route {
            button_id: None,
            agent_id: Some(id.clone()),
        })
}

fn to_button(id: &ButtonId, agents: &[Agent], buttons: &[Button]) -> Option<Route> {
    (buttons.iter().any(|b| &b.id == id) && somebody_accepts(agents)).then(|| Route {
        button_id: Some(id.clone()),
        agent_id: None,
    })
}

/// Whether the agent accepts chats now.
pub(crate) fn accepts(agent: &Agent) -> bool {
    agent.removed_at.is_none() && agent.routing_status == RoutingStatus::AcceptingChats
}

/// Whether any agent accepts chats now.
pub(crate) fn somebody_accepts(agents: &[Agent]) -> bool {
    agents.iter().any(accepts)
}

/// The moving average of waiting times, in seconds: A = 0.9 A' + 0.1 W (Chat
/// REST API, estimated wait time).
pub(crate) fn average_wait(before: Option<f64>, waited_s: f64) -> f64 {
    before.map_or(waited_s, |a| 0.9 * a + 0.1 * waited_s)
}

/// The estimated rest of a visitor's wait, in whole seconds, never below 0; -1
/// when there is no average yet.
pub(crate) fn estimated_wait(average_s: Option<f64>, waited_s: i64) -> i64 {
    average_s.map_or(-1, |a| (a.round() as i64 - waited_s).max(0))
}

/// Agents to whom the chat can be transferred.
pub(crate) fn transfer_targets<'a>(
    agents: &'a [Agent],
    thread: &'a Thread,
) -> impl Iterator<Item = &'a Agent> {
    agents
        .iter()
        .filter(|a| accepts(a) && thread.agent_id.as_ref() != Some(&a.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Timestamp,
        store::row::{Role, Routing},
    };

    fn agent(id: &str, routing_status: RoutingStatus) -> Agent {
        Agent {
            id: id.into(),
            email: format!("{id}@example.com").into(),
            name: id.into(),
            password_hash: None,
            avatar: None,
            routing_status,
            role: Role::Agent,
            concurrent_chats: None,
            group_ids: Default::default(),
            created_at: Timestamp(0),
            removed_at: None,
        }
    }

    fn button(id: &str) -> Button {
        Button {
            id: id.into(),
            deployment_id: "572".into(),
            name: id.into(),
            group_id: 0,
            language: "en".into(),
            routing: Routing::Choice,
            average_wait_s: None,
        }
    }

    fn check(overrides: &[&str], agent_id: &str, fallback: bool, expected: Option<(&str, &str)>) {
        let agents = [
            agent("005A", RoutingStatus::AcceptingChats),
            agent("005B", RoutingStatus::NotAcceptingChats),
        ];
        let overrides: Vec<String> = overrides.iter().map(|o| (*o).to_owned()).collect();
        let wanted = targets(&overrides, Some(agent_id), fallback, "573X", &agents);
        let route = route(&wanted, &agents, &[button("573X"), button("573Y")]);
        let got = route.map(|r| {
            (
                r.button_id.map(|b| b.to_string()).unwrap_or_default(),
                r.agent_id.map(|a| a.to_string()).unwrap_or_default(),
            )
        });
        let expected = expected.map(|(b, a)| (b.to_owned(), a.to_owned()));
        assert_eq!(got, expected, "{overrides:?} {agent_id} {fallback}");
    }

    #[test]
    fn routes() {
        check(&[], "", false, Some(("573X", "")));
        check(&[], "005A", false, Some(("", "005A")));
        check(&[], "005B", false, None);
        check(&[], "005B", true, Some(("573X", "")));
        check(&[""], "", false, Some(("573X", "")));
        check(&["573Y"], "", false, Some(("573Y", "")));
        check(&["573Q", "005B", "005A"], "", false, Some(("", "005A")));
        check(&["005B_573Y"], "", false, Some(("573Y", "")));
        check(&["005B", "573Q"], "", false, None);
    }

    #[test]
    fn nobody_accepts_nothing_is_available() {
        let agents = [agent("005B", RoutingStatus::Offline)];
        let wanted = [Target::Button("573X".into())];
        assert_eq!(route(&wanted, &agents, &[button("573X")]), None);
    }

    #[test]
    fn waits() {
        assert!((average_wait(None, 60.0) - 60.0).abs() < 1e-9);
        assert!((average_wait(Some(100.0), 50.0) - 95.0).abs() < 1e-9);
        assert_eq!(estimated_wait(None, 5), -1);
        assert_eq!(estimated_wait(Some(10.4), 4), 6);
        assert_eq!(estimated_wait(Some(10.0), 40), 0);
    }
}
