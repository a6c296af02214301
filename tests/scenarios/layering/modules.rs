//! The files of a crate: what each defines, what it hands on and what it names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// The segments of a path, without generics.
pub(crate) type Segments = Vec<String>;

/// A library, by the paths of its modules; the root's path is empty.
pub(crate) struct Crate {
    pub(crate) modules: BTreeMap<Segments, Module>,
}

/// One file.
#[derive(Default)]
pub(crate) struct Module {
    /// What it defines.
    pub(crate) items: BTreeSet<String>,
    /// Names that a `use` brings in, and where they lead. A star's name is `*`.
    pub(crate) imports: Vec<(String, Segments)>,
    /// The paths that it names. What a `pub use` only hands on is not among them.
    pub(crate) named: Vec<Segments>,
    /// The words that stand alone: what the file defines or binds, or what a `use` brings in.
    pub(crate) words: BTreeSet<String>,
}

impl Crate {
    /// Reads the library whose root is `lib`, and every file that it declares. Without tests.
    pub(crate) fn read(lib: &Path) -> Self {
        let mut modules = BTreeMap::new();
        let directory = lib.parent().unwrap().to_owned();
        read_file(&mut modules, Vec::new(), lib, &directory);
        Self { modules }
    }
}

/// `directory`: where the files of its children are.
fn read_file(
    modules: &mut BTreeMap<Segments, Module>,
    path: Segments,
    file: &Path,
    directory: &Path,
) {
    let text = fs::read_to_string(file).unwrap();
    let parsed =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut reader = Reader::default();
    reader.visit_file(&parsed);
    for child in &reader.children {
        let (file, directory) = place_of(child, file, directory);
        let mut path = path.clone();
        path.push(child.ident.to_string());
        read_file(modules, path, &file, &directory);
    }
    modules.insert(path, reader.module);
}

/// The file of a declared module, and where its own children are.
fn place_of(child: &ItemMod, declared_in: &Path, directory: &Path) -> (PathBuf, PathBuf) {
    let name = child.ident.to_string();
    if let Some(path) = path_attribute(child) {
        let file = declared_in.parent().unwrap().join(path);
        return (file, directory.join(name));
    }
    let alone = directory.join(format!("{name}.rs"));
    let own = directory.join(name);
    let file = if alone.exists() {
        alone
    } else {
        own.join("mod.rs")
    };
    (file, own)
}

fn path_attribute(module: &ItemMod) -> Option<String> {
    let attribute = module.attrs.iter().find(|a| a.path().is_ident("path"))?;
    let syn::Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    };
    attributes.iter().any(is_test)
}

/// Walks a file. Inline modules count as part of it.
#[derive(Default)]
struct Reader {
    module: Module,
    children: Vec<ItemMod>,
    depth: usize,
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if let Some(name) = name_of(item) {
            self.module.items.insert(name);
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        match &module.content {
            _ if is_test(&module.attrs) => {}
            None => self.children.push(module.clone()),
            Some(_) => {
                self.module.items.insert(module.ident.to_string());
                self.depth += 1;
                visit::visit_item_mod(self, module);
                self.depth -= 1;
            }
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let hands_on = !matches!(item.vis, Visibility::Inherited);
        for (name, path) in leaves(&item.tree) {
            let path = self.in_this_file(path);
            self.module.imports.push((name, path.clone()));
            if !hands_on {
                self.module.named.push(path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|s| s.ident.to_string());
        self.name(segments.collect());
        visit::visit_path(self, path);
    }

    /// What stands within a macro is not parsed: its paths are read from its words.
    fn visit_macro(&mut self, called: &'ast Macro) {
        for path in paths_in(called.tokens.clone()) {
            self.name(path);
        }
        visit::visit_macro(self, called);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

impl Reader {
    fn name(&mut self, path: Segments) {
        match &path[..] {
            [] => {}
            [word] => drop(self.module.words.insert(word.clone())),
            [first, ..] => {
                self.module.words.insert(first.clone());
                let path = self.in_this_file(path);
                self.module.named.push(path);
            }
        }
    }

    /// A path as the file itself would write it: `super` of an inline module is the file.
    fn in_this_file(&self, mut path: Segments) -> Segments {
        for _ in 0..self.depth {
            if path.first().is_some_and(|first| first == "super") {
                path.remove(0);
            }
        }
        path
    }
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// The names that a `use` brings in, with the paths that they stand for.
fn leaves(tree: &UseTree) -> Vec<(String, Segments)> {
    match tree {
        UseTree::Path(path) => {
            let mut found = leaves(&path.tree);
            for (name, path_below) in &mut found {
                if path_below.is_empty() {
                    // `use a::{self}`.
                    *name = path.ident.to_string();
                }
                path_below.insert(0, path.ident.to_string());
            }
            found
        }
        UseTree::Name(name) if name.ident == "self" => vec![("self".into(), Vec::new())],
        UseTree::Name(name) => vec![(name.ident.to_string(), vec![name.ident.to_string()])],
        UseTree::Rename(rename) => {
            vec![(rename.rename.to_string(), vec![rename.ident.to_string()])]
        }
        UseTree::Glob(_) => vec![("*".into(), vec!["*".into()])],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

/// Words joined by `::`, at any depth.
fn paths_in(tokens: TokenStream) -> Vec<Segments> {
    let mut found = vec![Segments::new()];
    let mut colons = 0;
    let mut inner = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                if colons != 2 {
                    found.push(Segments::new());
                }
                found.last_mut().unwrap().push(word.to_string());
                colons = 0;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
            TokenTree::Group(group) => {
                inner.extend(paths_in(group.stream()));
                colons = 0;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => colons = 0,
        }
    }
    found.extend(inner);
    found
}
