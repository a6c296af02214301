//! What an entry of a memory weighs. Memories are bounded by bytes and not by their number
//! of entries, because the size of an entry is under outside influence.

/// The SHA-256 under which something is remembered. Where a few memories of one crate have one
/// type of key and value, the cache's code is in a function once for all of them: 60 KB each.
pub(crate) type Digest = [u8; 32];

/// What a cache keeps of an entry besides its key and value, in bytes: 350 were measured
/// (an entry of 150 bytes took 440 to 520), rounded up.
const ENTRY: usize = 400;

/// The weight of an entry whose key and value take `bytes`.
pub fn weight(bytes: usize) -> u32 {
    u32::try_from(bytes.saturating_add(ENTRY)).unwrap_or(u32::MAX)
}
