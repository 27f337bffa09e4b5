//! The lines, cut into pages, and the pages into chapters: the browser lays out
//! only the pages in view, and a new line touches the last page alone. Even what is
//! not laid out costs a little with every frame, four hundred pages more than the
//! lines in view; where a whole chapter is not, its pages cost hardly anything.
//!
//! Must stay true: a row lives as long as its line and is never rebuilt for a
//! neighbour's sake; only what it shows of itself changes.

use std::sync::{Arc, OnceLock};

use leptos::prelude::*;
use parlor_session::{Author, FieldError, Line, LineId, Millis, Press, SendState};

use super::layout::{self, LocalDay};

/// Rows of a page when it is full; the next line begins another.
const PAGE_ROWS: usize = 25;

/// A page that lines were put into the middle of is cut in two here.
const PAGE_ROWS_MAX: usize = 2 * PAGE_ROWS;

/// Pages of a chapter when it is full. There are as many chapters when there are
/// ten thousand lines.
const CHAPTER_PAGES: usize = 20;

/// One line on screen.
#[derive(Debug)]
pub(crate) struct Row {
    /// Never used again for another row.
    pub(crate) key: u32,
    /// The line as it arrived; what has changed since is in `display`.
    pub(crate) line: Line,
    pub(crate) display: ArcRwSignal<RowDisplay>,
    details: OnceLock<RowDetails>,
}

/// What changes of a rich message, a form or a file. Most lines are texts and have none of it.
#[derive(Debug, Default)]
pub(crate) struct RowDetails {
    /// Of a rich message: which of its buttons are pressed.
    pub(crate) pressed: ArcRwSignal<Vec<(String, Press)>>,
    /// Of a form: what is wrong with its answers, and whether it is answered.
    pub(crate) errors: ArcRwSignal<Vec<(String, FieldError)>>,
    pub(crate) done: ArcRwSignal<bool>,
    /// Of a file that is on its way: so much of it has left, of a hundred.
    pub(crate) percent: ArcRwSignal<u8>,
}

/// The part of a row that changes while the row is in the transcript.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowDisplay {
    pub(crate) state: Option<SendState>,
    pub(crate) at: Option<Millis>,
    /// A day begins here.
    pub(crate) begins_day: bool,
    /// First and last of what one person said in one minute.
    pub(crate) first: bool,
    pub(crate) last: bool,
}

impl Row {
    /// Made when it is first asked for.
    pub(crate) fn details(&self) -> &RowDetails {
        self.details.get_or_init(RowDetails::default)
    }

    pub(super) fn at(&self) -> Option<Millis> {
        self.display.with_untracked(|display| display.at)
    }

    fn show(&self, edit: impl FnOnce(&mut RowDisplay)) {
        let before = self.display.get_untracked();
        let mut after = before;
        edit(&mut after);
        if after != before {
            self.display.set(after);
        }
    }
}

/// Some rows that follow each other. Pages are equal when their keys are.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) key: u32,
    /// Pages of one chapter follow each other.
    pub(crate) chapter: u32,
    pub(crate) rows: ArcRwSignal<Vec<Arc<Row>>>,
}

impl PartialEq for Page {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// The lines in their order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transcript {
    pub(crate) pages: RwSignal<Vec<Page>>,
    index: StoredValue<Index>,
    local_day: LocalDay,
}

#[derive(Debug, Default)]
struct Index {
    /// By the lines' ids. A sorted list: ten thousand pointers are moved in no time, and a tree's
    /// code would be more than all that it finds.
    rows: Vec<Arc<Row>>,
    next_key: u32,
}

impl Index {
    /// Where the row of this line is, or where it belongs.
    fn place(&self, id: &LineId) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.line.id.cmp(id))
    }

    fn put(&mut self, row: Arc<Row>) {
        let at = self.place(&row.line.id);
        if let Some(known) = at.ok().and_then(|at| self.rows.get_mut(at)) {
            *known = row;
        } else if let Err(at) = at {
            self.rows.insert(at, row);
        }
    }

    fn take(&mut self, id: &LineId) -> Option<Arc<Row>> {
        let at = self.place(id).ok()?;
        Some(self.rows.remove(at))
    }

    fn key(&mut self) -> u32 {
        self.next_key = self.next_key.wrapping_add(1);
        self.next_key
    }
}

impl Transcript {
    pub(super) fn new(local_day: LocalDay) -> Self {
        Self {
            pages: RwSignal::default(),
            index: StoredValue::new(Index::default()),
            local_day,
        }
    }

    /// How far the line is; none when there is no such line.
    pub(super) fn state(&self, id: &LineId) -> Option<Option<SendState>> {
        self.row(id)
            .map(|row| row.display.with_untracked(|display| display.state))
    }

