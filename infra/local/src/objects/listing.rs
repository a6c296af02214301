//! What there is, in the order of the keys' bytes as S3 lists it, and how it goes again. A file is
//! the one version of its object: none is kept of what was there before.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::files::Files;

/// The version of every object in a store that keeps none (S3 User Guide, "How S3 Versioning
/// works").
pub(super) const VERSION: &str = "null";

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) key: String,
    pub(super) size: u64,
}

/// Which objects are wanted.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// What their keys begin with.
    pub(super) prefix: String,
    /// Their keys come after this one.
    pub(super) after: String,
    pub(super) most: usize,
}

impl Files {
    /// The first of them, and whether there are more.
    pub(super) async fn list(&self, wanted: Wanted) -> io::Result<(Vec<Listed>, bool)> {
        let root = self.root().to_owned();
        let listed = spawn_blocking(move || {
            let mut found = Vec::new();
            collect(&root, "", &wanted, &mut found)?;
            let more = found.len() > wanted.most;
            found.truncate(wanted.most);
            Ok((found, more))
        });
        listed.await.map_err(io::Error::other)?
    }

    /// Takes an object away, and the directories that are empty then. One that is not there is
    /// as good.
    pub(super) async fn remove(&self, path: PathBuf) -> io::Result<()> {
        let root = self.root().to_owned();
        let removed = spawn_blocking(move || {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let above = path.ancestors().skip(1);
            for directory in above.take_while(|directory| **directory != *root) {
                // One that is not empty stays, and so do those above it.
                if fs::remove_dir(directory).is_err() {
                    return fs::File::open(directory)?.sync_all();
                }
            }
            fs::File::open(&root)?.sync_all()
        });
        removed.await.map_err(io::Error::other)?
    }
}

/// One more than wanted shows that there are more.
fn collect(
    directory: &Path,
    before: &str,
    wanted: &Wanted,
    found: &mut Vec<Listed>,
) -> io::Result<()> {
    for (name, entry) in entries(directory)? {
        if found.len() > wanted.most {
            return Ok(());
        }
        let key = format!("{before}{name}");
        if !name.ends_with('/') {
            if key.starts_with(&wanted.prefix) && key > wanted.after {
                let size = entry.metadata()?.len();
                found.push(Listed { key, size });
            }
        } else if may_hold(&key, wanted) {
            collect(&entry.path(), &key, wanted, found)?;
        }
    }
    Ok(())
}

/// Whether something below this directory can be wanted.
fn may_hold(below: &str, wanted: &Wanted) -> bool {
    let on_the_way = below.starts_with(&wanted.prefix) || wanted.prefix.starts_with(below);
    on_the_way && (*below > *wanted.after || wanted.after.starts_with(below))
}

/// Names, those of directories with a slash: so they are in the order of the keys. What begins
/// with a dot is no object, and a name that is no text is no key.
fn entries(directory: &Path) -> io::Result<Vec<(String, DirEntry)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let Ok(mut name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            name.push('/');
        }
        entries.push((name, entry));
    }
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn keys_are_listed_in_the_order_of_their_bytes_from_a_place_on() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::open(directory.path(), Arc::new(aws::SystemRandom)).unwrap();
        for key in [
            "a/b/c",
            "a.b",
            "a/b.c",
            "a/b/d/e",
            "a0",
            ".uploads/x",
            "b",
            "a/.hidden",
        ] {
            let path = directory.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, key).unwrap();
        }
        let all = ["a.b", "a/b.c", "a/b/c", "a/b/d/e", "a0", "b"];
        // Prefix, after, most, what is found, whether there is more.
        let rows: [(&str, &str, usize, &[&str], bool); 10] = [
            ("", "", 9, &all, false),
            ("", "", 6, &all, false),
            ("", "", 5, &all[..5], true),
            ("", "a/b.c", 2, &all[2..4], true),
            ("", "a/b/c", 9, &all[3..], false),
            ("", "a/b/d/e", 9, &all[4..], false),
            ("a/", "", 9, &all[1..4], false),
            ("a/b", "a/b.c", 1, &all[2..3], true),
            ("a/b/d", "", 9, &all[3..4], false),
            ("c", "", 9, &[], false),
        ];
        for (prefix, after, most, keys, more) in rows {
            let wanted = Wanted {
                prefix: prefix.to_owned(),
                after: after.to_owned(),
                most,
            };
            let (found, is_more) = files.list(wanted).await.unwrap();
            assert!(found.iter().all(|one| one.size == one.key.len() as u64));
            let found: Vec<_> = found.iter().map(|one| one.key.as_str()).collect();
            assert_eq!((&found[..], is_more), (keys, more), "{prefix} {after}");
        }
    }

    #[tokio::test]
    async fn what_goes_takes_its_empty_directories_along_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::open(directory.path(), Arc::new(aws::SystemRandom)).unwrap();
        let path = |key: &str| files.path(key).unwrap();
        for key in ["a/b/c", "a/b/d", "e/f"] {
            fs::create_dir_all(path(key).parent().unwrap()).unwrap();
            fs::write(path(key), key).unwrap();
        }
        for (key, left) in [
            ("a/b/c", &["a/b/d", "e/f"][..]),
            ("a/b/c", &["a/b/d", "e/f"]),
            ("e/f", &["a/b/d"]),
            ("a/b/d", &[]),
        ] {
            files.remove(path(key)).await.unwrap();
            let wanted = Wanted {
                prefix: String::new(),
                after: String::new(),
                most: 9,
            };
            let (found, _) = files.list(wanted).await.unwrap();
            let found: Vec<_> = found.iter().map(|one| one.key.as_str()).collect();
            assert_eq!(found, left, "{key}");
        }
        assert!(fs::read_dir(directory.path()).unwrap().next().is_none());
    }
}
