//! Files that a command writes, none of which may be another one of them or the one that it reads.

use super::status::Unusable;
use std::path::{Path, PathBuf};

/// Refuses two options that name one file: one of the two would be lost. Each file has the words by which people gave it.
pub fn check(files: &[(&str, Option<&Path>)]) -> Result<(), Unusable> {
    let given = || files.iter().filter_map(|(option, file)| Some((option, (*file)?)));
    for (at, (option, file)) in given().enumerate() {
        if let Some((other, _)) = given().take(at).find(|(_, other)| place(other) == place(file)) {
            let file = file.display();
            return Err(Unusable::new(format!(
                "{option} {file}: it is the file of {other} as well, and would be written over; give another file"
            )));
        }
    }
    Ok(())
}

/// The place of a file, which may not be there yet: that of its folder, and its name in it.
fn place(file: &Path) -> PathBuf {
    if let Ok(place) = file.canonicalize() {
        return place;
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), file.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => file.to_owned(),
    }
}
