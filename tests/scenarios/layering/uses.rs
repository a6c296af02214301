//! Which file of a crate uses which: by where the names that it uses are defined.

use std::collections::{BTreeMap, BTreeSet};

use crate::modules::{Crate, Segments};

/// For each file the files that it uses, each with the paths by which it does.
pub(crate) type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The files of a library and what they use of each other. A file is named by its module's
/// path, the root `lib`.
pub(crate) fn between_files(library: &Crate) -> Uses {
    let mut uses = Uses::new();
    for (user, module) in &library.modules {
        let used = uses.entry(name(user)).or_default();
        let brought_in = module.words.iter().filter_map(|word| {
            let path = library.brought_in(user, word)?;
            Some((path, word.clone()))
        });
        let named = module.named.iter().filter_map(|path| {
            let absolute = library.absolute(user, path)?;
            Some((absolute, path.join("::")))
        });
        for (path, written) in named.chain(brought_in) {
            let definer = library.definer(&path, &mut BTreeSet::new());
            if definer != *user {
                used.entry(name(&definer)).or_default().insert(written);
            }
        }
    }
    uses
}

fn name(module: &Segments) -> String {
    if module.is_empty() {
        return "lib".to_owned();
    }
    module.join("::")
}

impl Crate {
    /// A path from the root of the crate; `None`: it leads to another crate.
    fn absolute(&self, from: &Segments, path: &Segments) -> Option<Segments> {
        let mut here = from.clone();
        let mut rest = path.as_slice();
        match rest.first()?.as_str() {
            "crate" => {
                here.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    here.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let mut child = here.clone();
                child.push(first.to_owned());
                if !self.modules.contains_key(&child) {
                    return None;
                }
            }
        }
        here.extend_from_slice(rest);
        Some(here)
    }

    /// Where a word leads that the file uses and does not define: by a `use`, or by a star.
    fn brought_in(&self, user: &Segments, word: &str) -> Option<Segments> {
        let file = &self.modules[user];
        if file.items.contains(word) {
            return None;
        }
        file.imports.iter().find_map(|(name, leads_to)| {
            let mut target = self.absolute(user, leads_to)?;
            if name == "*" {
                target.pop();
                let gives = self.gives(&target, word);
                target.push(word.to_owned());
                return gives.then_some(target);
            }
            (name == word).then_some(target)
        })
    }

    /// The file that defines what `path` names: through what others hand on. `seen`: the names
    /// that were followed already.
    fn definer(&self, path: &Segments, seen: &mut BTreeSet<(Segments, String)>) -> Segments {
        let module = self.deepest_module(path);
        let Some(next) = path.get(module.len()) else {
            return module;
        };
        let file = &self.modules[&module];
        if file.items.contains(next) || !seen.insert((module.clone(), next.clone())) {
            return module;
        }
        for (name, leads_to) in &file.imports {
            let Some(mut target) = self.absolute(&module, leads_to) else {
                continue;
            };
            if name == next {
                target.extend_from_slice(&path[module.len() + 1..]);
                return self.definer(&target, seen);
            }
            if name == "*" {
                target.pop();
                if self.gives(&target, next) {
                    target.extend_from_slice(&path[module.len()..]);
                    return self.definer(&target, seen);
                }
            }
        }
        module
    }

    fn deepest_module(&self, path: &Segments) -> Segments {
        let mut module = path.clone();
        while !self.modules.contains_key(&module) {
            module.pop();
        }
        module
    }

    /// Whether a file defines or hands on a name.
    fn gives(&self, module: &Segments, wanted: &str) -> bool {
        self.modules.get(module).is_some_and(|file| {
            file.items.contains(wanted) || file.imports.iter().any(|(name, _)| name == wanted)
        })
    }
}
