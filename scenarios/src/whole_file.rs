//! Files that are written whole or not at all.
//!
//! A regular file is written beside its place and then renamed, so that nobody ever reads half of it. What is no regular
//! file (a device, a FIFO, a link), and a file that has other names, would be replaced by the renaming: it is written in
//! place.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes `file` by `fill`.
pub fn write(file: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if fs::symlink_metadata(file).is_ok_and(|found| !may_be_replaced(&found)) {
        return fill_into(file, fill);
    }
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let result = fill_into(unfinished, fill).and_then(|()| fs::rename(unfinished, file));
    if result.is_err() {
        let _ = fs::remove_file(unfinished);
    }
    result
}

fn fill_into(file: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(File::create(file)?);
    fill(&mut writer)?;
    let file = writer.into_inner()?;
    // A pipe or a device has nothing to sync.
    if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
}

/// Tells a regular file with one name from all else.
fn may_be_replaced(found: &Metadata) -> bool {
    #[cfg(unix)]
    let names = std::os::unix::fs::MetadataExt::nlink(found);
    #[cfg(not(unix))]
    let names = 1;
    found.is_file() && names == 1
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{FileTypeExt, symlink};

    fn place() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn hello(out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"hello\n")
    }

    fn names(place: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(place.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let place = place();
        let file = place.path().join("a.json");
        write(&file, hello).unwrap();
        let torn = write(&file, |out| {
            out.write_all(b"half of")?;
            Err(io::Error::other("no more"))
        });
        assert_eq!(torn.unwrap_err().to_string(), "no more");
        assert_eq!(fs::read_to_string(&file).unwrap(), "hello\n");
        assert_eq!(names(&place), ["a.json"]);
        write(&place.path().join("none/a.json"), hello).unwrap_err();
        write(place.path(), hello).unwrap_err();
    }

    #[test]
    fn links_stay_links() {
        let place = place();
        let path = |name: &str| place.path().join(name);
        fs::write(path("target"), "a longer text").unwrap();
        symlink("target", path("soft")).unwrap();
        write(&path("soft"), hello).unwrap();
        assert!(fs::symlink_metadata(path("soft")).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(path("target")).unwrap(), "hello\n");
        fs::write(path("target"), "a longer text").unwrap();
        fs::hard_link(path("target"), path("hard")).unwrap();
        write(&path("hard"), hello).unwrap();
        assert_eq!(fs::read_to_string(path("target")).unwrap(), "hello\n", "it has two names still");
        symlink("made", path("dangling")).unwrap();
        write(&path("dangling"), hello).unwrap();
        assert_eq!(fs::read_to_string(path("made")).unwrap(), "hello\n");
    }

    #[test]
    fn devices_and_pipes_stay_what_they_are() {
        write(Path::new("/dev/null"), hello).unwrap();
        assert!(fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device());
        let full = write(Path::new("/dev/full"), hello).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert!(Path::new("/dev/full").exists());
        let place = place();
        let pipe = place.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        write(&pipe, hello).unwrap();
        assert_eq!(reader.join().unwrap(), "hello\n");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    }
}
