//! What of a type is not listed, as lists of times.

use auth::Timestamp;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::Window;
use feed::spans::Spans;

use crate::table::attributes::{as_numbers, number_list};

/// The most gaps that are kept of a pass, so that a row stays far below the 400 KB that DynamoDB
/// allows: 256 windows of 14 bytes for each of four passes and five types are 72 KB. Of more, those
/// that are closest become one: what lies between is listed once more, and nothing is lost.
const MOST_GAPS: usize = 256;

/// Starts and ends by turns, for each pass; nothing where there are none.
pub(super) fn gaps(passes: [&Spans; 4]) -> Option<AttributeValue> {
    let is_whole = passes.iter().all(|spans| spans.is_empty());
    let of_pass = |spans: &Spans| {
        let windows = coarse(spans).into_iter();
        number_list(windows.flat_map(|gap| [gap.start().unix(), gap.end().unix()]))
    };
    (!is_whole).then(|| AttributeValue::L(passes.map(of_pass).into()))
}

pub(in crate::table::items) fn spans(gaps: &[AttributeValue]) -> Option<Spans> {
    let times: Vec<i64> = as_numbers(gaps)?;
    let pairs = times.chunks(2).map(|pair| {
        let [start, end] = pair.try_into().ok()?;
        Window::new(Timestamp::from_unix(start), Timestamp::from_unix(end))
    });
    pairs.collect()
}

/// No more windows than are kept.
fn coarse(spans: &Spans) -> Vec<Window> {
    let mut windows = spans.windows().to_vec();
    while windows.len() > MOST_GAPS {
        let between = |at: &usize| windows[at - 1].end().seconds_until(windows[*at].start());
        let Some(closest) = (1..windows.len()).min_by_key(between) else {
            break;
        };
        let second = windows.remove(closest);
        windows[closest - 1] = windows[closest - 1].around(second);
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    /// So many gaps of one second, `apart` seconds between the starts.
    fn gaps_of(count: i64, apart: i64) -> Spans {
        let gaps = (0..count).map(|gap| Window::new(at(gap * apart), at(gap * apart + 1)));
        gaps.flatten().collect()
    }

    #[test]
    fn more_gaps_than_are_kept_become_wider_and_none_is_left_out() {
        let most = i64::try_from(MOST_GAPS).unwrap();
        for count in [0, 1, most, most + 1, 2 * most, 2_016] {
            let spans = gaps_of(count, 300);
            let kept: Spans = coarse(&spans).into_iter().collect();
            assert_eq!(kept.windows().len() as i64, count.min(most), "{count}");
            let mut missing = spans;
            kept.windows().iter().for_each(|gap| missing.remove(*gap));
            assert!(missing.is_empty(), "{count}: {missing:?}");
        }
        let mut spans = gaps_of(most, 300);
        spans.insert(Window::new(at(2), at(3)).unwrap());
        let first = coarse(&spans)[0];
        assert_eq!((first.start(), first.end()), (at(0), at(3)), "the closest");
    }
}
