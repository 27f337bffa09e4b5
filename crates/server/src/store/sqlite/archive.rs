//! The archive. Words are found by the full-text index `archive_text`, whose rows
//! have the numbers of `archived_thread`.

use parlor_wire::id::{AgentId, ThreadId};
use sqlx::{
    Decode, FromRow as _, QueryBuilder, Row as _, Sqlite, SqliteConnection, Type, query,
    query_scalar, sqlite::SqliteRow, types::Json,
};

use super::table_row::readable;
use crate::{
    clock::Timestamp,
    store::{
        Result,
        archive::{
            ArchiveEntry, ArchiveFilter, ArchivePage, ArchiveQuery, ArchiveText, ArchivedThread,
            ReportKey, ReportQuery, ReportSums, TextField, TimeRange, searched_phrase,
            searched_text,
        },
    },
};

/// The columns of an [`ArchiveEntry`].
const ENTRY: &str = "SELECT archived.number, archived.changed_at, archived.thread_id,
     archived.kind, archived.group_id, archived.deployment_id, archived.created_at,
     archived.ended_at, archived.rating, archived.is_missed, archived.is_unread,
     archived.agent_ids_json, archived.visitor_messages, archived.agent_messages,
     archived.responses, archived.first_response_ms, archived.total_response_ms,
     archived.max_response_ms ";

/// The columns of the index that every search looks at.
const PUBLIC: &str = "{agent_names visitor_name visitor_email department_name tags words}";

pub(super) async fn put_archived(
    c: &mut SqliteConnection,
    row: &ArchivedThread,
    text: &ArchiveText,
    changed_at: Timestamp,
) -> Result<()> {
    let number: i64 = query_scalar(
        "INSERT INTO archived_thread (thread_id, changed_at, kind, group_id, deployment_id,
             created_at, ended_at, rating, is_missed, is_unread, agent_ids_json,
             visitor_messages, agent_messages, responses, first_response_ms, total_response_ms,
             max_response_ms)
         VALUES (?1, max(?2, (SELECT COALESCE(MAX(changed_at), 0) + 1 FROM archived_thread)),
             ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (thread_id) DO UPDATE SET changed_at = excluded.changed_at,
             kind = excluded.kind, group_id = excluded.group_id,
             deployment_id = excluded.deployment_id, created_at = excluded.created_at,
             ended_at = excluded.ended_at, rating = excluded.rating,
             is_missed = excluded.is_missed, is_unread = excluded.is_unread,
             agent_ids_json = excluded.agent_ids_json,
             visitor_messages = excluded.visitor_messages,
             agent_messages = excluded.agent_messages, responses = excluded.responses,
             first_response_ms = excluded.first_response_ms,
             total_response_ms = excluded.total_response_ms,
             max_response_ms = excluded.max_response_ms
         RETURNING number",
    )
    .bind(&row.thread_id)
    .bind(changed_at)
    .bind(row.kind)
    .bind(row.group_id)
    .bind(&row.deployment_id)
    .bind(row.created_at)
    .bind(row.ended_at)
    .bind(row.rating)
    .bind(row.is_missed)
    .bind(row.is_unread)
    .bind(Json(&row.agent_ids))
    .bind(row.counts.visitor_messages)
    .bind(row.counts.agent_messages)
    .bind(row.counts.responses)
    .bind(row.counts.first_response_ms)
    .bind(row.counts.total_response_ms)
    .bind(row.counts.max_response_ms)
    .fetch_one(&mut *c)
    .await?;
    query(
        "DELETE FROM archived_agent WHERE number = ?1
             AND agent_id NOT IN (SELECT value FROM json_each(?2));
         INSERT INTO archived_agent (agent_id, number)
             SELECT DISTINCT value, ?1 FROM json_each(?2) WHERE TRUE ON CONFLICT DO NOTHING;",
    )
    .bind(number)
    .bind(Json(&row.agent_ids))
    .execute(&mut *c)
    .await?;
    query(
        "INSERT OR REPLACE INTO archive_text (rowid, agent_names, visitor_name, visitor_email,
             department_name, tags, words, private_words)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(number)
    .bind(searched_text(&text.agent_names.0))
    .bind(searched_text(&text.visitor_name.0))
    .bind(searched_text(&text.visitor_email.0))
    .bind(searched_text(&text.department_name))
    .bind(searched_text(&text.tags.0))
    .bind(searched_text(&text.words.0))
    .bind(searched_text(&text.private_words.0))
    .execute(c)
    .await?;
    Ok(())
}

