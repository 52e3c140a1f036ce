//! The place that a new suite takes revline from.

use crate::cli::status::Unusable;
use revline_reports::json::document;
use std::fmt;
use std::path::Path;

/// The folder that this program was built from.
const BUILT_FROM: &str = env!("CARGO_MANIFEST_DIR");

/// The source of the dependency on revline.
#[derive(Debug)]
pub(super) enum Source {
    /// A folder with revline's sources.
    Folder(String),
    /// The URL of a git repository.
    Git(String),
}

impl Source {
    /// Reads `--revline`; without it, the sources that this program was built from, where they still are.
    pub(super) fn parse(given: Option<&str>) -> Result<Source, Unusable> {
        match given {
            Some(url) if url.contains("://") => Ok(Source::Git(url.to_owned())),
            Some(folder) => Source::folder(Path::new(folder)),
            None => Source::folder(Path::new(BUILT_FROM)),
        }
    }

    fn folder(folder: &Path) -> Result<Source, Unusable> {
        let refused = |what: String| Unusable::new(format!("--revline: {}: {what}", folder.display()));
        let folder = folder.canonicalize().map_err(|error| {
            refused(format!(
                "{error}: give the folder of revline's sources, or the URL of its git repository"
            ))
        })?;
        if !folder.join("Cargo.toml").is_file() {
            return Err(refused("no Cargo.toml is there: give the folder of revline's sources".to_owned()));
        }
        let text =
            folder.to_str().ok_or_else(|| refused("a manifest is UTF-8, and this is not".to_owned()))?;
        Ok(Source::Folder(text.to_owned()))
    }
}

/// The key and the value in the table of a dependency.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A string of JSON is one of TOML.
        let (key, value) = match self {
            Source::Folder(folder) => ("path", folder),
            Source::Git(url) => ("git", url),
        };
        write!(f, "{key} = {}", document(value).trim_end())
    }
}
