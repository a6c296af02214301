//! Patterns as IAM has them: `*` stands for any characters, none included and `/` and `:` too,
//! and `?` for one.

/// Whether the whole text is like the pattern.
pub fn is_like(pattern: &str, text: &str) -> bool {
    assert!(
        !pattern.contains("${"),
        "{pattern}: variables of policies are not read here"
    );
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    matches(&pattern, &text)
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        (Some(('?', pattern)), Some((_, text))) => matches(pattern, text),
        (Some((wanted, pattern)), Some((found, text))) => wanted == found && matches(pattern, text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        let rows = [
            ("T#*", "T#1", true),
            ("T#*", "T#", true),
            ("T#*", "t#1", false),
            ("T#*", "XT#1", false),
            ("*", "", true),
            ("*", "a/b:c", true),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("POLICY", "POLICY", true),
            ("POLICY", "POLICY2", false),
            ("Table/index/*", "Table/index/due", true),
            ("Table/index/*", "Table", false),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
