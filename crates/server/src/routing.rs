//! Routing of visitors to agents: pure functions over agents, queues and
//! targets. It does not know HTTP, SQL or the current time.

use std::{cmp::Reverse, collections::BTreeMap};

use parlor_wire::{AgentId, ButtonId};

use crate::{
    clock::Timestamp,
    store::row::{Agent, Button, Offer, Routing, RoutingStatus, Thread},
};

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

/// The agents, and how many chats each of them has.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    agents: Vec<Agent>,
    /// Agents without any chat may be missing.
    open_chats: BTreeMap<AgentId, i64>,
    /// How many chats agents have at a time, where nothing else is said of them.
    concurrent_chats: i64,
}

impl Staff {
    pub(crate) fn new(
        agents: Vec<Agent>,
        open_chats: BTreeMap<AgentId, i64>,
        concurrent_chats: i64,
    ) -> Self {
        Self {
            agents,
            open_chats,
            concurrent_chats,
        }
    }

    pub(crate) fn agents(&self) -> &[Agent] {
        &self.agents
    }

    pub(crate) fn open_chats(&self, agent: &Agent) -> i64 {
        self.open_chats.get(&agent.id).copied().unwrap_or(0)
    }

    /// How many more chats the agent takes; negative where they have more than
    /// the limit, which they may go beyond themselves.
    fn room(&self, agent: &Agent) -> i64 {
        let limit = agent.concurrent_chats.unwrap_or(self.concurrent_chats);
        limit.saturating_sub(self.open_chats(agent))
    }

    /// Whether the agent who is asked still has time, and still accepts chats.
    pub(crate) fn has_offer(&self, offer: &Offer, group_id: i64, now: Timestamp) -> bool {
        let is_asked = |agent: &Agent| offer.agent_id.as_ref() == Some(&agent.id);
        let mut members = self.members(group_id);
        offer.until > now && members.any(|agent| is_asked(agent) && accepts(agent))
    }

    /// An offer takes as much room as the chat would.
    pub(crate) fn take_room(&mut self, offer: &Offer) {
        if let Some(agent) = &offer.agent_id {
            *self.open_chats.entry(agent.clone()).or_default() += 1;
        }
    }

    /// Whether the agent accepts chats now, and has room for one more.
    pub(crate) fn can_take(&self, agent: &Agent) -> bool {
        accepts(agent) && self.room(agent) > 0
    }

    /// Whether any agent of the group accepts chats now.
    pub(crate) fn group_accepts(&self, group_id: i64) -> bool {
        self.members(group_id).any(accepts)
    }

    /// Whether any agent of the group accepts chats now, and has room for one
    /// more.
    pub(crate) fn group_can_take(&self, group_id: i64) -> bool {
        self.members(group_id).any(|agent| self.can_take(agent))
    }

    pub(crate) fn members(&self, group_id: i64) -> impl Iterator<Item = &Agent> {
        let is_member = move |agent: &&Agent| agent.group_ids.contains(&group_id);
        self.agents.iter().filter(is_member)
    }
}

/// The agent of a group to whom a waiting chat is offered next, by the rule of
/// its button: one with room for it who has not declined it. Of equal ones it is
/// the one who was added first.
fn next_agent<'s>(staff: &'s Staff, button: &Button, declined: &[AgentId]) -> Option<&'s Agent> {
    let free = staff
        .members(button.group_id)
        .filter(|agent| staff.can_take(agent) && !declined.contains(&agent.id));
    match button.routing {
        Routing::Choice => None,
        Routing::LeastActive => free.min_by_key(|agent| staff.open_chats(agent)),
        Routing::MostAvailable => free.min_by_key(|agent| Reverse(staff.room(agent))),
    }
}

