//! What the functions that answer requests have in common: each lacks something at its start,
//! says so in one line, serves what it can, and is mended in the same process.

use super::function::Function;
use super::guide::Row;
use super::stage::Stage;
use super::trouble::Trouble;

/// What is missing is looked for again after so long.
pub(super) const TRY_AGAIN: i64 = 2;

/// What is wrong, the lines that said so, and what was served meanwhile.
pub(super) type Troubled = (String, Vec<String>, String);

/// A function that is started without what it needs.
pub(super) trait Watched {
    /// So many requests are made to see what it serves.
    const REQUESTS: usize;

    async fn start(&self, stage: &Stage) -> Function;

    /// What it serves at the moment, in a few words.
    async fn served(&self, stage: &Stage, function: &Function) -> String;

    /// Whether this is served where nothing is wrong.
    fn is_well(served: &str) -> bool;

    async fn at_start(&self, stage: &mut Stage, trouble: Trouble) -> Row {
        stage.reset().await;
        trouble.begin(stage).await;
        let name = trouble.name();
        let function = self.start(stage).await;
        let told = stage.faults(&name);
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        let meanwhile = self.served(stage, &function).await;
        assert!(!Self::is_well(&meanwhile), "{name}: {meanwhile}");
        // Each request that is refused for want of it leaves the line.
        let again = stage.faults(&name);
        assert!((1..=Self::REQUESTS).contains(&again.len()), "{again:?}");
        let is_same = |line: &String| *line == told[0];
        assert!(again.iter().all(is_same), "{name}: {again:?}");
        stage.mend().await;
        stage.clock.advance(TRY_AGAIN);
        let troubled = (name, told, meanwhile);
        Row {
            mended: format!("the next request, {TRY_AGAIN} s after the last look at the earliest"),
            ..self.recovered(stage, &function, troubled).await
        }
    }

    /// The next request of the same process is answered as ever.
    async fn recovered(&self, stage: &Stage, function: &Function, was: Troubled) -> Row {
        let (trouble, told, meanwhile) = was;
        let mended = self.served(stage, function).await;
        assert!(Self::is_well(&mended), "{trouble}: {mended}");
        assert_eq!(stage.faults(&trouble), Vec::<String>::new(), "{trouble}");
        Row {
            trouble,
            told,
            meanwhile,
            mended: "the next request".to_owned(),
        }
    }
}
