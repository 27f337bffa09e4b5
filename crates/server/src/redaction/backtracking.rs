//! How many ways a browser may have to try to match a pattern. Rust's `regex`
//! takes linear time; a browser tries one way after the other, and where each
//! step of a repetition can be done in two ways, twenty steps can be done in a
//! million.
//!
//! A choice is decided if the next character alone says which way to go. In
//! what is repeated, all choices must be decided; elsewhere a few may be open,
//! as in `\S+@\S+`, each of which costs the length of the text once more.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};

/// With three, thirty characters that match in all ways take a browser less
/// than 30⁴, a million, steps.
const OPEN_CHOICES_MAX: usize = 3;

/// Checks a pattern of Rust's `regex`.
///
/// # Errors
/// Why a browser may take very long with it, as a sentence.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let pattern = regex_syntax::parse(pattern)
        .map_err(|error| format!("the pattern does not read: {error}"))?;
    let mut choices = Choices { open: 0 };
    choices.visit(&pattern, &ClassUnicode::empty(), false)?;
    match choices.open > OPEN_CHOICES_MAX {
        true => Err(format!(
            "more than {OPEN_CHOICES_MAX} of its parts can end at several places: that can keep \
             a browser busy for minutes"
        )),
        false => Ok(()),
    }
}

struct Choices {
    open: usize,
}

impl Choices {
    /// `next` are the characters that can come after this part.
    fn visit(&mut self, part: &Hir, next: &ClassUnicode, is_repeated: bool) -> Result<(), String> {
        match part.kind() {
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => Ok(()),
            HirKind::Capture(group) => self.visit(&group.sub, next, is_repeated),
            HirKind::Repetition(repetition) => self.repetition(repetition, next, is_repeated),
            HirKind::Concat(parts) => {
                let mut next = next.clone();
                for part in parts.iter().rev() {
                    self.visit(part, &next, is_repeated)?;
                    next = first_of_sequence(part, &next);
                }
                Ok(())
            }
            HirKind::Alternation(branches) => {
                for branch in branches {
                    self.visit(branch, next, is_repeated)?;
                }
                self.alternation(branches, next, is_repeated)
            }
        }
    }

    fn repetition(
        &mut self,
        repetition: &Repetition,
        next: &ClassUnicode,
        is_repeated: bool,
    ) -> Result<(), String> {
        let first = first(&repetition.sub);
        let is_variable = repetition.max != Some(repetition.min);
        if is_variable && overlap(&first, next) {
            self.open_choice(is_repeated)?;
        }
        if repetition.max.is_some_and(|max| max <= 1) {
            return self.visit(&repetition.sub, next, is_repeated);
        }
        // What is repeated is followed by itself.
        self.visit(&repetition.sub, &union(&first, next), true)
    }

    fn alternation(
        &mut self,
        branches: &[Hir],
        next: &ClassUnicode,
        is_repeated: bool,
    ) -> Result<(), String> {
        let mut rest = branches;
        while let [branch, others @ ..] = rest {
            if others.iter().any(|other| !decided(branch, other, next)) {
                return self.open_choice(is_repeated);
            }
            rest = others;
        }
        Ok(())
    }

    fn open_choice(&mut self, is_repeated: bool) -> Result<(), String> {
        self.open += 1;
        match is_repeated {
            true => Err(
                "in a part that is repeated, the next character must decide how to go on: \
                 otherwise a browser can be busy for minutes"
                    .to_owned(),
            ),
            false => Ok(()),
        }
    }
}

/// Whether at most one of two branches can match.
fn decided(one: &Hir, other: &Hir, next: &ClassUnicode) -> bool {
    match (one.kind(), other.kind()) {
        (HirKind::Literal(one), HirKind::Literal(other)) => {
            !one.0.starts_with(&other.0) && !other.0.starts_with(&one.0)
        }
        _ => !overlap(
            &first_of_sequence(one, next),
            &first_of_sequence(other, next),
        ),
    }
}

/// The characters with which a part can begin.
fn first(part: &Hir) -> ClassUnicode {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => ClassUnicode::empty(),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).unwrap_or_default();
            let range = |c| regex_syntax::hir::ClassUnicodeRange::new(c, c);
            ClassUnicode::new(text.chars().take(1).map(range))
        }
        HirKind::Class(Class::Unicode(class)) => class.clone(),
        HirKind::Class(Class::Bytes(class)) => class.to_unicode_class().unwrap_or_else(any),
        HirKind::Repetition(repetition) => first(&repetition.sub),
        HirKind::Capture(group) => first(&group.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .rev()
            .fold(ClassUnicode::empty(), |next, part| {
                first_of_sequence(part, &next)
            }),
        HirKind::Alternation(branches) => {
            branches.iter().fold(ClassUnicode::empty(), |all, branch| {
                union(&all, &first(branch))
            })
        }
    }
}

/// The characters with which a part, or else what comes after it, can begin.
fn first_of_sequence(part: &Hir, next: &ClassUnicode) -> ClassUnicode {
    let first = first(part);
    match part.properties().minimum_len() {
        Some(0) => union(&first, next),
        _ => first,
    }
}

fn any() -> ClassUnicode {
    let range = regex_syntax::hir::ClassUnicodeRange::new('\0', char::MAX);
    ClassUnicode::new([range])
}

fn union(one: &ClassUnicode, other: &ClassUnicode) -> ClassUnicode {
    let mut both = one.clone();
    both.union(other);
    both
}

fn overlap(one: &ClassUnicode, other: &ClassUnicode) -> bool {
    let mut common = one.clone();
    common.intersect(other);
    !common.ranges().is_empty()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn patterns_that_people_write_are_accepted() {
        for pattern in [
            r"\b(?:[0-9][ -]?){13,16}\b",
            r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}",
            r"[^\s@]+@[^\s@]+\.[^\s@]+",
            r"\S+@\S+\.\S+",
            r"https?://\S+",
            r"(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14})",
            r"(?:jan|jun|jul|[0-9])+x",
            r"(?:pass(?:word|phrase))\s*[:=]\s*\S+",
            r"[0-9]{3}-?[0-9]{2}-?[0-9]{4}",
            r"\+?[0-9]{1,3}[ -]?[0-9]{2,4}[ -]?[0-9]{4,8}",
            r"a+?b{2,}",
        ] {
            check(pattern).unwrap();
        }
    }

    #[test]
    fn patterns_with_too_many_ways_are_refused() {
        for pattern in [
            r"(?:[0-9]+){1,20}x",
            r"(?:[0-9]|[0-9][0-9])+x",
            r"(?:[0-9]?){30}x",
            r"(?:a|ab|bc|c)+d",
            r"(?:a|a?b?)+c",
            r"(?:(?:ab)+a?){2,9}b",
            r"(?:x[0-9]*[0-9]y?)+z",
            r"(?:\s*[a-z]*\s*)+!",
            r"(?:jan|[0-9]+)+x",
        ] {
            let why = check(pattern).unwrap_err();
            assert!(
                why.contains("next character must decide"),
                "{pattern}: {why}"
            );
        }
        for pattern in [
            r"a?a?a?a?a?aaaaa",
            r"[0-9]*[0-9]*[0-9]*[0-9]*[0-9]*x",
            r".*,.*,.*,.*,.*;",
        ] {
            let why = check(pattern).unwrap_err();
            assert!(why.contains("several places"), "{pattern}: {why}");
        }
    }
}
