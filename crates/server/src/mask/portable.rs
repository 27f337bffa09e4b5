//! Regular expressions that mean the same here and in a browser: those that
//! Rust's `regex` and JavaScript's `RegExp`, with the `u` flag or without, both
//! take, and that no text can keep a browser busy with.

use std::ops::Range;

use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassSetItem, GroupKind, HexLiteralKind, Literal, LiteralKind,
    RepetitionKind, RepetitionRange, Span, SpecialLiteralKind, parse::Parser,
};

/// What may be written after a backslash in both.
const ESCAPED: &str = r"^$\.*+?()[]{}|/";

/// The pattern for Rust's `regex`: `\b` reads words as a browser does.
///
/// # Errors
/// Why it cannot be used, as a sentence.
pub(super) fn for_us(pattern: &str) -> Result<String, String> {
    if let Some(what) = looks_around(pattern) {
        return Err(format!("{what} is not known on every side"));
    }
    let ast = Parser::new()
        .parse(pattern)
        .map_err(|error| format!("the pattern does not read: {}", error.kind()))?;
    let mut look = Look {
        pattern,
        boundaries: Vec::new(),
        unbounded: false,
    };
    ast::visit(&ast, &mut look)?;
    let mut ours = String::with_capacity(pattern.len());
    let mut from = 0;
    for at in look.boundaries {
        ours += pattern.get(from..at.start).unwrap_or_default();
        ours += "(?-u:";
        ours += pattern.get(at.clone()).unwrap_or_default();
        ours += ")";
        from = at.end;
    }
    ours += pattern.get(from..).unwrap_or_default();
    Ok(ours)
}

/// What the parser would refuse in words that say little.
fn looks_around(pattern: &str) -> Option<&'static str> {
    [
        ("(?=", "a look ahead, (?=…),"),
        ("(?!", "a look ahead, (?!…),"),
        ("(?<=", "a look behind, (?<=…),"),
        ("(?<!", "a look behind, (?<!…),"),
    ]
    .into_iter()
    .find(|(sign, _)| pattern.contains(sign))
    .map(|(_, what)| what)
}

struct Look<'p> {
    pattern: &'p str,
    boundaries: Vec<Range<usize>>,
    /// Within a repetition without an end.
    unbounded: bool,
}

impl Look<'_> {
    fn written(&self, span: &Span) -> &str {
        self.pattern
            .get(span.start.offset..span.end.offset)
            .unwrap_or_default()
    }

    fn refuse<T>(&self, span: &Span) -> Result<T, String> {
        Err(format!("{} is not known on every side", self.written(span)))
    }

    fn literal(&self, literal: &Literal, in_class: bool) -> Result<(), String> {
        let known = match &literal.kind {
            // As they stand, these begin or end something in one of the two.
            LiteralKind::Verbatim => !matches!(literal.c, '[' | ']' | '{' | '}'),
            LiteralKind::Meta | LiteralKind::Superfluous => {
                ESCAPED.contains(literal.c) || (in_class && literal.c == '-')
            }
            LiteralKind::HexFixed(HexLiteralKind::X | HexLiteralKind::UnicodeShort) => true,
            LiteralKind::Special(kind) => {
                !matches!(kind, SpecialLiteralKind::Bell | SpecialLiteralKind::Space)
            }
            LiteralKind::HexFixed(HexLiteralKind::UnicodeLong)
            | LiteralKind::HexBrace(_)
            | LiteralKind::Octal => false,
        };
        match known {
            true => Ok(()),
            false if matches!(literal.kind, LiteralKind::Verbatim) => Err(format!(
                "{c} must be written \\{c}",
                c = self.written(&literal.span)
            )),
            false => self.refuse(&literal.span),
        }
    }

    fn repetition(&mut self, repetition: &ast::Repetition) -> Result<(), String> {
        let op = self.written(&repetition.op.span);
        let plain = op
            .chars()
            .all(|c| c.is_ascii_digit() || "?*+{},".contains(c));
        if !plain || op.starts_with("{,") {
            return self.refuse(&repetition.op.span);
        }
        if matches!(*repetition.ast, Ast::Repetition(_)) {
            return Err("what is repeated cannot be repeated twice".to_owned());
        }
        if matches!(*repetition.ast, Ast::Assertion(_) | Ast::Empty(_)) {
            return self.refuse(&repetition.span);
        }
        let endless = matches!(
            repetition.op.kind,
            RepetitionKind::ZeroOrMore
                | RepetitionKind::OneOrMore
                | RepetitionKind::Range(RepetitionRange::AtLeast(_))
        );
        if endless && self.unbounded {
            return Err(
                "one repetition without an end in another can keep a browser busy for ever: \
                 give one a limit, as {1,20}"
                    .to_owned(),
            );
        }
        self.unbounded |= endless;
        Ok(())
    }
}

