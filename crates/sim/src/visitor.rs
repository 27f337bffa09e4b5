//! A visitor: the real machine, driven over the network.

use std::{collections::BTreeMap, time::Duration};

use futures_util::{
    StreamExt as _, future::AbortHandle, future::abortable, stream::FuturesUnordered,
};
use parlor_session::{
    Answer, Boot, Change, Device, Fault, Input, Intent, Line, Output, Reply, Request, RequestId,
    SendState, Session, Stage,
};
use tokio::time::{Instant, sleep_until};

use crate::{
    network::Network,
    wire::{self, Site},
};

/// Milliseconds since 1970 at which every world begins.
const BEGINNING: u64 = 1_767_225_600_000;

/// The times at which the visitor does something, and what.
pub(crate) type Script = Vec<(Duration, Intent)>;

/// What a visitor has to show when all is over.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The transcript as the window would show it.
    pub(crate) lines: Vec<Line>,
    pub(crate) stage: Option<Stage>,
    /// What went wrong on the way; empty in a good world.
    pub(crate) faults: Vec<String>,
    pub(crate) calls: usize,
    /// To the deployment's form.
    answers: Vec<Answer>,
}

impl Seen {
    /// Nothing the visitor wrote is still on its way.
    pub(crate) fn settled(&self) -> bool {
        self.lines
            .iter()
            .all(|line| !matches!(line.state, Some(SendState::Queued | SendState::Sending)))
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Stage(stage) => self.stage = Some(stage),
            Change::Line { index, line } => {
                self.lines.retain(|known| known.id != line.id);
                self.lines.insert(index.min(self.lines.len()), *line);
            }
            Change::LineState { id, state } => {
                if let Some(line) = self.lines.iter_mut().find(|l| l.id == id) {
                    let before = line.state;
                    if before == Some(SendState::Sent) && state != SendState::Seen {
                        self.faults.push(format!("a sent line became {state:?}"));
                    }
                    line.state = Some(state);
                }
            }
            Change::LineGone(id) => self.lines.retain(|l| l.id != id),
            Change::TranscriptCleared => self.lines.clear(),
            Change::Welcome(welcome) => {
                let fields = welcome.prechat.into_iter().flat_map(|form| form.fields);
                self.answers = fields
                    .filter(|field| field.required == Some(true))
                    .map(|field| Answer {
                        field_id: field.id.to_string(),
                        values: vec!["jon@example.com".to_owned()],
                    })
                    .collect();
            }
            _ => {}
        }
    }
}

/// Runs until `until`, following the script.
pub(crate) async fn run(
    network: Network,
    site: Site,
    seed: u64,
    script: Script,
    until: Duration,
) -> Seen {
    let started = Instant::now();
    let now = || BEGINNING + u64::try_from(started.elapsed().as_millis()).unwrap_or(0);
    let mut seen = Seen::default();
    let mut session = Session::new();
    let mut open = FuturesUnordered::new();
    let mut aborts: BTreeMap<RequestId, (AbortHandle, bool)> = BTreeMap::new();
    let mut wake_at: Option<Instant> = None;
    let mut script = script.into_iter().peekable();
    let mut input = Some(Input::Boot(Box::new(Boot {
        organization_id: site.organization_id.as_str().into(),
        deployment_id: site.deployment_id.as_str().into(),
        button_id: site.button_id.clone(),
        nonce: format!("sim-{seed}"),
        seed,
        device: Device::default(),
        saved: None,
    })));
    loop {
        for output in input
            .take()
            .map(|i| session.handle(now(), i))
            .unwrap_or_default()
        {
            match output {
                Output::Call(call) => {
                    seen.calls += 1;
                    let packet = wire::packet(&call, &site);
                    let network = network.clone();
                    let (carried, handle) = abortable(async move { network.carry(packet).await });
                    let is_poll = matches!(call.request, Request::Messages { .. });
                    aborts.insert(call.id, (handle, is_poll));
                    open.push(async move { (call.id, call.request, carried.await) });
                }
                Output::Abort(id) => {
                    if let Some((handle, _)) = aborts.remove(&id) {
                        handle.abort();
                    }
                }
                Output::WakeAt(at) => {
                    wake_at = Some(started + Duration::from_millis(at.saturating_sub(BEGINNING)));
                }
                Output::Change(change) => seen.apply(change),
                Output::Report(report) => seen.faults.push(format!("{report:?}")),
                _ => {}
            }
        }
        if aborts.values().filter(|(_, is_poll)| *is_poll).count() > 1 {
            seen.faults.push("two polls at once".to_owned());
        }
        if seen.stage == Some(Stage::Prechat) {
            input = Some(Input::Intent(Intent::SubmitPrechat(seen.answers.clone())));
            continue;
        }
        // What is to be said waits until there is somebody to say it to.
        let mute = matches!(
            seen.stage,
            None | Some(Stage::Hello | Stage::Prechat | Stage::Starting)
        );
        let next_act = match script.peek() {
            Some((_, Intent::Send(_))) if mute => started + until,
            Some((at, _)) => started + *at,
            None => started + until,
        };
        if Instant::now() >= started + until {
            return seen;
        }
        tokio::select! {
            biased;
            Some((id, request, carried)) = open.next() => {
                let Ok(answer) = carried else { continue };
                aborts.remove(&id);
                let reply = match &answer {
                    Some(answer) => wire::reply(&request, answer),
                    None => Err(Fault::Network),
                };
                let latest = answer.as_ref().and_then(wire::latest_offset);
                input = Some(arrived(id, reply, latest));
            }
            () = sleep_until(wake_at.unwrap_or(started + until)) => {
                wake_at = None;
                input = Some(Input::Wake);
            }
            () = sleep_until(next_act) => {
                match script.next() {
                    Some((_, intent)) => input = Some(Input::Intent(intent)),
                    None => return seen,
                }
            }
        }
    }
}

fn arrived(id: RequestId, reply: Result<Reply, Fault>, latest_offset: Option<i64>) -> Input {
    match reply {
        Ok(reply) => Input::Reply {
            id,
            reply: Box::new(reply),
            latest_offset,
        },
        Err(fault) => Input::Fault { id, fault },
    }
}
