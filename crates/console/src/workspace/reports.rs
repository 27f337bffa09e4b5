//! Reports: sums of the conversations of a span of time, for all or for one team or agent. The server
//! sums; a late reply to an earlier question is dropped.

mod csv;
mod span;

use std::sync::Arc;

use parlor_wire::AgentId;
use parlor_wire::agent::{ArchiveReport, GetArchiveReport, ReportInterval};

pub use span::Span;

use super::{Call, Day, Fault, Output, PendingCall, Reply, Section, ViewPart, Workspace, limits};

/// What the agent does with reports.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportIntent {
    /// Of this span of time.
    Span(Span),
    /// From this day to that, as the fields say it: `2026-11-30`.
    Days(String, String),
    /// Of this team alone, or of all.
    Team(Option<i64>),
    /// Of this agent alone, or of all.
    Agent(Option<AgentId>),
    /// Ask again after a failure.
    Again,
    /// Download the numbers as CSV.
    Download,
}

#[derive(Debug)]
pub(super) struct Reports {
    today: Day,
    time_zone: Option<String>,
    span: Span,
    /// The days of the fields, which may not be days.
    from: String,
    to: String,
    team: Option<i64>,
    agent: Option<AgentId>,
    /// Counts the questions.
    number: u64,
    state: State,
    report: Option<Shown>,
    /// Agents and groups of the last year, once they are known: what filters offer.
    people: People,
}

/// A report, and what it is of.
#[derive(Debug, Clone)]
struct Shown {
    report: Arc<ArchiveReport>,
    from: Day,
    to: Day,
    interval: ReportInterval,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Idle,
    Loading,
    Failed(Fault),
    /// There is no such span.
    NoSpan,
}

#[derive(Debug, Default)]
enum People {
    #[default]
    Unknown,
    Loading,
    Known(Vec<(AgentId, String)>),
}

impl Default for Reports {
    fn default() -> Self {
        Self {
            today: Day::default(),
            time_zone: None,
            span: Span::LastDays(30),
            from: String::new(),
            to: String::new(),
            team: None,
            agent: None,
            number: 0,
            state: State::Idle,
            report: None,
            people: People::Unknown,
        }
    }
}

/// The report that is shown, and what it is of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReportView {
    /// The span of time that was chosen.
    pub span: Span,
    /// The first day, as the field says it.
    pub from: String,
    /// The last day, as the field says it.
    pub to: String,
    /// The team that was chosen.
    pub team: Option<i64>,
    /// The agent who was chosen.
    pub agent: Option<AgentId>,
    /// The teams that can be chosen: numbers and names.
    pub teams: Vec<(i64, String)>,
    /// The agents who can be chosen: ids and names.
    pub agents: Vec<(AgentId, String)>,
    /// The numbers.
    pub report: Option<Arc<ArchiveReport>>,
    /// The steps of the numbers.
    pub interval: Option<ReportInterval>,
    /// The numbers are being loaded.
    pub busy: bool,
    /// Why they could not be loaded.
    pub failed: Option<Fault>,
    /// The days are no span of time.
    pub no_span: bool,
}

impl Workspace {
    pub(super) fn show_reports(&mut self, today: Day, time_zone: Option<String>) {
        let is_first = self.reports.report.is_none();
        self.reports.today = today;
        self.reports.time_zone = time_zone.clone();
        if is_first {
            self.set_span(self.reports.span);
        }
        self.load_names(today, time_zone);
        self.ask_for_report();
    }

    /// The names of those who took part in the last year: what filters offer.
    pub(super) fn load_names(&mut self, today: Day, time_zone: Option<String>) {
        if matches!(self.reports.people, People::Loading | People::Known(_)) {
            return;
        }
        self.reports.people = People::Loading;
        let call = GetArchiveReport {
            from: today.plus(-365).to_string(),
            to: today.to_string(),
            time_zone,
            interval: Some(ReportInterval::Month),
            group_ids: None,
            agent_id: None,
        };
        self.call(
            PendingCall::ArchiveNames,
            Call::GetArchiveReport(Box::new(call)),
        );
    }