impl ast::Visitor for &mut Look<'_> {
    type Output = ();
    type Err = String;

    fn finish(self) -> Result<(), String> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), String> {
        match ast {
            Ast::Flags(flags) => self.refuse(&flags.span),
            Ast::ClassUnicode(class) => self.refuse(&class.span),
            Ast::Literal(literal) => self.literal(literal, false),
            Ast::Repetition(repetition) => self.repetition(repetition),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine | AssertionKind::EndLine => Ok(()),
                AssertionKind::WordBoundary | AssertionKind::NotWordBoundary => {
                    let span = &assertion.span;
                    self.boundaries.push(span.start.offset..span.end.offset);
                    Ok(())
                }
                _ => self.refuse(&assertion.span),
            },
            Ast::Group(group) => match &group.kind {
                GroupKind::CaptureIndex(_) => Ok(()),
                GroupKind::CaptureName {
                    starts_with_p,
                    name,
                } if !starts_with_p && name.name.chars().all(|c| c.is_ascii_alphanumeric()) => {
                    Ok(())
                }
                GroupKind::NonCapturing(flags) if flags.items.is_empty() => Ok(()),
                GroupKind::CaptureName { .. } | GroupKind::NonCapturing(_) => {
                    Err("a group begins with (, (?: or (?<name> and nothing else".to_owned())
                }
            },
            Ast::Empty(_)
            | Ast::Dot(_)
            | Ast::ClassPerl(_)
            | Ast::ClassBracketed(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => Ok(()),
        }
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), String> {
        if let Ast::Repetition(repetition) = ast
            && !matches!(
                repetition.op.kind,
                RepetitionKind::ZeroOrOne
                    | RepetitionKind::Range(
                        RepetitionRange::Exactly(_) | RepetitionRange::Bounded(..)
                    )
            )
        {
            self.unbounded = false;
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), String> {
        match item {
            ClassSetItem::Literal(literal) => self.literal(literal, true),
            ClassSetItem::Range(range) => {
                self.literal(&range.start, true)?;
                self.literal(&range.end, true)
            }
            ClassSetItem::Empty(_) | ClassSetItem::Perl(_) | ClassSetItem::Union(_) => Ok(()),
            ClassSetItem::Ascii(class) => self.refuse(&class.span),
            ClassSetItem::Unicode(class) => self.refuse(&class.span),
            ClassSetItem::Bracketed(class) => Err(format!(
                "{}: [ in a class must be written \\[",
                self.written(&class.span)
            )),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, op: &ast::ClassSetBinaryOp) -> Result<(), String> {
        self.refuse(&op.span)
    }
}

#[cfg(test)]
mod tests {
    use super::for_us;

    #[test]
    fn what_both_sides_know_is_taken() {
        for pattern in [
            r"\b(?:\d[ -]?){13,16}\b",
            r"[A-Z]{2}\d{2}[\dA-Z]{11,30}",
            r"(?<word>pass(?:word|phrase))\s*[:=]\s*\S+",
            r"\u00e9|\x41|a\/b|\[\]|[\]\-x]|^x$|a+?b{2,}|\t.",
        ] {
            for_us(pattern).unwrap();
        }
        assert_eq!(for_us(r"\bé\B").unwrap(), r"(?-u:\b)é(?-u:\B)");
    }

    #[test]
    fn what_one_side_does_not_know_is_refused_by_name() {
        for (pattern, words) in [
            (r"(?=x)", "look ahead"),
            (r"(?<!x)y", "look behind"),
            (r"(x)\1", "does not read"),
            (r"(?i)x", "(?i)"),
            (r"(?i:x)", "a group begins"),
            (r"(?P<a>x)", "a group begins"),
            (r"\Ax", r"\A"),
            (r"x\z", r"\z"),
            (r"\pL", r"\pL"),
            (r"[\p{Greek}]", r"\p{Greek}"),
            (r"[[:alpha:]]", "[:alpha:]"),
            (r"[a-z&&[^b]]", "&&"),
            (r"[[a]b]", r"\["),
            (r"[]a]", r"\]"),
            (r"a{,3}", "{,3}"),
            (r"a++", "twice"),
            (r"^*", "^*"),
            (r"\x{41}", r"\x{41}"),
            (r"\a", r"\a"),
            (r"a\#", r"\#"),
            (r"a\-", r"\-"),
            (r"a}", r"\}"),
            (r"(a+)+$", "busy"),
            (r"(", "does not read"),
        ] {
            let why = for_us(pattern).unwrap_err();
            assert!(why.contains(words), "{pattern}: {why}");
        }
    }
}
