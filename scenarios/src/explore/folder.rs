//! The folder of plans that several explorations share: bundles, of which each reads all when it begins, and to which it
//! adds what it keeps.

use crate::bundle::{Bundle, BundleError};
use crate::plan::Plan;
use std::path::Path;

/// The end of the names of bundles.
const END: &str = ".bundle.json";

/// Reads the plans of a folder, in the order of the names of its files. A folder that is not there is empty.
pub fn read(folder: &Path) -> Result<Vec<Plan>, BundleError> {
    let of_folder = |error| BundleError::File { file: folder.to_owned(), error };
    if !folder.try_exists().map_err(of_folder)? {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).map_err(of_folder)?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(of_folder)?.path();
        if file.file_name().is_some_and(|name| name.to_string_lossy().ends_with(END)) {
            files.push(file);
        }
    }
    files.sort_unstable();
    files.iter().map(|file| Ok(Bundle::read(file)?.plan)).collect()
}

/// Keeps a plan with its outcome in a folder, which is created if it is not there.
pub fn keep(bundle: &Bundle, folder: &Path) -> Result<(), BundleError> {
    std::fs::create_dir_all(folder).map_err(|error| BundleError::File { file: folder.to_owned(), error })?;
    bundle.write(&folder.join(bundle.file_name()))
}