    /// Puts the line at `at`, where it may have been before. Gives the key of
    /// its row when the line is new.
    pub(super) fn place(&self, at: usize, line: Line) -> Option<u32> {
        let known = self.row(&line.id);
        let same = known
            .clone()
            .filter(|row| row.line.body.reads_as(&line.body) && row.line.author == line.author);
        let is_new = known.is_none();
        let from = known.and_then(|row| self.position(row.key));
        let row = match same {
            Some(row) => {
                row.show(|display| (display.state, display.at) = (line.state, line.at));
                if from == Some(at) {
                    self.lay_out(at);
                    return None;
                }
                row
            }
            None => self.new_row(line),
        };
        if let Some(from) = from {
            self.take(from);
        }
        let key = row.key;
        self.insert(at, row);
        self.lay_out(at);
        if let Some(from) = from {
            self.lay_out(from);
        }
        is_new.then_some(key)
    }

    /// Whether a line of the other side, that the endpoint has, stands below the one
    /// at `at`. Our own may be confirmed before the poll brings what came earlier.
    pub(super) fn is_above_theirs(&self, at: usize) -> bool {
        let below = (at + 1..).map_while(|at| self.at(at));
        { below }.any(|row| row.line.author != Author::Visitor && row.at().is_some())
    }

    /// Gives the state before.
    pub(super) fn set_state(&self, id: &LineId, state: SendState) -> Option<SendState> {
        let row = self.row(id)?;
        let before = row.display.with_untracked(|display| display.state);
        row.show(|display| display.state = Some(state));
        before
    }

    pub(super) fn remove(&self, id: &LineId) {
        let row = self
            .index
            .try_update_value(|index| index.take(id))
            .flatten();
        if let Some(at) = row.and_then(|row| self.position(row.key)) {
            self.take(at);
            self.lay_out(at);
        }
    }

    pub(super) fn clear(&self) {
        self.index.update_value(|index| index.rows.clear());
        self.pages.set(Vec::new());
    }

    pub(super) fn row(&self, id: &LineId) -> Option<Arc<Row>> {
        self.index
            .with_value(|index| index.rows.get(index.place(id).ok()?).cloned())
    }

    fn new_row(&self, line: Line) -> Arc<Row> {
        let display = RowDisplay {
            state: line.state,
            at: line.at,
            ..RowDisplay::default()
        };
        let row = Arc::new(Row {
            key: self.new_key(),
            line,
            display: ArcRwSignal::new(display),
            details: OnceLock::new(),
        });
        self.index.update_value(|index| index.put(row.clone()));
        row
    }

    fn insert(&self, at: usize, row: Arc<Row>) {
        match self.find(at) {
            Some((n, page, offset)) if offset > 0 => {
                page.rows.update(|rows| rows.insert(offset, row));
                if page.rows.with_untracked(Vec::len) > PAGE_ROWS_MAX {
                    self.split(n, &page);
                }
            }
            // Not into the page that begins there: rows that it had would have to move to another.
            found => {
                let end = || self.pages.with_untracked(Vec::len);
                let page = self.page_above(found.map_or_else(end, |(n, ..)| n));
                page.rows.update(|rows| rows.push(row));
            }
        }
    }

    /// The page that a line just above the nth goes to, or at the end of all.
    fn page_above(&self, n: usize) -> Page {
        let (above, below) = self.pages.with_untracked(|pages| {
            let above = n.checked_sub(1).and_then(|n| pages.get(n).cloned());
            (above, pages.get(n).map(|page| page.chapter))
        });
        let chapter = above.as_ref().map(|page| page.chapter);
        if let Some(open) = above
            && open.rows.with_untracked(Vec::len) < PAGE_ROWS
        {
            return open;
        }
        let page = self.new_page(self.chapter(chapter, below), Vec::new());
        self.pages.update(|pages| pages.insert(n, page.clone()));
        page
    }

    /// That of a new page between pages of these. One grows beyond its size only where
    /// lines come into the midst of it: to part it would be to make what is below anew.
    fn chapter(&self, above: Option<u32>, below: Option<u32>) -> u32 {
        for beside in [below, above] {
            let is_in = |page: &&Page| Some(page.chapter) == beside;
            let pages = self
                .pages
                .with_untracked(|all| all.iter().filter(is_in).count());
            if let Some(beside) = beside
                && (above == below || pages < CHAPTER_PAGES)
            {
                return beside;
            }
        }
        self.new_key()
    }

    /// A key that no row, page or chapter has had.
    fn new_key(&self) -> u32 {
        self.index.try_update_value(Index::key).unwrap_or_default()
    }