pub(super) async fn archived(
    c: &mut SqliteConnection,
    threads: &[ThreadId],
) -> Result<Vec<ArchiveEntry>> {
    let mut sql = QueryBuilder::new(ENTRY);
    sql.push("FROM archived_thread AS archived WHERE thread_id IN (SELECT value FROM json_each(");
    sql.push_bind(Json(threads)).push("))");
    readable(&fetch(sql, c).await?)
}

pub(super) async fn changed_archive(
    c: &mut SqliteConnection,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<ArchiveEntry>> {
    let mut sql = QueryBuilder::new(ENTRY);
    sql.push("FROM archived_thread AS archived WHERE changed_at >= ");
    sql.push_bind(since).push(" ORDER BY changed_at LIMIT ");
    sql.push_bind(limit.max(0));
    readable(&fetch(sql, c).await?)
}

pub(super) async fn unarchived_threads(
    c: &mut SqliteConnection,
    after: Option<&ThreadId>,
    limit: i64,
) -> Result<Vec<ThreadId>> {
    Ok(query_scalar(
        "SELECT id FROM thread WHERE id > ? AND status = 'ended'
             AND id NOT IN (SELECT thread_id FROM archived_thread)
         ORDER BY id LIMIT ?",
    )
    .bind(after.map_or("", |id| id.as_str()))
    .bind(limit.max(0))
    .fetch_all(c)
    .await?)
}

pub(super) async fn search_archive(
    c: &mut SqliteConnection,
    q: &ArchiveQuery,
) -> Result<Vec<ArchiveEntry>> {
    let mut sql = QueryBuilder::new(ENTRY);
    // The index gives its rows in the order of their numbers.
    let number = push_found(&mut sql, q);
    let (condition, order, without) = match q.page {
        ArchivePage::Newest { without } => (None, " DESC", without.max(0)),
        ArchivePage::Below(edge) => (Some((" < ", edge)), " DESC", 0),
        ArchivePage::Above(edge) => (Some((" > ", edge)), "", 0),
    };
    if let Some((operator, edge)) = condition {
        sql.push(" AND ")
            .push(number)
            .push(operator)
            .push_bind(edge);
    }
    sql.push(" ORDER BY ").push(number).push(order);
    sql.push(" LIMIT ").push_bind(q.limit.max(0));
    sql.push(" OFFSET ").push_bind(without);
    readable(&fetch(sql, c).await?)
}

pub(super) async fn count_archive(c: &mut SqliteConnection, q: &ArchiveQuery) -> Result<i64> {
    let mut sql = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 ");
    push_found(&mut sql, q);
    sql.push(" LIMIT ").push_bind(q.limit.max(0)).push(")");
    let count = sql.build_query_scalar().persistent(false);
    Ok(count.fetch_one(c).await?)
}

/// Sums as [`ReportSums`].
const SUMS: &str = "SUM(archived.kind = 'chat') AS chats, SUM(archived.kind <> 'chat') AS messages,
     SUM(archived.is_missed) AS missed, SUM(archived.rating IS 'good') AS good,
     SUM(archived.rating IS 'bad') AS bad,
     COUNT(archived.first_response_ms) FILTER (WHERE archived.kind = 'chat') AS answered,
     COALESCE(SUM(archived.first_response_ms) FILTER (WHERE archived.kind = 'chat'), 0)
         AS first_response_ms,
     COALESCE(SUM(archived.responses) FILTER (WHERE archived.kind = 'chat'), 0) AS responses,
     COALESCE(SUM(archived.total_response_ms) FILTER (WHERE archived.kind = 'chat'), 0)
         AS response_ms,
     COALESCE(SUM(archived.ended_at / 1000 - archived.created_at / 1000)
         FILTER (WHERE archived.kind = 'chat' AND NOT archived.is_missed), 0) AS duration_ms ";

pub(super) async fn archive_report(
    c: &mut SqliteConnection,
    q: &ReportQuery,
) -> Result<Vec<(ReportKey, ReportSums)>> {
    let whole = match (q.intervals.first(), q.intervals.last()) {
        (Some(first), Some(last)) => TimeRange {
            from: first.from,
            through: last.through,
        },
        _ => return Ok(vec![(ReportKey::Total, ReportSums::default())]),
    };
    let edges = q.intervals.iter().map(|it| [it.from, it.through]);
    let edges: Vec<[i64; 2]> = edges.map(|edges| edges.map(|it| it.0)).collect();
    let mut report: Vec<(ReportKey, ReportSums)> = Vec::new();
    let mut total = ReportSums::default();

    let mut sql = QueryBuilder::new("SELECT interval.key AS key, ");
    sql.push(SUMS).push("FROM json_each(");
    sql.push_bind(Json(&edges));
    sql.push(
        ") AS interval CROSS JOIN archived_thread AS archived
             ON archived.created_at BETWEEN interval.value ->> 0 AND interval.value ->> 1",
    );
    push_reported(&mut sql, q, whole);
    sql.push(" GROUP BY interval.key");
    let rows: Vec<(i64, ReportSums)> = sums(sql, c).await?;
    for (place, sums) in rows {
        total.add_sums(&sums);
        let place = usize::try_from(place).unwrap_or(0);
        report.push((ReportKey::Interval(place), sums));
    }
    report.push((ReportKey::Total, total));

    let mut sql = QueryBuilder::new("SELECT archived.group_id AS key, ");
    sql.push(SUMS).push("FROM archived_thread AS archived");
    push_reported(&mut sql, q, whole);
    sql.push(" GROUP BY archived.group_id");
    let rows: Vec<(i64, ReportSums)> = sums(sql, c).await?;
    report.extend(
        rows.into_iter()
            .map(|(id, sums)| (ReportKey::Group(id), sums)),
    );

    let mut sql = QueryBuilder::new("SELECT archived_agent.agent_id AS key, ");
    sql.push(SUMS);
    sql.push("FROM archived_thread AS archived JOIN archived_agent USING (number)");
    push_reported(&mut sql, q, whole);
    sql.push(" GROUP BY archived_agent.agent_id");
    let rows: Vec<(AgentId, ReportSums)> = sums(sql, c).await?;
    report.extend(
        rows.into_iter()
            .map(|(id, sums)| (ReportKey::Agent(id), sums)),
    );
    Ok(report)
}

fn push_reported(sql: &mut QueryBuilder<Sqlite>, q: &ReportQuery, range: TimeRange) {
    sql.push(" WHERE ");
    push_range(sql, "archived.created_at", range);
    let groups = ArchiveFilter::Groups(q.groups.clone());
    let agent = q.agent.clone().map(ArchiveFilter::Agent);
    for condition in [Some(groups), agent].iter().flatten() {
        sql.push(" AND ");
        push_condition(sql, condition, false);
    }
}

async fn sums<K>(
    mut sql: QueryBuilder<Sqlite>,
    c: &mut SqliteConnection,
) -> Result<Vec<(K, ReportSums)>>
where
    K: for<'r> Decode<'r, Sqlite> + Type<Sqlite>,
{
    let rows = sql.build().persistent(false).fetch_all(c).await?;
    let read = |row: &SqliteRow| Ok((row.try_get("key")?, ReportSums::from_row(row)?));
    rows.iter().map(read).collect()
}

/// The texts of these statements differ: they are not kept prepared.
async fn fetch(mut sql: QueryBuilder<Sqlite>, c: &mut SqliteConnection) -> Result<Vec<SqliteRow>> {
    Ok(sql.build().persistent(false).fetch_all(c).await?)
}

/// `FROM` and `WHERE`. What has to have words is found by the index, in the order of
/// its rows. Returns the column of the number by which to order.
fn push_found(sql: &mut QueryBuilder<Sqlite>, q: &ArchiveQuery) -> &'static str {
    let conditions = match &q.filter {
        ArchiveFilter::All(conditions) => conditions.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (words, others): (Vec<_>, Vec<_>) = conditions.iter().partition(|it| is_about_words(it));
    let mut others: Vec<&ArchiveFilter> = others;
    let number = match match_all(&words, q.searches_private) {
        Some(expression) => {
            sql.push(
                "FROM archive_text CROSS JOIN archived_thread AS archived
                     ON archived.number = archive_text.rowid
                 WHERE archive_text MATCH ",
            );
            sql.push_bind(expression);
            "archive_text.rowid"
        }
        None => {
            others.extend(words);
            sql.push("FROM archived_thread AS archived WHERE TRUE");
            "archived.number"
        }
    };
    for condition in others {
        sql.push(" AND ");
        push_condition(sql, condition, q.searches_private);
    }
    number
}

/// Whether the index alone can tell.
fn is_about_words(filter: &ArchiveFilter) -> bool {
    match filter {
        ArchiveFilter::Text { .. } => true,
        ArchiveFilter::Not(part) => is_about_words(part),
        ArchiveFilter::All(parts) | ArchiveFilter::Any(parts) => {
            !parts.is_empty() && parts.iter().all(is_about_words)
        }
        _ => false,
    }
}

/// The expression of the full-text index for all of these; `None` when it has none,
/// as for what is only to be left out.
fn match_all(filters: &[&ArchiveFilter], private: bool) -> Option<String> {
    let (without, with): (Vec<&ArchiveFilter>, Vec<&ArchiveFilter>) = filters
        .iter()
        .partition(|it| matches!(it, ArchiveFilter::Not(_)));
    let with: Vec<String> = with
        .iter()
        .map(|it| match_expression(it, private))
        .collect::<Option<_>>()?;
    if with.is_empty() {
        return None;
    }
    let mut expression = format!("({})", with.join(" AND "));
    for filter in without {
        let ArchiveFilter::Not(part) = filter else {
            continue;
        };
        let part = match_expression(part, private)?;
        expression = format!("({expression} NOT {part})");
    }
    Some(expression)
}

fn match_expression(filter: &ArchiveFilter, private: bool) -> Option<String> {
    match filter {
        ArchiveFilter::Text { field, phrase } => {
            let columns = match field {
                Some(field) => format!("{{{}}} : ", column(*field)),
                None if private => String::new(),
                None => format!("{PUBLIC} : "),
            };
            let phrase = searched_phrase(phrase).replace('"', "\"\"");
            Some(format!("({columns}\"{phrase}\")"))
        }
        ArchiveFilter::All(parts) => match_all(&parts.iter().collect::<Vec<_>>(), private),
        ArchiveFilter::Any(parts) => {
            let parts = parts.iter().map(|it| match_expression(it, private));
            let parts: Vec<String> = parts.collect::<Option<_>>()?;
            (!parts.is_empty()).then(|| format!("({})", parts.join(" OR ")))
        }
        _ => None,
    }
}

fn column(field: TextField) -> &'static str {
    match field {
        TextField::AgentNames => "agent_names",
        TextField::VisitorName => "visitor_name",
        TextField::VisitorEmail => "visitor_email",
        TextField::DepartmentName => "department_name",
        TextField::Tags => "tags",
    }
}

