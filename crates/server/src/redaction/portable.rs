//! Regular expressions that mean the same in Rust and in browsers: the common
//! subset of Rust's `regex` and JavaScript's `RegExp`, with or without the `u`
//! flag.

use std::ops::Range;

use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSetItem, GroupKind, HexLiteralKind,
    Literal, LiteralKind, Span, SpecialLiteralKind, parse::Parser,
};

/// Characters that may follow a backslash in both.
const ESCAPED: &str = r"^$\.*+?()[]{}|/";

/// Translates a pattern for Rust's `regex`. `\w`, `\d` and `\b` are replaced by
/// their ASCII meaning, which they have in browsers.
///
/// # Errors
/// Why the pattern cannot be used, as a sentence.
pub(super) fn to_rust_syntax(pattern: &str) -> Result<String, String> {
    if let Some(what) = lookaround_in(pattern) {
        return Err(format!("{what} is not known on every side"));
    }
    let ast = Parser::new()
        .parse(pattern)
        .map_err(|error| format!("the pattern does not read: {}", error.kind()))?;
    let mut translator = Translator {
        pattern,
        replacements: Vec::new(),
    };
    ast::visit(&ast, &mut translator)?;
    let mut translated = String::with_capacity(pattern.len());
    let mut from = 0;
    for (at, replacement) in translator.replacements {
        translated += pattern.get(from..at.start).unwrap_or_default();
        translated += replacement;
        from = at.end;
    }
    translated += pattern.get(from..).unwrap_or_default();
    Ok(translated)
}

/// Whether the pattern matches the empty string.
pub(super) fn matches_empty_text(translated: &str) -> bool {
    regex_syntax::parse(translated).is_ok_and(|hir| hir.properties().minimum_len() == Some(0))
}

/// Detects lookaround, for which the parser's own error would say little.
fn lookaround_in(pattern: &str) -> Option<&'static str> {
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

struct Translator<'p> {
    pattern: &'p str,
    /// Ranges of the pattern, in order, and their replacements.
    replacements: Vec<(Range<usize>, &'static str)>,
}

impl Translator<'_> {
    fn source_of(&self, span: &Span) -> &str {
        self.pattern
            .get(span.start.offset..span.end.offset)
            .unwrap_or_default()
    }

    fn replace_with(&mut self, span: &Span, replacement: &'static str) {
        let at = span.start.offset..span.end.offset;
        self.replacements.push((at, replacement));
    }

    fn perl_class(&mut self, class: &ClassPerl) {
        let replacement = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
            (ClassPerlKind::Space, _) => return,
        };
        self.replace_with(&class.span, replacement);
    }

    fn refuse<T>(&self, span: &Span) -> Result<T, String> {
        Err(format!(
            "{} is not known on every side",
            self.source_of(span)
        ))
    }

    fn literal(&self, literal: &Literal, in_class: bool) -> Result<(), String> {
        let known = match &literal.kind {
            LiteralKind::Verbatim if in_class && literal.c == '-' => {
                self.is_at_edge_of_class(&literal.span)
            }
            // Unescaped, these have a meaning in one of the two.
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
                c = self.source_of(&literal.span)
            )),
            false => self.refuse(&literal.span),
        }
    }

    /// Whether it is the first or last character of its class; elsewhere it
    /// could be part of a range.
    fn is_at_edge_of_class(&self, span: &Span) -> bool {
        let before = self.pattern.get(..span.start.offset).unwrap_or_default();
        let after = self.pattern.get(span.end.offset..).unwrap_or_default();
        after.starts_with(']') || before.ends_with('[') || before.ends_with("[^")
    }

    fn repetition(&mut self, repetition: &ast::Repetition) -> Result<(), String> {
        let op = self.source_of(&repetition.op.span);
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
        Ok(())
    }
}

impl ast::Visitor for &mut Translator<'_> {
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
                AssertionKind::WordBoundary => {
                    self.replace_with(&assertion.span, r"(?-u:\b)");
                    Ok(())
                }
                AssertionKind::NotWordBoundary => {
                    self.replace_with(&assertion.span, r"(?-u:\B)");
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
            Ast::ClassPerl(class) => {
                self.perl_class(class);
                Ok(())
            }
            Ast::Empty(_)
            | Ast::Dot(_)
            | Ast::ClassBracketed(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), String> {
        match item {
            ClassSetItem::Literal(literal) => self.literal(literal, true),
            ClassSetItem::Range(range) => {
                // A range that starts or ends with `-` is ambiguous.
                for end in [&range.start, &range.end] {
                    if end.c == '-' {
                        return self.refuse(&range.span);
                    }
                    self.literal(end, true)?;
                }
                Ok(())
            }
            ClassSetItem::Perl(class) => {
                self.perl_class(class);
                Ok(())
            }
            ClassSetItem::Empty(_) | ClassSetItem::Union(_) => Ok(()),
            ClassSetItem::Ascii(class) => self.refuse(&class.span),
            ClassSetItem::Unicode(class) => self.refuse(&class.span),
            ClassSetItem::Bracketed(class) => Err(format!(
                "{}: [ in a class must be written \\[",
                self.source_of(&class.span)
            )),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, op: &ast::ClassSetBinaryOp) -> Result<(), String> {
        self.refuse(&op.span)
    }
}

#[cfg(test)]
mod tests {
    use super::to_rust_syntax;

    #[test]
    fn portable_patterns_are_accepted() {
        for pattern in [
            r"\b(?:\d[ -]?){13,16}\b",
            r"[A-Z]{2}\d{2}[\dA-Z]{11,30}",
            r"(?<word>pass(?:word|phrase))\s*[:=]\s*\S+",
            r"[-a][^-a][a\-z][\d-]",
            r"\u00e9|\x41|a\/b|\[\]|[\]\-x]|^x$|a+?b{2,}|\t.",
        ] {
            to_rust_syntax(pattern).unwrap();
        }
        assert_eq!(
            to_rust_syntax(r"\bé\B\d[a\W]").unwrap(),
            r"(?-u:\b)é(?-u:\B)[0-9][a[^0-9A-Za-z_]]"
        );
    }

    #[test]
    fn other_patterns_are_refused_by_name() {
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
            (r"[\w-x]", "does not read"),
            (r"[--a]", r"\-"),
            (r"[a--\s]", r"--"),
            (r"a{,3}", "does not read"),
            (r"a++", "twice"),
            (r"^*", "^*"),
            (r"\x{41}", r"\x{41}"),
            (r"\a", r"\a"),
            (r"a\#", r"\#"),
            (r"a\-", r"\-"),
            (r"a}", r"\}"),
            (r"(", "does not read"),
        ] {
            let why = to_rust_syntax(pattern).unwrap_err();
            assert!(why.contains(words), "{pattern}: {why}");
        }
    }
}
