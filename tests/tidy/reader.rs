//! The parser behind [`Items`]: walks the tokens of one file.

use crate::items::{
    Implementation, Import, Item, Items, Mention, Path, Place, TraitImplementation, from_root,
};
use crate::tokens::Token;
use crate::tree::File;

/// A walk through the tokens of a file, which notes its items.
pub struct Reader<'a> {
    tokens: &'a [Token],
    file: &'a File,
    items: &'a mut Items,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a File, items: &'a mut Items) -> Reader<'a> {
        Reader { tokens: &file.lexed.tokens, file, items }
    }

    /// Reads the whole file, which holds this module.
    pub fn read(&mut self, module: &Path) {
        self.items(0, self.tokens.len(), module, None);
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn place(&self, at: usize) -> Place {
        Place { path: self.file.path.clone(), line: self.tokens.get(at).map_or(1, |token| token.line) }
    }

    /// The place of the bracket that closes the one at `open`.
    fn close(&self, open: usize) -> usize {
        let mut depth = 0;
        for at in open..self.tokens.len() {
            match self.text(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// The next of these tokens that lies in no bracket.
    fn find(&self, mut at: usize, wanted: &[&str]) -> usize {
        while at < self.tokens.len() && !wanted.contains(&self.text(at)) {
            at = if ["(", "[", "{"].contains(&self.text(at)) { self.close(at) + 1 } else { at + 1 };
        }
        at
    }

    fn words(&self, from: usize, to: usize) -> Vec<String> {
        let tokens = &self.tokens[from..to.min(self.tokens.len())];
        tokens.iter().filter(|token| token.is_word()).map(|token| token.text.clone()).collect()
    }

    /// Reads the items between two tokens; `owner` is the type whose implementation they lie in.
    fn items(&mut self, mut at: usize, end: usize, module: &Path, owner: Option<&str>) {
        while at < end {
            let mut test = false;
            while self.text(at) == "#" {
                let open = if self.text(at + 1) == "!" { at + 2 } else { at + 1 };
                let close = self.close(open);
                test |= is_test(&self.words(open, close));
                at = close + 1;
            }
            if at >= end {
                break;
            }
            at = self.item(at, module, owner, test).max(at + 1);
        }
    }

    /// Reads the item that begins here, and returns where the next one begins.
    fn item(&mut self, mut at: usize, module: &Path, owner: Option<&str>, test: bool) -> usize {
        let start = at;
        let mut public = false;
        if self.text(at) == "pub" {
            public = self.text(at + 1) != "(";
            at = if public { at + 1 } else { self.close(at + 1) + 1 };
        }
        let modifies = |reader: &Self, at: usize| match reader.text(at) {
            "const" => ["fn", "async", "unsafe", "extern"].contains(&reader.text(at + 1)),
            "extern" => reader.text(at + 1) != "crate",
            word => ["async", "unsafe", "default"].contains(&word),
        };
        while modifies(self, at) {
            at += 1;
        }
        match self.text(at) {
            "use" => {
                let end = self.find(at, &[";"]);
                if !test {
                    self.imports(at + 1, Vec::new(), module, public);
                }
                end + 1
            }
            "mod" => {
                let path: Path = module.iter().cloned().chain([self.text(at + 1).to_owned()]).collect();
                let inline = self.text(at + 2) == "{";
                let end = if inline { self.close(at + 2) } else { at + 2 };
                if test {
                    self.items.test_modules.insert(path);
                } else {
                    self.items.modules.push((path.clone(), public));
                    if inline {
                        self.items(at + 3, end, &path, None);
                    }
                }
                end + 1
            }
            "impl" => {
                let open = self.find(at, &["{", ";"]);
                let end = self.close(open);
                if !test {
                    self.implementation(at, open, end, module);
                    self.mentions(start, end, module);
                }
                end + 1
            }
            keyword @ ("fn" | "struct" | "enum" | "union" | "trait" | "const" | "static" | "type") => {
                let keyword = keyword.to_owned();
                let name_at = if self.text(at + 1) == "mut" { at + 2 } else { at + 1 };
                let value = ["const", "static", "type"].contains(&keyword.as_str());
                let open = self.find(at, if value { &[";"] } else { &["{", ";"] });
                let end = if self.text(open) == "{" { self.close(open) } else { open };
                if !test {
                    let shows = match keyword.as_str() {
                        "fn" | "const" | "static" | "type" => self.words(name_at + 1, open),
                        "struct" | "union" => self.shown_fields(name_at + 1, end),
                        _ => self.words(name_at + 1, end),
                    };
                    let is_function = keyword == "fn";
                    let is_type = ["struct", "enum", "union"].contains(&keyword.as_str());
                    // An implementation is searched as a whole.
                    if owner.is_none() {
                        self.mentions(start, end, module);
                    }
                    let (name, place) = (self.text(name_at).to_owned(), self.place(name_at));
                    let (module, owner) = (module.clone(), owner.map(str::to_owned));
                    self.items.items.push(Item {
                        name,
                        module,
                        owner,
                        is_type,
                        is_function,
                        public,
                        place,
                        shows,
                    });
                }
                end + 1
            }
            "extern" => self.find(at, &[";"]) + 1,
            // A macro's definition or its use.
            _ => {
                let open = self.find_open(at);
                let end = self.close(open);
                if !test {
                    self.mentions(start, end, module);
                }
                if self.text(end + 1) == ";" { end + 2 } else { end + 1 }
            }
        }
    }

    fn find_open(&self, mut at: usize) -> usize {
        while at < self.tokens.len() && !["(", "[", "{"].contains(&self.text(at)) {
            at += 1;
        }
        at
    }

    /// Reads an implementation whose body lies between `open` and `end`.
    fn implementation(&mut self, at: usize, open: usize, end: usize, module: &Path) {
        let header = if self.text(at + 1) == "<" { self.close_angle(at + 1) + 1 } else { at + 1 };
        let for_at = self.outside_angles(header, open, |reader, at| {
            reader.text(at) == "for" && reader.text(at + 1) != "<"
        });
        let type_at = for_at.map_or(header, |at| at + 1);
        let stop =
            self.outside_angles(type_at, open, |reader, at| reader.text(at) == "where").unwrap_or(open);
        let named = self.outside_angles(type_at, stop, |reader, at| reader.text(at) == "<").unwrap_or(stop);
        let Some(owner) = self.words(type_at, named).pop() else { return };
        let (module, place) = (module.clone(), self.place(at));
        if for_at.is_some() {
            let mut shows = Vec::new();
            let mut inside = self.find(open + 1, &["type", "}"]);
            while inside < end {
                let stop = self.find(inside, &[";"]);
                shows.extend(self.words(inside + 2, stop));
                inside = self.find(stop, &["type", "}"]);
            }
            self.items.trait_implementations.push(TraitImplementation { owner, shows });
        } else {
            let before = self.items.items.len();
            self.items(open + 1, end, &module, Some(&owner));
            let methods = self.items.items[before..].iter().filter(|item| item.is_function).count() as u64;
            self.items.implementations.push(Implementation { owner, module, place, methods });
        }
    }

    fn close_angle(&self, open: usize) -> usize {
        let mut depth = 0;
        for at in open..self.tokens.len() {
            match self.text(at) {
                "<" => depth += 1,
                ">" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// The first token between two that satisfies a condition and lies in no angle bracket.
    fn outside_angles(
        &self,
        mut at: usize,
        end: usize,
        wanted: impl Fn(&Self, usize) -> bool,
    ) -> Option<usize> {
        while at < end {
            if wanted(self, at) {
                return Some(at);
            }
            at = if self.text(at) == "<" { self.close_angle(at) + 1 } else { at + 1 };
        }
        None
    }

    /// The words of a type's generics and of its public fields.
    fn shown_fields(&self, from: usize, end: usize) -> Vec<String> {
        let open = (from..end).find(|&at| ["(", "{"].contains(&self.text(at))).unwrap_or(end);
        let mut shows = self.words(from, open);
        let mut at = open + 1;
        while at < end {
            while self.text(at) == "#" {
                at = self.close(at + 1) + 1;
            }
            let comma = self.outside_angles(at, end, |reader, at| reader.text(at) == ",").unwrap_or(end);
            if self.text(at) == "pub" && self.text(at + 1) != "(" {
                shows.extend(self.words(at + 1, comma));
            }
            at = comma + 1;
        }
        shows
    }

    /// Reads the tree of a `use` from `at`, below `path`, and returns the token behind it.
    fn imports(&mut self, mut at: usize, mut path: Path, module: &Path, public: bool) -> usize {
        let place = self.place(at);
        let mut name = None;
        loop {
            match self.text(at) {
                "::" => at += 1,
                "{" => {
                    at += 1;
                    while !["}", ";", ""].contains(&self.text(at)) {
                        at = self.imports(at, path.clone(), module, public);
                        if self.text(at) == "," {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                "as" => {
                    name = Some(self.text(at + 1).to_owned());
                    at += 2;
                }
                "self" if !path.is_empty() => at += 1,
                "," | "}" | ";" | "" => break,
                part => {
                    path.push(part.to_owned());
                    at += 1;
                }
            }
        }
        let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
        self.items.imports.push(Import { path, name, module: module.clone(), public, place });
        at
    }

    /// Notes the paths between two tokens that begin with `crate`, `super` or `self`, and the imports.
    fn mentions(&mut self, from: usize, to: usize, module: &Path) {
        let mut at = from;
        while at < to {
            // `use<'a>` captures lifetimes and imports nothing.
            if self.text(at) == "use" && self.text(at + 1) != "<" {
                at = self.imports(at + 1, Vec::new(), module, false);
                continue;
            }
            let begins = ["crate", "super", "self"].contains(&self.text(at)) && self.text(at + 1) == "::";
            if begins && (at == 0 || self.text(at - 1) != "::") {
                let place = self.place(at);
                let mut path = vec![self.text(at).to_owned()];
                while self.text(at + 1) == "::" && self.tokens.get(at + 2).is_some_and(Token::is_word) {
                    path.push(self.text(at + 2).to_owned());
                    at += 2;
                }
                if let Some(path) = from_root(&path, module) {
                    self.items.mentions.push(Mention { path, module: module.clone(), place });
                }
            }
            at += 1;
        }
    }
}

/// Returns `true` for the words of an attribute after which only tests see the item.
fn is_test(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["test", ..] | ["cfg", "test", ..] | ["cfg", "all", "test", ..])
}
