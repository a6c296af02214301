//! Round trips and CPU of a consent, a miss and a vend. Yardstick is a function that answers a
//! constant, through the same runtime API: its start, and one warm answer.

use std::time::Duration;

use tests::gateway_event::request;
use tests::trips::{Path, Walk, walk};

use crate::child::beside;
use crate::cpu::time_of;
use crate::function::Function;
use crate::report::{median, note, row, table};

/// Warm answers of the constant's in one turn.
const ANSWERS: u32 = 2_000;

/// One turn: the yardstick, then every path.
struct Turn {
    /// A start to the first answer, and a warm answer.
    constant: [Duration; 2],
    paths: Vec<Path>,
}

/// Measures and prints the table.
pub(crate) async fn run(turns: usize, tenants: usize) {
    let mut taken = Vec::new();
    // The first one warms the page cache.
    for number in 0..=turns {
        let constant = constant().await;
        let walk = walk(Walk {
            program: &beside,
            time_of,
            tenants,
        });
        let paths = walk.await;
        if number > 0 {
            taken.push(Turn { constant, paths });
        }
    }
    print(&taken);
    note(&format!(
        "{turns} turns with {tenants} tenants, medians; CPU of each function's own process, of one time \
         where a path is taken often. × constant: the functions' CPU in all, against a function that does \
         nothing, started where the path starts functions, and warm where it starts none."
    ));
}

async fn constant() -> [Duration; 2] {
    let of_lambda = [
        ("AWS_LAMBDA_FUNCTION_NAME", "nothing"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ];
    let variables = of_lambda.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let function = Function::start("bench-nothing", &variables.into(), "none").await;
    let event = request("GET", "/");
    drop(function.answer(&event).await);
    let start = function.time();
    for _ in 0..ANSWERS {
        drop(function.answer(&event).await);
    }
    let warm = (function.time() - start) / ANSWERS;
    function.end().await;
    [start, warm]
}

fn print(turns: &[Turn]) {
    let mut rows = vec![row(["path", "round trips", "CPU ms", "× constant"])];
    for (number, path) in turns[0].paths.iter().enumerate() {
        let all = || turns.iter().map(|turn| (&turn.paths[number], turn));
        let each = path.cpu.iter().enumerate().map(|(function, (name, _))| {
            let spent: Vec<f64> = all()
                .map(|(path, _)| millis(path.cpu[function].1))
                .collect();
            format!("{name} {:.3}", median(&spent))
        });
        let ratios: Vec<f64> = all()
            .map(|(path, turn)| {
                let spent: Duration = path.cpu.iter().map(|(_, spent)| *spent).sum();
                millis(spent) / millis(turn.constant[usize::from(!path.starts)])
            })
            .collect();
        rows.push(row([
            path.name,
            &asked(path),
            &each.collect::<Vec<_>>().join(", "),
            &format!("{:.2}", median(&ratios)),
        ]));
    }
    for (number, name) in ["the constant, started", "the constant, warm"]
        .iter()
        .enumerate()
    {
        let spent: Vec<f64> = turns
            .iter()
            .map(|turn| millis(turn.constant[number]))
            .collect();
        rows.push(row([name, "0", &format!("{:.3}", median(&spent)), "1.00"]));
    }
    table("Round trips", &rows);
}

/// The number in all, and each with how often.
fn asked(path: &Path) -> String {
    let number: u32 = path.asked.values().sum();
    let each = path.asked.iter().map(|(what, times)| match times {
        1 => what.clone(),
        times => format!("{times} × {what}"),
    });
    match number {
        0 => "0".to_owned(),
        number => format!("{number}: {}", each.collect::<Vec<_>>().join(", ")),
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