/// Offers the chats of a queue, the first ones first, each to one agent until
/// `until`. An offer stands until its time is over, or its agent accepts chats no
/// more; then the chat is offered to the next. When all have been asked, there is
/// a pause of the same length before they are asked again.
pub(crate) fn renew_offers(
    mut staff: Staff,
    button: &Button,
    offers: &[Offer],
    now: Timestamp,
    until: Timestamp,
) -> Vec<Offer> {
    let stands: Vec<bool> = offers
        .iter()
        .map(|offer| staff.has_offer(offer, button.group_id, now))
        .collect();
    for (offer, _) in offers.iter().zip(&stands).filter(|(_, stands)| **stands) {
        staff.take_room(offer);
    }
    let renewed = offers.iter().zip(stands).map(|(offer, stands)| {
        let mut next = offer.clone();
        if stands {
            return next;
        }
        let asked = next.agent_id.take();
        let was_asked = asked.is_some();
        next.declined.extend(asked);
        let mut agent = next_agent(&staff, button, &next.declined);
        if agent.is_none() && !next.declined.is_empty() {
            if was_asked {
                next.until = until;
            } else if next.until <= now {
                next.declined.clear();
                agent = next_agent(&staff, button, &[]);
            }
        }
        if let Some(agent) = agent {
            next.agent_id = Some(agent.id.clone());
            next.until = until;
            staff.take_room(&next);
        }
        next
    });
    renewed.collect()
}

/// The first target that has room for the visitor now; or else the first at which
/// somebody accepts chats, so that the visitor waits there. `None` when nobody
/// does. `is_queue_open`: a visitor may wait for a button although nobody does.
pub(crate) fn route(
    targets: &[Target],
    staff: &Staff,
    buttons: &[Button],
    is_queue_open: bool,
) -> Option<Route> {
    first(targets, staff, buttons, |agent| staff.can_take(agent))
        .or_else(|| first(targets, staff, buttons, accepts))
        .or_else(|| first_button(targets, buttons).filter(|_| is_queue_open))
}

/// The first target that is a button.
fn first_button(targets: &[Target], buttons: &[Button]) -> Option<Route> {
    targets.iter().find_map(|target| match target {
        Target::Button(id) | Target::AgentThenButton(_, id) => {
            let button = buttons.iter().find(|button| button.id == *id)?;
            Some(Route {
                button_id: Some(button.id.clone()),
                agent_id: None,
            })
        }
        Target::Agent(_) => None,
    })
}

/// The first target with an agent of whom this is true.
fn first(
    targets: &[Target],
    staff: &Staff,
    buttons: &[Button],
    takes: impl Fn(&Agent) -> bool,
) -> Option<Route> {
    let to_agent = |id: &AgentId| {
        let agent = staff.agents.iter().find(|agent| agent.id == *id)?;
        takes(agent).then(|| Route {
            button_id: None,
            agent_id: Some(id.clone()),
        })
    };
    let to_button = |id: &ButtonId| {
        let button = buttons.iter().find(|button| button.id == *id)?;
        let somebody = staff.members(button.group_id).any(&takes);
        somebody.then(|| Route {
            button_id: Some(id.clone()),
            agent_id: None,
        })
    };
    targets.iter().find_map(|target| match target {
        Target::Button(id) => to_button(id),
        Target::Agent(id) => to_agent(id),
        Target::AgentThenButton(agent, button) => to_agent(agent).or_else(|| to_button(button)),
    })
}

