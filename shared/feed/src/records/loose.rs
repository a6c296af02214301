//! What is no JSON has an end all the same: by its strings and brackets, whatever their kind.
//! So one element that cannot be read takes as few of its neighbours with it as can be.

use super::grammar::Value;

/// An element of the array that is dead.
#[derive(Debug)]
pub(super) struct Loose {
    is_in_string: bool,
    is_escaped: bool,
    depth: usize,
}

/// What a byte was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Was {
    /// A part of the element.
    Part,
    /// Its last byte.
    Last,
    /// The first byte after it: a comma or the array's own bracket.
    After,
}

impl Loose {
    /// From where a value could not go on. The byte that it refused comes again.
    pub(super) fn after(value: &Value) -> Self {
        Self {
            is_in_string: value.is_in_key() || value.is_in_string(),
            is_escaped: value.is_after_backslash(),
            depth: value.depth(),
        }
    }

    pub(super) fn push(&mut self, byte: u8) -> Was {
        if self.is_in_string {
            let was_escaped = std::mem::replace(&mut self.is_escaped, false);
            match byte {
                _ if was_escaped => {}
                b'\\' => self.is_escaped = true,
                b'"' => self.is_in_string = false,
                _ => {}
            }
            return Was::Part;
        }
        match byte {
            b'"' => self.is_in_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' if self.depth == 0 => return Was::After,
            b'}' | b']' if self.depth == 1 => return Was::Last,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Was::Part
    }
}