fn push_condition(sql: &mut QueryBuilder<Sqlite>, filter: &ArchiveFilter, private: bool) {
    match filter {
        ArchiveFilter::All(parts) => push_joined(sql, parts, " AND ", "TRUE", private),
        ArchiveFilter::Any(parts) => push_joined(sql, parts, " OR ", "FALSE", private),
        ArchiveFilter::Not(part) => {
            sql.push("NOT ");
            push_condition(sql, part, private);
        }
        ArchiveFilter::Text { .. } => {
            let expression = match_expression(filter, private).unwrap_or_default();
            sql.push(
                "archived.number IN (SELECT rowid FROM archive_text WHERE archive_text MATCH ",
            );
            sql.push_bind(expression).push(")");
        }
        ArchiveFilter::Kind(kind) => {
            sql.push("archived.kind = ").push_bind(*kind);
        }
        ArchiveFilter::Rating(rating) => {
            sql.push("archived.rating IS ").push_bind(*rating);
        }
        ArchiveFilter::CreatedAt(range) => push_range(sql, "archived.created_at", *range),
        ArchiveFilter::EndedAt(range) => push_range(sql, "archived.ended_at", *range),
        ArchiveFilter::IsMissed(is_missed) => {
            sql.push("archived.is_missed = ").push_bind(*is_missed);
        }
        ArchiveFilter::IsUnread(is_unread) => {
            sql.push("archived.is_unread = ").push_bind(*is_unread);
        }
        ArchiveFilter::Groups(groups) => {
            sql.push("archived.group_id IN (SELECT value FROM json_each(");
            sql.push_bind(Json(groups.clone())).push("))");
        }
        ArchiveFilter::Agent(agent) => {
            sql.push("archived.number IN (SELECT number FROM archived_agent WHERE agent_id = ");
            sql.push_bind(agent.clone()).push(")");
        }
    }
}

fn push_joined(
    sql: &mut QueryBuilder<Sqlite>,
    parts: &[ArchiveFilter],
    operator: &'static str,
    of_none: &'static str,
    private: bool,
) {
    sql.push("(");
    if parts.is_empty() {
        sql.push(of_none);
    }
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            sql.push(operator);
        }
        push_condition(sql, part, private);
    }
    sql.push(")");
}

fn push_range(sql: &mut QueryBuilder<Sqlite>, column: &'static str, range: TimeRange) {
    sql.push("(")
        .push(column)
        .push(" BETWEEN ")
        .push_bind(range.from);
    sql.push(" AND ").push_bind(range.through).push(")");
}