/// Whether the agent accepts chats now.
pub(crate) fn accepts(agent: &Agent) -> bool {
    agent.removed_at.is_none() && agent.routing_status == RoutingStatus::AcceptingChats
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
    use crate::store::row::Role;

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
            group_ids: [1].into(),
            created_at: Timestamp(0),
            removed_at: None,
        }
    }

    fn button(id: &str) -> Button {
        Button {
            id: id.into(),
            deployment_id: "572".into(),
            name: id.into(),
            group_id: 1,
            language: "en".into(),
            routing: Routing::Choice,
            average_wait_s: None,
        }
    }

    fn staff(agents: &[Agent], open_chats: &[(&str, i64)]) -> Staff {
        let open_chats = open_chats.iter().map(|&(id, count)| (id.into(), count));
        Staff::new(agents.to_vec(), open_chats.collect(), 2)
    }

    fn check(overrides: &[&str], agent_id: &str, fallback: bool, expected: Option<(&str, &str)>) {
        let agents = [
            agent("005A", RoutingStatus::AcceptingChats),
            agent("005B", RoutingStatus::NotAcceptingChats),
        ];
        let overrides: Vec<String> = overrides.iter().map(|o| (*o).to_owned()).collect();
        let wanted = targets(&overrides, Some(agent_id), fallback, "573X", &agents);
        let buttons = [button("573X"), button("573Y")];
        let got = route(&wanted, &staff(&agents, &[]), &buttons, false).map(names);
        let expected = expected.map(|(b, a)| (b.to_owned(), a.to_owned()));
        assert_eq!(got, expected, "{overrides:?} {agent_id} {fallback}");
    }

    /// The names of button and agent.
    fn names(route: Route) -> (String, String) {
        (
            route.button_id.map(|b| b.to_string()).unwrap_or_default(),
            route.agent_id.map(|a| a.to_string()).unwrap_or_default(),
        )
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
        let staff = staff(&agents, &[]);
        let buttons = [button("573X")];
        assert_eq!(route(&wanted, &staff, &buttons, false), None);
        let waits = route(&wanted, &staff, &buttons, true);
        assert_eq!(waits.and_then(|it| it.button_id), Some("573X".into()));
        let elsewhere = [Target::Button("573Y".into()), Target::Agent("005B".into())];
        assert_eq!(route(&elsewhere, &staff, &buttons, true), None);
    }

    #[test]
    fn a_button_is_for_the_agents_of_its_group() {
        let mut ada = agent("005A", RoutingStatus::AcceptingChats);
        ada.group_ids = [2].into();
        let mut other = button("573Y");
        other.group_id = 2;
        let staff = staff(&[ada], &[]);
        for (id, group, expected) in [("573X", 1, false), ("573Y", 2, true)] {
            let wanted = [Target::Button(id.into())];
            let found = route(&wanted, &staff, &[button("573X"), other.clone()], false);
            assert_eq!(found.is_some(), expected, "{id}");
            assert_eq!(staff.group_accepts(group), expected, "{group}");
            assert_eq!(staff.group_can_take(group), expected, "{group}");
        }
    }

    #[test]
    fn room_comes_first_and_who_accepts_is_waited_for() {
        let agents = [
            agent("005A", RoutingStatus::AcceptingChats),
            agent("005B", RoutingStatus::AcceptingChats),
        ];
        let of_a = Target::Agent("005A".into());
        let of_b = Target::Agent("005B".into());
        let button_x = Target::Button("573X".into());
        let fallback = Target::AgentThenButton("005A".into(), "573X".into());
        for (open, targets, expected) in [
            // Below the limit of two.
            (vec![("005A", 1)], vec![of_a.clone()], ("", "005A")),
            (
                vec![("005A", 2)],
                vec![of_a.clone(), of_b.clone()],
                ("", "005B"),
            ),
            (vec![("005A", 2)], vec![fallback.clone()], ("573X", "")),
            (vec![("005A", 2)], vec![button_x.clone()], ("573X", "")),
            // Nobody has room: the visitor waits for whom they wanted.
            (
                vec![("005A", 2), ("005B", 3)],
                vec![of_a, of_b],
                ("", "005A"),
            ),
            (vec![("005A", 2), ("005B", 2)], vec![fallback], ("", "005A")),
            (vec![("005A", 2), ("005B", 2)], vec![button_x], ("573X", "")),
        ] {
            let staff = staff(&agents, &open);
            let found = route(&targets, &staff, &[button("573X")], false).map(names);
            let expected = (expected.0.to_owned(), expected.1.to_owned());
            assert_eq!(found, Some(expected), "{open:?} {targets:?}");
        }
    }

    #[test]
    fn an_agent_may_have_a_limit_of_their_own() {
        let mut ada = agent("005A", RoutingStatus::AcceptingChats);
        for (limit, open, expected) in [
            (None, 1, true),
            (None, 2, false),
            (Some(3), 2, true),
            (Some(1), 1, false),
            (Some(1), 7, false),
        ] {
            ada.concurrent_chats = limit;
            let staff = staff(&[ada.clone()], &[("005A", open)]);
            assert_eq!(staff.can_take(&ada), expected, "{limit:?} {open}");
            assert_eq!(staff.group_can_take(1), expected, "{limit:?} {open}");
            assert!(staff.group_accepts(1));
        }
    }

    fn offer(agent: Option<&str>, until: i64, declined: &[&str]) -> Offer {
        Offer {
            agent_id: agent.map(Into::into),
            until: Timestamp(until),
            declined: declined.iter().map(|&id| id.into()).collect(),
        }
    }

    /// Two agents of group 1 with a limit of two, the second with a limit of five.
    fn two_agents() -> [Agent; 2] {
        let mut second = agent("005B", RoutingStatus::AcceptingChats);
        second.concurrent_chats = Some(5);
        [agent("005A", RoutingStatus::AcceptingChats), second]
    }

    #[test]
    fn chats_are_offered_by_the_rule_of_the_button() {
        use Routing::{Choice, LeastActive, MostAvailable};
        for (rule, open, declined, expected) in [
            (Choice, [0, 0], vec![], None),
            (LeastActive, [0, 0], vec![], Some("005A")),
            (LeastActive, [1, 0], vec![], Some("005B")),
            (LeastActive, [1, 2], vec![], Some("005A")),
            (LeastActive, [2, 3], vec![], Some("005B")),
            (LeastActive, [2, 5], vec![], None),
            (LeastActive, [0, 4], vec!["005A"], Some("005B")),
            (MostAvailable, [0, 0], vec![], Some("005B")),
            (MostAvailable, [0, 2], vec![], Some("005B")),
            (MostAvailable, [0, 3], vec![], Some("005A")),
            (MostAvailable, [0, 4], vec![], Some("005A")),
            (MostAvailable, [1, 3], vec![], Some("005B")),
            (MostAvailable, [2, 5], vec![], None),
        ] {
            let open = [("005A", open[0]), ("005B", open[1])];
            let staff = staff(&two_agents(), &open);
            let mut button = button("573X");
            button.routing = rule;
            let declined: Vec<AgentId> = declined.into_iter().map(Into::into).collect();
            let next = next_agent(&staff, &button, &declined);
            let next = next.map(|agent| agent.id.as_ref());
            assert_eq!(next, expected, "{rule:?} {open:?} {declined:?}");
        }
    }

    #[test]
    fn offers_go_from_one_agent_to_the_next() {
        let none = Offer::default;
        for (open, before, expected) in [
            // The first comes first, and an offer takes room.
            (
                [1, 0],
                vec![none(), none(), none()],
                vec![
                    offer(Some("005B"), 20, &[]),
                    offer(Some("005A"), 20, &[]),
                    offer(Some("005B"), 20, &[]),
                ],
            ),
            // An offer stands until its time is over.
            (
                [0, 0],
                vec![offer(Some("005A"), 11, &[])],
                vec![offer(Some("005A"), 11, &[])],
            ),
            (
                [0, 0],
                vec![offer(Some("005A"), 10, &[])],
                vec![offer(Some("005B"), 20, &["005A"])],
            ),
            // Somebody has declined.
            (
                [0, 0],
                vec![offer(None, 0, &["005A"])],
                vec![offer(Some("005B"), 20, &["005A"])],
            ),
            // All have been asked: a pause, and then once more.
            (
                [0, 0],
                vec![offer(Some("005B"), 10, &["005A"])],
                vec![offer(None, 20, &["005A", "005B"])],
            ),
            (
                [0, 0],
                vec![offer(None, 11, &["005A", "005B"])],
                vec![offer(None, 11, &["005A", "005B"])],
            ),
            (
                [0, 0],
                vec![offer(None, 10, &["005A", "005B"])],
                vec![offer(Some("005A"), 20, &[])],
            ),
            // Nobody has room.
            ([2, 5], vec![none()], vec![none()]),
            // An offer that stands has its room before those in front of it.
            (
                [2, 4],
                vec![none(), offer(Some("005B"), 11, &[])],
                vec![none(), offer(Some("005B"), 11, &[])],
            ),
            // Somebody else, or nobody.
            (
                [0, 0],
                vec![offer(Some("005Z"), 11, &[])],
                vec![offer(Some("005A"), 20, &["005Z"])],
            ),
        ] {
            let open = [("005A", open[0]), ("005B", open[1])];
            let staff = staff(&two_agents(), &open);
            let mut button = button("573X");
            button.routing = Routing::LeastActive;
            let (now, until) = (Timestamp(10), Timestamp(20));
            let renewed = renew_offers(staff, &button, &before, now, until);
            assert_eq!(renewed, expected, "{before:?}");
        }
    }

    #[test]
    fn an_offer_to_somebody_who_leaves_goes_on() {
        let mut agents = two_agents();
        agents[0].routing_status = RoutingStatus::Offline;
        let mut button = button("573X");
        button.routing = Routing::MostAvailable;
        let before = [offer(Some("005A"), 11, &[])];
        let (now, until) = (Timestamp(10), Timestamp(20));
        let renewed = renew_offers(staff(&agents, &[]), &button, &before, now, until);
        assert_eq!(renewed, [offer(Some("005B"), 20, &["005A"])]);
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
