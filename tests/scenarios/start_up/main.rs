//! Starts that must not succeed: each ends with exit code 1 and one line that names what
//! is wrong and says what to do, and leaves every file as it was. And what a first start
//! leaves for the second.

mod certificates;
mod damaged;
mod first_start;
mod older;
mod places;
mod real_entra;
mod secrets;
mod settings;
mod stage;
