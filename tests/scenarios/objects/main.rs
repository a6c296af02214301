//! The object store: its contract on the store of one machine, what that leaves on the disk, and
//! what the adapter makes of answers that no good store gives.

mod answers;
mod directory;
mod machine;
mod slow;
