//! A day of a tenant of each kind, with webhooks and without, counted: `infra/cost` computes the
//! bill from it. `infra/cost.toml` says the figures, each as it is counted here.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::atomic::Ordering;

use feed::ContentType;

use crate::collecting::NOW;
use crate::fakes::BY_QUIET;
use crate::fakes::fleet::FleetWorld;

const COSTS: &str = include_str!("../../../infra/cost.toml");
const INTERVAL: u64 = 300;
const A_DAY: i64 = 288;
/// The last pass begins on day six.
const BEFORE: i64 = 8 * A_DAY;
/// The half days before, in which the passes of the counted day look: on day six, and after a day.
/// In the others nothing is made, which saves half of the work; queries at the ends of these times
/// give some rows fewer (a fiftieth of a large tenant's).
const TALKED: (Range<i64>, i64) = (3..6, 13);
/// Contents that a notification names, at most.
const NOTIFIED_AT_ONCE: usize = 2;

/// How a tenant talks: so many contents of each type in one interval of so many; its name in
/// `infra/cost.toml`.
struct Kind {
    name: &'static str,
    contents: usize,
    one_of: i64,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "quiet",
        contents: 0,
        one_of: 1,
    },
    Kind {
        name: "usual",
        contents: 3,
        one_of: 3,
    },
    Kind {
        name: "large",
        contents: 5,
        one_of: 1,
    },
];

impl Kind {
    /// What is made from now until the next run, by type, in the order of its time.
    fn made(&self, world: &FleetWorld, interval: i64) -> Vec<(ContentType, Vec<i64>)> {
        let half_day = interval / (A_DAY / 2);
        let talks = TALKED.0.contains(&half_day) || half_day >= TALKED.1;
        let contents = if talks && interval % self.one_of == 0 {
            self.contents
        } else {
            0
        };
        let of_type = |(number, of): (usize, ContentType)| {
            let second = |content| (71 * number + 53 * content) % 300;
            let mut times: Vec<_> = (0..contents)
                .map(|content| world.now() + i64::try_from(second(content)).unwrap())
                .collect();
            times.sort_unstable();
            (of, times)
        };
        ContentType::DEFAULT
            .into_iter()
            .enumerate()
            .map(of_type)
            .collect()
    }
}

/// What was done of a tenant that the table does not count.
#[derive(Default)]
struct Done {
    messages: u64,
    turns: u64,
    woken_listings: u64,
    woken_contents: u64,
}

/// One tenant, for so many intervals.
async fn intervals(world: &FleetWorld, kind: &Kind, woken: bool, those: Range<i64>) -> Done {
    let mut done = Done::default();
    let asked = || {
        let counts = [&world.api.listings, &world.api.fetched];
        counts.map(|count| count.load(Ordering::SeqCst))
    };
    for interval in those {
        let next = world.now() + i64::try_from(INTERVAL).unwrap();
        let made = kind.made(world, interval);
        let mut notified = Vec::new();
        for (of, times) in made {
            for (number, at) in times.iter().enumerate() {
                let id = format!("{of:?}-{at}-{number}");
                world.api.offer_as((0, of), &id, *at);
            }
            let arrays = times.chunks(NOTIFIED_AT_ONCE).filter_map(<[i64]>::last);
            notified.extend(arrays.map(|at| (*at, of)));
        }
        notified.sort_unstable();
        for (at, of) in notified.into_iter().filter(|_| woken) {
            world.pass(u64::try_from(at - world.now()).unwrap_or(0));
            let message = world.notified_of(0, of);
            let before = asked();
            let worked = world.while_time_passes(world.work(&[message])).await;
            assert_eq!(worked.failed, [0; 0], "{worked:?}");
            done.messages += 1;
            done.woken_listings += asked()[0] - before[0];
            done.woken_contents += asked()[1] - before[1];
        }
        world.pass(u64::try_from(next - world.now()).unwrap_or(0));
        let report = world.while_time_passes(world.run()).await;
        assert!(report.is_whole() && report.handed == 0, "{report:?}");
        done.turns += u64::from(report.turns);
    }
    done
}

/// The lines of a kind in `infra/cost.toml`.
async fn counted(kind: &Kind, woken: bool) -> String {
    let mut world = if woken {
        FleetWorld::with_queue(1, NOW, BY_QUIET)
    } else {
        FleetWorld::paced(1, NOW, BY_QUIET)
    };
    world.collects(&ContentType::DEFAULT);
    // Time passes where nothing else can go on.
    world.steps.store(1_000, Ordering::SeqCst);
    world.run().await;
    intervals(&world, kind, woken, 0..BEFORE).await;
    world.table.counted();
    world.listings();
    let objects = || world.objects.held.lock().unwrap().len();
    let stored = objects();
    world.api.fetched.store(0, Ordering::SeqCst);
    let done = intervals(&world, kind, woken, BEFORE..BEFORE + A_DAY).await;
    let counts = world.table.counted();
    let suffix = if woken { "_woken" } else { "" };
    let mut lines = format!("[days.{}{suffix}]\n", kind.name);
    let figures = [
        ("turns", done.turns),
        ("messages", done.messages),
        ("listings", world.listings()),
        ("woken_listings", done.woken_listings),
        ("woken_contents", done.woken_contents),
        ("contents", world.api.fetched.swap(0, Ordering::SeqCst)),
        ("objects", (objects() - stored) as u64),
        ("row_reads", counts.reads.into()),
        ("tenant_reads", counts.tenants.into()),
        // Each run reads the one of each shard.
        ("lease_reads", u64::from(counts.marks) - 8 * 288),
        ("row_writes", (counts.writes + counts.claims).into()),
        ("batch_queries", counts.batches.into()),
        ("batch_rows", counts.batch_rows.into()),
        ("batch_writes", counts.batch_writes.into()),
    ];
    for (name, figure) in figures {
        writeln!(lines, "{name} = {figure}").unwrap();
    }
    lines
}

#[tokio::test]
async fn a_day_of_each_kind_of_tenant_makes_what_the_cost_page_counts() {
    let mut missing = String::new();
    for kind in &KINDS {
        for woken in [false, true] {
            let lines = counted(kind, woken).await;
            if !COSTS.contains(&lines) {
                missing += &lines;
            }
        }
    }
    assert!(missing.is_empty(), "infra/cost.toml has to say:\n{missing}");
}
