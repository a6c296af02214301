//! Bodies of properties as plain functions over bytes: proptest replays them as ordinary
//! tests, and a fuzzer calls them.

pub mod gateway_event;