    fn new_page(&self, chapter: u32, rows: Vec<Arc<Row>>) -> Page {
        Page {
            key: self.new_key(),
            chapter,
            rows: ArcRwSignal::new(rows),
        }
    }

    fn split(&self, n: usize, page: &Page) {
        let rest = page.rows.try_update(|rows| rows.split_off(PAGE_ROWS));
        let rest = rest.unwrap_or_default();
        let rest = self.new_page(page.chapter, rest);
        self.pages.update(|pages| pages.insert(n + 1, rest));
    }

    fn take(&self, at: usize) {
        let Some((n, page, offset)) = self.find(at) else {
            return;
        };
        page.rows.update(|rows| {
            rows.remove(offset);
        });
        if page.rows.with_untracked(Vec::is_empty) {
            self.pages.update(|pages| {
                pages.remove(n);
            });
        }
    }

    /// The page that holds the row at `at`, after how many others, and where in it.
    fn find(&self, at: usize) -> Option<(usize, Page, usize)> {
        self.pages.with_untracked(|pages| {
            let mut before = 0;
            for (n, page) in pages.iter().enumerate() {
                let rows = page.rows.with_untracked(Vec::len);
                if at < before + rows {
                    return Some((n, page.clone(), at - before));
                }
                before += rows;
            }
            None
        })
    }

    fn at(&self, at: usize) -> Option<Arc<Row>> {
        let (_, page, offset) = self.find(at)?;
        page.rows.with_untracked(|rows| rows.get(offset).cloned())
    }

    /// Looks from the end: what moves is nearly always new.
    fn position(&self, key: u32) -> Option<usize> {
        self.pages.with_untracked(|pages| {
            let sizes = pages
                .iter()
                .map(|page| page.rows.with_untracked(Vec::len))
                .sum();
            let mut end: usize = sizes;
            for page in pages.iter().rev() {
                let found = page.rows.with_untracked(|rows| {
                    end -= rows.len();
                    rows.iter().rposition(|row| row.key == key)
                });
                if let Some(offset) = found {
                    return Some(end + offset);
                }
            }
            None
        })
    }

