//! A report as CSV (RFC 4180): one table with all numbers, as spreadsheets read it.

use parlor_wire::agent::{ArchiveReport, ReportRow};

const HEAD: &str =
    "part,name,chats,messages,missed,good,bad,first_response_s,response_s,duration_s";

pub(super) fn csv(report: &ArchiveReport) -> String {
    let mut out = HEAD.to_owned();
    let total = std::slice::from_ref(&report.total);
    let parts = [
        ("total", total),
        ("time", &report.intervals),
        ("team", &report.groups),
        ("agent", &report.agents),
    ];
    for (part, rows) in parts {
        for row in rows {
            out.push_str("\r\n");
            out.push_str(&line(part, row));
        }
    }
    out.push_str("\r\n");
    out
}

fn line(part: &str, row: &ReportRow) -> String {
    let counts = [row.chats, row.messages, row.missed, row.good, row.bad];
    let times = [row.first_response_s, row.response_s, row.duration_s];
    let counts = counts.iter().map(u64::to_string);
    let times = times.iter().map(|time| match time {
        Some(seconds) => format!("{seconds:.1}"),
        None => String::new(),
    });
    let numbers: Vec<String> = counts.chain(times).collect();
    format!("{part},{},{}", text(&row.name), numbers.join(","))
}

/// A name. Spreadsheets would calculate what begins as a formula does.
fn text(name: &str) -> String {
    let is_formula = name.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let name = match is_formula {
        true => format!("'{name}"),
        false => name.to_owned(),
    };
    match name.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_one_table() {
        let row = |name: &str| ReportRow {
            name: name.to_owned(),
            chats: 3,
            missed: 1,
            first_response_s: Some(12.34),
            ..ReportRow::default()
        };
        let report = ArchiveReport {
            total: row(""),
            intervals: vec![row("2026-11-30")],
            agents: vec![row("Byron, \"Ada\""), row("=1+1")],
            groups: vec![],
        };
        let expected = "part,name,chats,messages,missed,good,bad,first_response_s,response_s,duration_s\r\n\
            total,,3,0,1,0,0,12.3,,\r\n\
            time,2026-11-30,3,0,1,0,0,12.3,,\r\n\
            agent,\"Byron, \"\"Ada\"\"\",3,0,1,0,0,12.3,,\r\n\
            agent,'=1+1,3,0,1,0,0,12.3,,\r\n";
        assert_eq!(csv(&report), expected);
    }
}
