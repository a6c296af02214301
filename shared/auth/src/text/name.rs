//! The one rule for names that a person or a service gives: customer accounts, values of
//! tags, the company, a certificate's subject. A name is normalised (NFC) and trimmed, so
//! that two spellings of it are one name, and it holds no character that is not seen.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{EnumeratedProperty as _, GeneralCategory, GeneralCategoryGroup};

/// The longest name, in characters, where nothing asks for a shorter one.
pub const NAME_MAX: usize = 200;

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// Why a text is not a name. Repeats at most one character of it, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing, or white space alone.
    #[error("a name has at least one character that is not white space")]
    Empty,
    /// Too many characters.
    #[error("a name has at most {longest} characters, and this has {length}")]
    TooLong {
        /// In characters, normalised and trimmed.
        length: usize,
        /// In characters.
        longest: usize,
    },
    /// A character that no name may have.
    #[error(
        "U+{:04X} at character {position} is not allowed: a name has no control, format or \
         separator characters but the plain space, and no unassigned ones", u32::from(*character)
    )]
    Character {
        /// Which.
        character: char,
        /// In the normalised and trimmed name, from 1 on.
        position: usize,
    },
}

/// `text` as a name of at most `longest` characters: in Unicode's Normalization Form C,
/// without white space at its ends.
pub fn name(text: &str, longest: usize) -> Result<String, InvalidName> {
    let normal = NFC.normalize(text);
    let name = normal.trim();
    if name.is_empty() {
        return Err(InvalidName::Empty);
    }
    if let Some((index, character)) = name.chars().enumerate().find(|(_, c)| !is_allowed(*c)) {
        let position = index + 1;
        return Err(InvalidName::Character {
            character,
            position,
        });
    }
    let length = name.chars().count();
    if length > longest {
        return Err(InvalidName::TooLong { length, longest });
    }
    Ok(name.to_owned())
}

/// Unassigned characters are out too: a later version of Unicode may normalise them to
/// others, and one account would have two names.
fn is_allowed(c: char) -> bool {
    let category = GeneralCategory::for_char(c);
    c == ' '
        || !GeneralCategoryGroup::Other.contains(category)
            && !GeneralCategoryGroup::Separator.contains(category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_name() {
        let longest = "é".repeat(NAME_MAX);
        let decomposed = "e\u{301}".repeat(NAME_MAX);
        let rows = [
            ("Contoso, Inc.", "Contoso, Inc."),
            (" Contoso ", "Contoso"),
            ("Contoso\r\n", "Contoso"),
            ("\u{a0}Contoso\u{3000}", "Contoso"),
            ("\u{2028}Contoso\u{85}", "Contoso"),
            ("Cafe\u{301}", "Café"),
            ("A\u{30a}ngstro\u{308}m", "Ångström"),
            ("\u{212b}ngström", "Ångström"),
            ("\u{1100}\u{1161}", "가"),
            ("q\u{307}\u{323}", "q\u{323}\u{307}"),
            ("日本 株式会社", "日本 株式会社"),
            ("חברה", "חברה"),
            ("Smile 😀", "Smile 😀"),
            (&decomposed, &longest),
        ];
        for (text, expected) in rows {
            let found = name(text, NAME_MAX);
            assert_eq!(found.as_deref(), Ok(expected), "{text:?}");
            assert_eq!(name(expected, NAME_MAX).as_deref(), Ok(expected), "again");
        }
    }

    #[test]
    fn a_character_that_is_not_seen_is_refused_by_its_number_and_place() {
        let refused = [
            '\0',
            '\t',
            '\n',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{2003}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{3000}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e000}',
            '\u{378}',
            '\u{1d173}',
            '\u{e0041}',
            '\u{10ffff}',
        ];
        for character in refused {
            let expected = InvalidName::Character {
                character,
                position: 3,
            };
            let text = format!(" ab{character}c ");
            assert_eq!(name(&text, NAME_MAX), Err(expected), "{text:?}");
        }
        let said = name("Con\u{202e}toso", NAME_MAX).unwrap_err().to_string();
        assert!(said.starts_with("U+202E at character 4 is"), "{said}");
    }

    #[test]
    fn nothing_and_too_much_are_no_names() {
        for text in ["", " ", "\u{3000}\n", "\u{2028}"] {
            assert_eq!(name(text, NAME_MAX), Err(InvalidName::Empty), "{text:?}");
        }
        let expected = Err(InvalidName::TooLong {
            length: 201,
            longest: 200,
        });
        assert_eq!(name(&"é".repeat(201), NAME_MAX), expected);
    }
}