    /// Looks again at how the row at `at` and its neighbours stand together.
    fn lay_out(&self, at: usize) {
        let first = at.saturating_sub(1);
        let mut before = first.checked_sub(1).and_then(|i| self.at(i));
        let mut row = self.at(first);
        for i in first..=at + 1 {
            let Some(this) = row else { break };
            let after = self.at(i + 1);
            let begins = layout::begins_day(before.as_deref(), &this, self.local_day);
            let ends = after
                .as_deref()
                .is_some_and(|after| layout::begins_day(Some(&this), after, self.local_day));
            let goes_on = before
                .as_deref()
                .is_some_and(|b| layout::continues(b, &this));
            let is_continued = after
                .as_deref()
                .is_some_and(|a| layout::continues(&this, a));
            this.show(|display| {
                display.begins_day = begins;
                display.first = begins || !goes_on;
                display.last = ends || !is_continued;
            });
            before = Some(this);
            row = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use leptos::reactive::effect::ImmediateEffect;
    use parlor_session::{AgentCard, Author, Body};

    const DAY: Millis = 86_400_000;

    fn transcript() -> Transcript {
        Transcript::new(|at| (at / DAY) as i64)
    }

    fn line(id: usize, author: Author, at: Option<Millis>) -> Line {
        Line {
            id: LineId(id.to_string()),
            number: None,
            author,
            at,
            body: Body::Text(format!("line {id}")).into(),
            state: None,
        }
    }

    fn mine(id: usize, at: Millis) -> Line {
        line(id, Author::Visitor, Some(at))
    }

    fn theirs(id: usize, at: Millis) -> Line {
        line(id, Author::Agent(AgentCard::default()), Some(at))
    }

    fn rows(transcript: &Transcript) -> Vec<Arc<Row>> {
        let pages = transcript.pages.get_untracked();
        pages.iter().flat_map(|p| p.rows.get_untracked()).collect()
    }

    fn order(transcript: &Transcript) -> Vec<String> {
        let rows = rows(transcript);
        rows.iter().map(|row| row.line.id.0.clone()).collect()
    }

    /// `[day]`, then `(` where a group begins and `)` where it ends.
    fn picture(transcript: &Transcript) -> String {
        let mut picture = String::new();
        for row in rows(transcript) {
            let display = row.display.get_untracked();
            picture += if display.begins_day { "|" } else { "" };
            picture += if display.first { "(" } else { "" };
            picture += &row.line.id.0;
            picture += if display.last { ")" } else { "" };
        }
        picture
    }

    #[test]
    fn lines_are_grouped_by_author_and_minute_and_parted_by_days() {
        Owner::new().with(|| {
            let t = transcript();
            let lines = [
                mine(0, 0),
                mine(1, 59_000),
                theirs(2, 59_000),
                theirs(3, 61_000),
                theirs(4, DAY),
            ];
            for (at, line) in lines.into_iter().enumerate() {
                t.place(at, line);
            }
            assert_eq!(picture(&t), "|(01)(2)(3)|(4)");
            t.remove(&LineId("2".into()));
            assert_eq!(picture(&t), "|(01)(3)|(4)");
        });
    }

    #[test]
    fn a_line_without_a_time_stays_with_what_is_above_it() {
        Owner::new().with(|| {
            let t = transcript();
            t.place(0, mine(0, 0));
            t.place(1, line(1, Author::Visitor, None));
            assert_eq!(picture(&t), "|(01)");
            t.place(1, mine(1, 61_000));
            assert_eq!(picture(&t), "|(0)(1)");
        });
    }

    #[test]
    fn a_line_moves_without_being_made_anew() {
        Owner::new().with(|| {
            let t = transcript();
            t.place(0, theirs(0, 0));
            t.place(1, line(9, Author::Visitor, None));
            t.place(1, theirs(1, 0));
            assert_eq!(order(&t), ["0", "1", "9"]);
            let before = rows(&t)[2].key;
            assert_eq!(t.place(1, mine(9, 0)), None);
            assert_eq!(order(&t), ["0", "9", "1"]);
            assert_eq!(rows(&t)[1].key, before);
            assert_eq!(picture(&t), "|(0)(9)(1)");
        });
    }

    #[test]
    fn an_earlier_history_goes_in_above_in_pages_of_bounded_size() {
        Owner::new().with(|| {
            let t = transcript();
            t.place(0, line(9_999, Author::Visitor, None));
            for at in 0..1_000 {
                t.place(at, theirs(at, 0));
            }
            let mut wanted: Vec<String> = (0..1_000).map(|id| id.to_string()).collect();
            wanted.push("9999".into());
            assert_eq!(order(&t), wanted);
            let pages = t.pages.get_untracked();
            let sizes: Vec<usize> = pages.iter().map(|p| p.rows.get_untracked().len()).collect();
            assert!(
                sizes.iter().all(|n| (1..=PAGE_ROWS_MAX).contains(n)),
                "{sizes:?}"
            );
            assert_eq!(sizes.last(), Some(&1), "what was there stays in its page");
            t.clear();
            assert_eq!(order(&t), [""; 0]);
        });
    }

    #[test]
    fn chapters_are_whole_and_of_bounded_size_whichever_way_it_grows() {
        Owner::new().with(|| {
            let t = transcript();
            for line in 0..1_000 {
                t.place(line, theirs(10_000 + line, 0));
            }
            // As it is read upward: each load in order, above what is there.
            for load in 0..17 {
                for line in 0..60 {
                    t.place(line, theirs(9_000 - load * 60 + line, 0));
                }
            }
            let mut chapters: Vec<u32> = t
                .pages
                .with_untracked(|pages| pages.iter().map(|it| it.chapter).collect());
            for chapter in chapters.chunk_by(|one, next| one == next) {
                // A load is three pages, of which the first may have been the last with room.
                assert!(chapter.len() < CHAPTER_PAGES + 3, "{}", chapter.len());
            }
            chapters.dedup();
            assert_eq!(chapters.len(), 5, "full ones, but for the first");
            chapters.sort_unstable();
            chapters.dedup();
            assert_eq!(chapters.len(), 5, "each in one piece");
        });
    }

    #[test]
    fn a_new_line_touches_the_last_page_and_its_neighbour_alone() {
        Owner::new().with(|| {
            let t = transcript();
            for at in 0..60 {
                t.place(at, theirs(at, 0));
            }
            let touched = Arc::new(AtomicUsize::new(0));
            let watch = |look: Box<dyn Fn() + Send + Sync>| {
                let touched = touched.clone();
                ImmediateEffect::new_scoped(move || {
                    look();
                    touched.fetch_add(1, Ordering::Relaxed);
                });
            };
            let first_page = t.pages.get_untracked()[0].rows.clone();
            watch(Box::new(move || first_page.track()));
            for row in rows(&t) {
                watch(Box::new(move || row.display.track()));
            }
            touched.store(0, Ordering::Relaxed);
            t.place(60, theirs(60, 0));
            assert_eq!(
                touched.load(Ordering::Relaxed),
                1,
                "the line above, no longer the last"
            );
        });
    }
}
