//! How large a policy text may be, and how deep its expressions may nest.
//!
//! Cedar parses, checks and drops expressions recursively: a hundred pairs of brackets
//! overflow a thread's usual stack of 2 MB (seen with 4.14), which ends the process. So
//! nesting is bounded before a text is parsed, by counting tokens; what passes is parsed
//! on a thread with a large stack; and what may be evaluated later, on any thread, is
//! bounded again by the depth that its expressions really have.

use crate::problem::PolicyProblems;

/// The longest text, in bytes.
const TEXT_MAX_BYTES: usize = 100 * 1024;
/// The most policies of a text.
pub(crate) const POLICIES_MAX: usize = 1_000;
/// The deepest nesting of brackets.
const BRACKETS_MAX: usize = 32;
/// The most operators of one policy: each can be one level of nesting.
const OPERATORS_MAX: usize = 500;
/// The stack of the thread that parses, in bytes: memory is taken as it is used. Debug
/// builds of Cedar use up to 50 KB a level.
pub(crate) const PARSER_STACK_BYTES: usize = 64 * 1024 * 1024;
/// The deepest expression that is evaluated. In a debug build Cedar gives up at about 30
/// on a stack of 2 MB, in a release build at about 300.
pub(crate) const DEPTH_MAX: usize = 24;

/// Whether a text may be parsed.
pub(crate) fn check(text: &str) -> Result<(), PolicyProblems> {
    if text.len() > TEXT_MAX_BYTES {
        let what = format!("the text has {} bytes", text.len());
        let remedy = "100 KB is the most: use labels and claims in the place of lists of names";
        return Err(PolicyProblems::one(1, "too_large", what, remedy));
    }
    match too_nested(text) {
        Some(line) => Err(PolicyProblems::one(
            line,
            "too_intricate",
            "it nests too deep, or has too many operators".to_owned(),
            "use lists ([…].contains(…), in […]) for `||`, or split it into several policies",
        )),
        None => Ok(()),
    }
}

/// The line at which a limit is passed.
fn too_nested(text: &str) -> Option<usize> {
    let (mut line, mut brackets, mut operators) = (1, 0_usize, 0);
    let mut inside = Inside::Code;
    let mut before = ' ';
    for character in text.chars() {
        if character == '\n' {
            line += 1;
        }
        let was = inside;
        inside = inside.after(before, character);
        if was == Inside::Code && inside == Inside::Code {
            match character {
                '(' | '[' | '{' => brackets += 1,
                ')' | ']' | '}' => brackets = brackets.saturating_sub(1),
                // The next policy.
                ';' => operators = 0,
                '.' | '&' | '|' | '+' | '-' | '*' | '!' => operators += 1,
                'f' if before == 'i' => operators += 1,
                _ => {}
            }
        }
        if brackets > BRACKETS_MAX || operators > OPERATORS_MAX {
            return Some(line);
        }
        before = if was == Inside::Escaped {
            ' '
        } else {
            character
        };
    }
    None
}

/// What a character of a text is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Code,
    Comment,
    Text,
    /// Behind a backslash in a text.
    Escaped,
}

impl Inside {
    fn after(self, before: char, character: char) -> Self {
        match (self, character) {
            (Inside::Code, '/') if before == '/' => Inside::Comment,
            (Inside::Code, '"') => Inside::Text,
            (Inside::Comment, '\n') => Inside::Code,
            (Inside::Text, '\\') => Inside::Escaped,
            (Inside::Text, '"') => Inside::Code,
            (Inside::Escaped, _) => Inside::Text,
            (inside, _) => inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_where_it_is_code() {
        let deep = "(".repeat(BRACKETS_MAX + 1);
        let many = "&&".repeat(OPERATORS_MAX);
        let ifs = "if ".repeat(OPERATORS_MAX + 1);
        let rows = [
            (String::new(), None),
            ("(".repeat(BRACKETS_MAX), None),
            ("()[]{}".repeat(1_000), None),
            (format!("\n{deep}"), Some(2)),
            (many.clone(), Some(1)),
            (ifs, Some(1)),
            (format!("// {deep} \" {many}"), None),
            (format!("\"{deep}\\\"{many}\\\\\""), None),
            (format!("\"\\\\\"{deep}"), Some(1)),
            (format!("// \"\n{deep}"), Some(2)),
            (format!("\"//\" {deep}"), Some(1)),
            ("a.b;".repeat(OPERATORS_MAX + 1), None),
        ];
        for (text, expected) in rows {
            assert_eq!(too_nested(&text), expected, "{text:.60}");
        }
    }
}
