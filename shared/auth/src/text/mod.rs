//! Texts from outside: how the bytes of one are read ([`decoded()`]), which names are taken ([`name()`]), which characters a log line, a
//! terminal or a page shows ([`is_invisible`], [`printable`]), and which values no message
//! repeats ([`shown`]). One rule each, for every crate.

mod characters;
mod decoded;
mod name;
mod shown;

pub use characters::{JsonEscape, escaped_json, is_invisible, printable, printable_lines};
pub use decoded::{NotText, decoded, first_line};
pub use name::{InvalidName, NAME_MAX, name};
pub(crate) use shown::KEY_PREFIX;
pub use shown::{
    Shown, excerpt, hides, is_certainly_secret, shown, shown_path, shown_secret, veiled, without,
};
