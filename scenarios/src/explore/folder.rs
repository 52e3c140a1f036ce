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
        let is_named_so = file.file_name().is_some_and(|name| name.to_string_lossy().ends_with(END));
        if is_named_so && file.is_file() {
            files.push(file);
        }
    }
    files.sort_unstable();
    files.iter().map(|file| Ok(Bundle::read(file)?.plan)).collect()
}

/// Keeps a plan with its outcome in a folder, which is created if it is not there. The name of the file has the checksum of
/// the plan: those of one scenario and seed may differ, as with and without proxies.
pub fn keep(bundle: &Bundle, folder: &Path) -> Result<(), BundleError> {
    std::fs::create_dir_all(folder).map_err(|error| BundleError::File { file: folder.to_owned(), error })?;
    let (name, plan) = (bundle.file_name(), serde_json::to_vec(&bundle.plan).unwrap_or_default());
    let stem = name.strip_suffix(END).unwrap_or(&name);
    bundle.write(&folder.join(format!("{stem}-{:08x}{END}", crc32c::crc32c(&plan))))
}
