//! Work that is done once, however many processes there are, and also when one of them
//! is killed in the middle of it.

mod killed;
mod on_demand;
mod stampede;