    pub(super) fn on_names_reply(&mut self, answer: Result<Reply, Fault>) {
        self.reports.people = match answer {
            Ok(Reply::Report(report)) => {
                let agents = report.agents.into_iter();
                let named = agents.map(|row| (AgentId::from(row.key.as_str()), row.name));
                let known: Vec<_> = named.take(limits::ARCHIVE_NAMES).collect();
                self.learn_agents(known.iter().map(|(_, name)| name));
                People::Known(known)
            }
            // Asked again when the archive is opened again.
            _ => People::Unknown,
        };
        self.changed_parts
            .extend([ViewPart::ArchiveQuery, ViewPart::Report]);
    }

    pub(super) fn on_report_intent(&mut self, intent: ReportIntent) {
        match intent {
            ReportIntent::Span(span) => self.set_span(span),
            ReportIntent::Days(from, to) => {
                self.reports.span = Span::Days;
                self.reports.from = from;
                self.reports.to = to;
            }
            ReportIntent::Team(team) => self.reports.team = team,
            ReportIntent::Agent(agent) => self.reports.agent = agent,
            ReportIntent::Again => {}
            ReportIntent::Download => return self.download_report(),
        }
        self.ask_for_report();
    }

    fn set_span(&mut self, span: Span) {
        let reports = &mut self.reports;
        reports.span = span;
        if let Some((from, to)) = span.days(reports.today) {
            reports.from = from.to_string();
            reports.to = to.to_string();
        }
    }

    fn ask_for_report(&mut self) {
        let reports = &mut self.reports;
        reports.number += 1;
        let days = Day::parse(&reports.from).zip(Day::parse(&reports.to));
        let Some((from, to)) = days.filter(|(from, to)| from <= to) else {
            reports.state = State::NoSpan;
            return self.view_changed(ViewPart::Report);
        };
        reports.state = State::Loading;
        let call = GetArchiveReport {
            from: from.to_string(),
            to: to.to_string(),
            time_zone: reports.time_zone.clone(),
            interval: Some(span::interval(from, to)),
            group_ids: reports.team.map(|team| vec![team]),
            agent_id: reports.agent.clone(),
        };
        self.call(
            PendingCall::Report(self.reports.number),
            Call::GetArchiveReport(Box::new(call)),
        );
        self.view_changed(ViewPart::Report);
    }

    pub(super) fn on_report_reply(&mut self, number: u64, answer: Result<Reply, Fault>) {
        let reports = &mut self.reports;
        if number != reports.number {
            return;
        }
        let days = Day::parse(&reports.from).zip(Day::parse(&reports.to));
        reports.state = match (answer, days) {
            (Ok(Reply::Report(report)), Some((from, to))) => {
                reports.report = Some(Shown {
                    report: Arc::new(*report),
                    from,
                    to,
                    interval: span::interval(from, to),
                });
                State::Idle
            }
            (Err(fault), _) => State::Failed(fault),
            _ => State::Failed(Fault::ServerError),
        };
        self.view_changed(ViewPart::Report);
    }

    fn download_report(&mut self) {
        if let Some(shown) = &self.reports.report {
            let name = format!("report-{}-{}.csv", shown.from, shown.to);
            self.outputs.push(Output::Download {
                name,
                kind: "text/csv",
                content: csv::csv(&shown.report),
            });
        }
    }

    /// The reply to an outstanding call will be ignored.
    pub(super) fn forget_pending_report_calls(&mut self) {
        if self.reports.state == State::Loading {
            self.reports.state = State::Failed(Fault::SignedOut);
        }
        if matches!(self.reports.people, People::Loading) {
            self.reports.people = People::Unknown;
        }
    }

    /// The report.
    pub fn report(&self) -> ReportView {
        let reports = &self.reports;
        if self.section != Section::Reports {
            return ReportView::default();
        }
        let shown = reports.report.as_ref();
        let teams = self.groups.iter();
        ReportView {
            span: reports.span,
            from: reports.from.clone(),
            to: reports.to.clone(),
            team: reports.team,
            agent: reports.agent.clone(),
            teams: teams.map(|group| (group.id, group.name.clone())).collect(),
            agents: match &reports.people {
                People::Known(agents) => agents.clone(),
                People::Unknown | People::Loading => Vec::new(),
            },
            report: shown.map(|shown| Arc::clone(&shown.report)),
            interval: shown.map(|shown| shown.interval.clone()),
            busy: reports.state == State::Loading,
            failed: match reports.state {
                State::Failed(fault) => Some(fault),
                _ => None,
            },
            no_span: reports.state == State::NoSpan,
        }
    }
}
