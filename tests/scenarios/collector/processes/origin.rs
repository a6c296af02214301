//! What a stage is copied from: a run whose tenant is connected, and collected or not.

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use tests::connect_tenant;

use super::Stage;
use crate::book::scenario;

const HOUR: i64 = 3_600;

/// A run to begin from.
pub(crate) struct Origin(TempDir);

impl Origin {
    /// A connected tenant whose audit log no collector has seen.
    pub(crate) async fn make() -> Self {
        let stage = Stage::on(tempfile::tempdir().unwrap(), 0).await;
        stage.connects().await;
        stage.ends().await
    }

    /// One whose audit log was collected so many hours ago.
    pub(crate) async fn collected(hours: i64) -> Self {
        let stage = Stage::on(tempfile::tempdir().unwrap(), -hours * HOUR).await;
        stage.connects().await;
        let report = stage.machine.collect().await.unwrap();
        assert!(report.records > 0, "{report:?}");
        stage.ends().await
    }

    pub(crate) async fn stage(&self) -> Stage {
        let directory = tempfile::tempdir().unwrap();
        copy(self.0.path(), directory.path());
        Stage::on(directory, 0).await
    }
}

impl Stage {
    async fn connects(&self) {
        let little = json!({"blob_every_seconds": 900, "backlog_seconds": 9000,
            "records_per_blob": 3, "page_size": 3, "latest_seconds": 0});
        scenario(&self.broker, little).await;
        connect_tenant(&self.broker.ready, 0).await;
    }

    async fn ends(self) -> Origin {
        self.machine.stop().await;
        Origin(self.directory)
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).unwrap();
        }
    }
}
