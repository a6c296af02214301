//! What a process has used, as Linux counts it: CPU time in nanoseconds and resident memory.

use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// CPU time of all threads of a process, with those that have ended.
///
/// Not `/proc/PID/task/*/schedstat`: a thread that ends takes its time with it, so that the sum
/// goes back.
pub(crate) fn time_of(process: u32) -> Duration {
    let process = Pid::from_raw(i32::try_from(process).unwrap());
    let clock = clock_getcpuclockid(process).expect("the process runs");
    clock_gettime(clock).unwrap().into()
}

/// CPU time of this process.
pub(crate) fn own_time() -> Duration {
    time_of(std::process::id())
}

/// CPU time of the processes that this one started and that have ended, with those that they waited
/// for: `cutime` and `cstime` of proc(5), in hundredths of a second.
pub(crate) fn children_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The second field is a name in brackets, which may have spaces in it.
    let (_, fields) = text.rsplit_once(") ").unwrap();
    let ticks: u64 = fields.split(' ').skip(13).take(2).map(number).sum();
    Duration::from_millis(10 * ticks)
}

/// Resident memory in KiB: `VmRSS`, or `VmHWM` for the most there ever was.
pub(crate) fn memory_of(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(field));
    number(line.unwrap().split_whitespace().nth(1).unwrap())
}

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap()
}
