//! The one place where settings are read and the system is put together. The functions, the
//! one-machine run and the operator's tool differ in their platform and in nothing else.
//!
//! It knows every adapter and no rule. Cedar stays out of it (decision 0019): a function that
//! asks no policy links none.

mod platform;
pub mod settings;

pub use platform::Platform;
